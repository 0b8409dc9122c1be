// Keeps what is typed into the article's form in this browser, a moment after typing, until it is saved; offers it
// again when the form is opened after a crash, a closed window or an expired login.
import { forget, keep, leftBehind, page } from "./unsaved.js";

const form = document.querySelector(".article-form");
const editing = document.querySelector(".editing");
const SENT = "sccon:sent"; // the window whose text was sent off from here: if it comes back in the form, it is here
const LATEST = 2000;
const NOT_TEXT = new Set(["csrfmiddlewaretoken", "seen_version", "window"]);

function typed() {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_TEXT.has(name));
}

function start() {
  const { article } = editing.dataset;
  const begun = form.dataset.unsaved === "yes" ? "" : JSON.stringify(typed());
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "window", value: page });
  form.append(field); // so the server can say which text is saved

  function keepNow() {
    clearTimeout(keepNow.waiting);
    keepNow.latest = 0;
    const entries = typed();
    if (JSON.stringify(entries) === begun) forget(article);
    else keep(article, { at: Date.now(), version: form.seen_version.value, entries });
  }
  function keepSoon() {
    clearTimeout(keepNow.waiting);
    // A moment after the last key, but never later than this after the first: who types without a pause loses no more.
    keepNow.latest ||= Date.now() + LATEST;
    keepNow.waiting = setTimeout(keepNow, Math.max(0, Math.min(400, keepNow.latest - Date.now())));
  }
  form.addEventListener("input", keepSoon);
  form.addEventListener("change", keepSoon);
  form.addEventListener("click", keepSoon); // another file, a picture taken away
  form.addEventListener("submit", (event) => {
    keepNow();
    if (!event.submitter?.formTarget) sessionStorage.setItem(SENT, page);
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keepNow(); });
  window.addEventListener("pagehide", keepNow);
  if (!begun) { // what came back from the server unsaved
    keepNow();
    forget(article, sessionStorage.getItem(SENT) ?? page);
  }
  sessionStorage.removeItem(SENT);
}

// --- The offer ---------------------------------------------------------------------------------------------------

function post(kept) {
  const data = new FormData();
  for (const [name, value] of kept.entries) data.append(name, value);
  data.set("csrfmiddlewaretoken", form.csrfmiddlewaretoken.value);
  data.set("seen_version", kept.version);
  data.set("kept_at", kept.at);
  return data;
}

// As if it were typed here: the server puts it into the form, merged with what was saved since.
function take(kept) {
  const resent = Object.assign(document.createElement("form"), { method: "post", action: location.pathname, hidden: true });
  const data = post(kept);
  data.set("_restore", "1");
  for (const [name, value] of data) {
    const field = document.createElement("textarea"); // unlike an input it keeps line breaks
    field.name = name;
    field.value = value;
    resent.append(field);
  }
  document.body.append(resent);
  sessionStorage.setItem(SENT, kept.window);
  resent.submit();
}

async function offer(kept) {
  const { article } = editing.dataset;
  const response = await fetch(editing.dataset.unsaved, { method: "POST", body: post(kept), redirect: "manual" }).catch(() => null);
  if (response?.status === 204) return forget(article, kept.window); // it is what is stored
  if (!response?.ok) return undefined; // it stays, and is offered the next time
  const section = editing.querySelector("template[data-part=offer]").content.cloneNode(true).firstElementChild;
  section.querySelector("[data-part=differences]").innerHTML = await response.text();
  section.addEventListener("click", (event) => {
    const answer = event.target.closest("button")?.value;
    if (answer === "take") take(kept);
    if (answer === "discard") {
      forget(article, kept.window);
      section.remove();
      form.querySelector("textarea, input:not([type=hidden])")?.focus();
    }
  });
  editing.querySelector("[data-part=offers]").append(section);
  return undefined;
}

async function offerAll() {
  for (const kept of await leftBehind(editing.dataset.article)) await offer(kept);
}

if (form && editing) {
  setTimeout(start); // when the other modules have put their fields in place
  if (form.dataset.unsaved !== "yes") offerAll();
}
