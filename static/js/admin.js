// For every page of the admin: Ctrl+S saves, the menu closes, the first error is reached, what is saved is forgotten,
// a form is sent once.
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

// A refused form begins with its summary.
document.querySelector(".errornote[autofocus]")?.focus();
