// For every page of the admin: Ctrl+S saves, the menu closes, the first error is reached, what is saved is forgotten,
// an empty date looks empty.
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

// WebKit shows today in an empty field, pale, as if it were set: admin.css shows nothing there while the field is empty.
function mark(field) {
  if (["date", "time"].includes(field?.type)) field.toggleAttribute("data-empty", !field.value);
}
for (const field of document.querySelectorAll("input")) mark(field);
for (const name of ["input", "change"]) document.addEventListener(name, (event) => mark(event.target));

// A refused form begins with its summary.
document.querySelector(".errornote[autofocus]")?.focus();
