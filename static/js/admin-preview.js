// The preview beside the text: the form as it stands is posted into a frame, again a moment after typing. Each time
// into a new frame that takes the old one's place once it is there: nothing flickers, and the browser's history stays.

const form = document.querySelector(".article-form");
const panel = document.getElementById("preview-panel");
const opener = document.querySelector("[data-preview-open]");
const roomy = window.matchMedia("(min-width: 1280px)"); // as in admin.css
const OPEN = "sccon:preview"; // what was chosen, for the next page of this window
const SILENT = 20_000;

const holder = panel?.querySelector("[data-part=frame]");
const state = panel?.querySelector("[data-part=state]");
const choice = (name) => panel.querySelector(`[name=preview-${name}]:checked`);

let current = null;
let coming = null;
let again = false;
let shown = "";
let count = 0;

function typed() {
  const entries = [];
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") entries.push([name, value]);
    else if (value.name) entries.push([`${name}-name`, value.name], [`${name}-size`, String(value.size)]); // the file stays here
  }
  return entries;
}

function say(sentence) {
  if (state.textContent !== sentence) state.textContent = sentence;
}

function fit() {
  const width = Number(choice("width").value);
  const scale = Math.min(1, holder.clientWidth / width);
  for (const frame of holder.children) {
    frame.style.width = `${width}px`;
    frame.style.height = `${holder.clientHeight / scale}px`;
    frame.style.transform = `translateX(${Math.max(0, (holder.clientWidth - width * scale) / 2)}px) scale(${scale})`;
    colour(frame);
  }
}

// prefers-color-scheme follows the frame's own colour scheme; where a browser does not know that, light-dark() still does.
function colour(frame) {
  const scheme = choice("scheme").value;
  frame.style.colorScheme = scheme;
  const root = frame.contentDocument?.documentElement;
  if (root && frame !== coming) root.style.colorScheme = scheme;
}

// What is clicked in the preview opens elsewhere, and nothing is sent.
function tame(page) {
  page.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    window.open(link.href, "_blank", "noopener");
  });
  page.addEventListener("submit", (event) => {
    event.preventDefault();
    say(panel.dataset.sent);
  });
}

function arrived(frame) {
  clearTimeout(frame.silence);
  coming = null;
  const page = frame.contentDocument; // null where a page refuses to stand in a frame, such as the login
  if (page?.querySelector(".preview-banner")) {
    tame(page);
    frame.contentWindow.scrollTo(0, current?.contentWindow?.scrollY ?? 0);
    current?.remove();
    current = frame;
    colour(frame);
    frame.classList.remove("coming");
    const dark = frame.contentWindow.matchMedia("(prefers-color-scheme: dark)").matches;
    say(dark === (choice("scheme").value === "dark") ? "" : panel.dataset.scheme);
  } else {
    frame.remove();
    shown = "";
    say(panel.dataset.failed);
  }
  if (again) refresh();
}

function refresh() {
  again = Boolean(coming);
  if (coming || panel.hidden) return;
  const { url, title } = choice("language").dataset;
  const entries = typed();
  const state = JSON.stringify([url, entries]);
  if (state === shown) return;
  shown = state;
  const frame = Object.assign(document.createElement("iframe"), { name: `preview-frame-${count += 1}`, title, className: "coming" });
  coming = frame;
  holder.append(frame);
  fit();
  frame.addEventListener("load", () => arrived(frame));
  frame.silence = setTimeout(() => arrived(frame), SILENT);
  const sent = Object.assign(document.createElement("form"), { method: "post", action: url, target: frame.name, hidden: true });
  for (const [name, value] of entries) sent.append(Object.assign(document.createElement("textarea"), { name, value }));
  document.body.append(sent);
  sent.submit();
  sent.remove();
}

function refreshSoon() {
  clearTimeout(refreshSoon.waiting);
  refreshSoon.waiting = setTimeout(refresh, 700);
}

function show(open) {
  panel.hidden = !open;
  opener.setAttribute("aria-expanded", String(open));
  form.classList.toggle("previewing", open);
  for (const language of ["de", "en"]) form.classList.toggle(`previewing-${language}`, open && choice("language").value === language);
  try {
    if (open) sessionStorage.setItem(OPEN, JSON.stringify(["language", "width", "scheme"].map((name) => choice(name).value)));
    else sessionStorage.removeItem(OPEN);
  } catch { /* then it is not remembered */ }
  if (open) {
    fit();
    refresh();
  }
}

function close() {
  show(false);
  opener.focus();
}

function reopen() {
  const chosen = JSON.parse(sessionStorage.getItem(OPEN) ?? "null");
  if (!chosen || !roomy.matches || document.querySelector(".article-main > .errornote")) return; // marked fields are all to be seen
  for (const [index, name] of ["language", "width", "scheme"].entries()) {
    const radio = panel.querySelector(`[name=preview-${name}][value="${chosen[index]}"]`);
    if (radio) radio.checked = true;
  }
  show(true);
}

if (form && panel && opener) {
  opener.hidden = false;
  opener.addEventListener("click", () => {
    show(panel.hidden);
    if (!panel.hidden) panel.querySelector("h2").focus({ preventScroll: true });
  });
  panel.querySelector("[data-preview-close]").addEventListener("click", close);
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  for (const kind of ["input", "change"]) panel.addEventListener(kind, (event) => event.stopPropagation()); // no text of the article
  panel.addEventListener("change", () => show(true));
  for (const kind of ["input", "change", "click"]) form.addEventListener(kind, refreshSoon);
  roomy.addEventListener("change", () => { if (!roomy.matches) show(false); });
  new ResizeObserver(fit).observe(holder);
  // A link to a field of the language that is hidden shows that language.
  document.addEventListener("click", (event) => {
    const field = document.getElementById(event.target.closest?.('a[href^="#id_"]')?.hash.slice(1) ?? "");
    const language = field?.closest(".lang-de, .lang-en")?.classList.contains("lang-en") ? "en" : "de";
    if (!field?.closest(".lang") || panel.hidden || choice("language").value === language) return;
    panel.querySelector(`[name=preview-language][value=${language}]`).checked = true;
    show(true);
  }, { capture: true });
  setTimeout(reopen);
}
