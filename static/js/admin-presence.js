// Says every twenty seconds, while it can be seen, that this form is open, and shows who else has it open. Who types
// asks more often: a login that has ended is said before much more is written.
import { page, resume, user } from "./unsaved.js";

const EVERY = 20_000;
const TYPING = 4_000;
const editing = document.querySelector(".editing");
const form = document.querySelector(".article-form");
const part = (name) => editing.querySelector(`[data-part=${name}]`);

function show(place, nodes) {
  const text = nodes.map((node) => node.textContent).join("\n");
  if (place.textContent.trim() === text.trim()) return; // said already: nobody is told twice
  place.replaceChildren(...nodes);
}

function line(text) {
  return Object.assign(document.createElement("li"), { textContent: text });
}

function notice(name, who = "") {
  const paragraph = part(name).content.cloneNode(true).firstElementChild;
  const place = paragraph.querySelector("b");
  if (place) place.textContent = who;
  return paragraph;
}

function body(fields) {
  const data = new FormData();
  data.set("window", page);
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

let waiting, told = 0;
async function tell() {
  clearTimeout(waiting);
  if (document.hidden) return;
  told = Date.now();
  waiting = setTimeout(tell, EVERY);
  const options = { method: "POST", body: body({ version: form.seen_version.value }), redirect: "manual" };
  const response = await fetch(editing.dataset.open, options).catch(() => null);
  if (!response) return; // no network: said neither of us nor of others
  if (response.type === "opaqueredirect" || response.status === 403) {
    show(part("signed-out"), [notice("expired")]);
    return;
  }
  if (!response.ok) return;
  const answer = await response.json();
  const another = String(answer.user) !== user;
  // Signed in again in another window: that one's token is the one that counts now.
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = answer.token;
  if (!another) resume();
  show(part("signed-out"), another ? [notice("another", answer.name)] : []);
  show(part("presence"), answer.lines.map(line));
}

if (editing && form) {
  tell();
  document.addEventListener("visibilitychange", tell);
  window.addEventListener("focus", tell);
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(tell, told + TYPING - Date.now()); // at once if it is past
  });
  window.addEventListener("pagehide", () => { navigator.sendBeacon(editing.dataset.open, body({ left: "1" })); });
}
