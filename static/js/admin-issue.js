// The form of a newsletter's issue: all of it works without this. Here items move by buttons and by dragging, new ones
// appear when they are wanted, and the checks and the preview beside the text follow what is typed.
import "./admin-unsaved.js";

const form = document.querySelector(".issue-form");
const editing = document.querySelector(".editing");
const list = form.querySelector(".issue-items");
const items = () => [...list.children];

// --- Order ---------------------------------------------------------------------------------------

const numberOf = (item) => item.querySelector(".item-number input");
const nameOf = (item) => item.querySelector(".item-name").textContent.trim();
const used = () => items().filter((item) => !item.classList.contains("unused"));

function number() {
  for (const [index, item] of items().entries()) numberOf(item).value = index + 1;
  const shown = used();
  for (const item of shown) {
    item.querySelector("[value=up]").disabled = item === shown[0];
    item.querySelector("[value=down]").disabled = item === shown.at(-1);
  }
}

function say(item) {
  const part = editing.querySelector("[data-part=said]");
  part.textContent = part.dataset.moved.replace("ITEM", nameOf(item)).replace("NUMBER", numberOf(item).value);
}

function moved(item) {
  number();
  say(item);
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

list.addEventListener("click", (event) => {
  const button = event.target.closest(".movers button");
  const item = button?.closest(".issue-item");
  if (!item) return;
  const shown = used();
  const other = shown[shown.indexOf(item) + (button.value === "up" ? -1 : 1)];
  if (!other) return;
  if (button.value === "up") other.before(item);
  else other.after(item);
  moved(item);
  if (button.disabled) item.querySelector(".movers button:enabled")?.focus();
  else button.focus();
});

let dragged = null;
list.addEventListener("dragstart", (event) => {
  if (!event.target.closest?.(".grip")) return;
  dragged = event.target.closest(".issue-item");
  dragged.classList.add("dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", nameOf(dragged));
  event.dataTransfer.setDragImage(dragged, 20, 20);
});
list.addEventListener("dragover", (event) => {
  const over = event.target.closest(".issue-item");
  if (!dragged || !over) return;
  event.preventDefault();
  if (over === dragged) return;
  const box = over.getBoundingClientRect();
  if (event.clientY < box.top + box.height / 2) over.before(dragged);
  else over.after(dragged);
});
list.addEventListener("drop", (event) => { if (dragged) event.preventDefault(); });
list.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.classList.remove("dragged");
  moved(dragged);
  dragged = null;
});

// A number that is typed moves the item there.
list.addEventListener("change", (event) => {
  if (!event.target.matches(".item-number input")) return;
  const item = event.target.closest(".issue-item");
  const others = items().filter((other) => other !== item);
  const place = Math.max(1, Number(event.target.value) || items().length);
  if (place > others.length) list.append(item);
  else others[place - 1].before(item);
  moved(item);
  event.target.focus();
});

// --- Adding --------------------------------------------------------------------------------------

const adders = form.querySelector(".adders");

function add(kind) {
  const item = items().find((each) => each.classList.contains("unused"));
  if (!item) {
    adders.querySelector("[data-part=full]").hidden = false;
    return;
  }
  item.classList.remove("unused");
  used().at(-1).after(item);
  number();
  const article = item.querySelector("select");
  article.closest(".form-row").hidden = kind === "block";
  item.querySelector("details").open = kind === "block";
  (kind === "block" ? item.querySelector("details input:not([type=hidden])") : article).focus();
}

adders.addEventListener("click", (event) => { if (event.target.dataset.add) add(event.target.dataset.add === "1" ? "article" : "block"); });

// --- Checks --------------------------------------------------------------------------------------

async function check() {
  const state = form.querySelector("[data-part=checks]");
  const response = await fetch(editing.dataset.checks, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => null);
  if (response?.ok) state.innerHTML = await response.text();
}

// --- The preview beside the text: each time in a new frame, which takes the old one's place once it is there ---------

const panel = document.getElementById("preview-panel");
const opener = form.querySelector("[data-preview-open]");
const holder = panel.querySelector("[data-part=frame]");
const roomy = window.matchMedia("(min-width: 1280px)"); // as in admin.css
const chosen = (name) => panel.querySelector(`[name=preview-${name}]:checked`);
let current = null;
let coming = null;
let again = false;
let count = 0;

function fit() {
  const width = Number(chosen("width").value);
  const scale = Math.min(1, holder.clientWidth / width);
  for (const frame of holder.children) {
    frame.style.width = `${width}px`;
    frame.style.height = `${holder.clientHeight / scale}px`;
    frame.style.transform = `translateX(${Math.max(0, (holder.clientWidth - width * scale) / 2)}px) scale(${scale})`;
  }
}

function arrived(frame) {
  if (frame !== coming) return;
  coming = null;
  const top = current?.contentWindow?.scrollY ?? 0;
  current?.remove();
  current = frame;
  frame.classList.remove("coming");
  try {
    frame.contentWindow.scrollTo(0, top);
  } catch { /* a page that refuses to be framed */ }
  if (again) refresh();
}

function refresh() {
  again = Boolean(coming);
  if (coming || panel.hidden) return;
  const language = chosen("language");
  const mode = panel.querySelector("[name=preview-mode]").value;
  const frame = document.createElement("iframe");
  Object.assign(frame, { name: `preview-frame-${count += 1}`, title: language.dataset.title, className: "coming" });
  // Without scripts; of our origin, for its pictures need the login.
  frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
  coming = frame;
  holder.append(frame);
  fit();
  const address = language.dataset.url.replace(/light\/$/, `${mode}/`);
  const sent = Object.assign(document.createElement("form"), { method: "post", action: address, target: frame.name, hidden: true });
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") sent.append(Object.assign(document.createElement("textarea"), { name, value }));
  }
  document.body.append(sent);
  frame.addEventListener("load", () => arrived(frame));
  sent.submit();
  sent.remove();
}

function show(open) {
  panel.hidden = !open;
  opener.setAttribute("aria-expanded", String(open));
  form.classList.toggle("previewing", open);
  for (const language of ["de", "en"]) form.classList.toggle(`previewing-${language}`, open && chosen("language").value === language);
  if (!open) return;
  fit();
  refresh();
}

function follow() {
  clearTimeout(follow.waiting);
  follow.waiting = setTimeout(() => {
    check();
    refresh();
  }, 700);
}

form.classList.add("served");
for (const part of form.querySelectorAll(".movers, .grip")) part.hidden = false;
adders.hidden = false;
opener.hidden = false;
number();

opener.addEventListener("click", () => {
  show(panel.hidden);
  if (!panel.hidden) panel.querySelector("h2").focus({ preventScroll: true });
});
panel.querySelector("[data-preview-close]").addEventListener("click", () => {
  show(false);
  opener.focus();
});
panel.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  show(false);
  opener.focus();
});
for (const kind of ["input", "change"]) panel.addEventListener(kind, (event) => event.stopPropagation()); // no text of the issue
panel.addEventListener("change", () => show(true));
for (const kind of ["input", "change"]) form.addEventListener(kind, follow);
roomy.addEventListener("change", () => { if (!roomy.matches) show(false); });
new ResizeObserver(fit).observe(holder);
