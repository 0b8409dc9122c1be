// For every page of the admin: Ctrl+S saves, the menu closes, the first error is reached, what is saved is forgotten,
// a form is sent once, an empty date looks empty.
import { nameMacKeys } from "./mac-keys.js";
import "./sent-once.js";
import "./unsaved.js";

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
    const save = document.querySelector("[data-save], [name=_continue], [name=_save]");
    if (save) {
      event.preventDefault();
      save.click();
    }
  }
});

nameMacKeys(document);

const menu = document.querySelector("details.me");
menu?.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});

// --- A link to a field leads to what can be seen and typed into: the editor in its place, a button, inside what is folded ---

const TYPED = "[role=textbox], [contenteditable=true]";
const FOCUSED = `${TYPED}, input, textarea, select, button, a[href]`;
const takesFocus = (element) => !element.disabled && element.type !== "hidden" && element.getClientRects().length > 0;

function reach(id) {
  const field = document.getElementById(id);
  if (!field) return false;
  for (let folded = field.closest("details:not([open])"); folded; folded = folded.parentElement.closest("details:not([open])")) folded.open = true;
  const row = field.closest(".form-row, .field, .picture-field, .moment, fieldset") ?? field.parentElement;
  const near = [field.matches(FOCUSED) ? field : null, ...field.querySelectorAll(FOCUSED), ...row.querySelectorAll(TYPED), ...row.querySelectorAll(FOCUSED)];
  let target = near.find((element) => element && takesFocus(element));
  if (!target) { // nothing to type: it is shown all the same
    target = row;
    row.tabIndex = -1;
  }
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "center" });
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#id_"]');
  if (link && reach(link.hash.slice(1))) event.preventDefault();
});
// Once everything stands: an editor is put in its place by a module that may come after this one.
if (location.hash.startsWith("#id_")) window.addEventListener("load", () => setTimeout(() => reach(location.hash.slice(1))));

// WebKit shows today in an empty field, pale, as if it were set: admin.css shows nothing there while the field is empty.
function mark(field) {
  if (["date", "time"].includes(field?.type)) field.toggleAttribute("data-empty", !field.value);
}
for (const field of document.querySelectorAll("input")) mark(field);
for (const name of ["input", "change"]) document.addEventListener(name, (event) => mark(event.target));

// A refused form begins with its summary.
document.querySelector(".errornote[autofocus]")?.focus();
