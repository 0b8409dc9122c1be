// Asks what a save means for the translation only once a text of that language has been changed.
// Without this script both questions stand there all the time.

const asked = document.querySelector("[data-translation]");
if (asked) {
  const form = asked.closest("form");
  const texts = /^(?:title|lead|body|seo_title|seo_description)_(de|en)$/;
  const field = (target) => target.closest?.("[name]") ?? target.closest?.(".form-row")?.querySelector("textarea[name]");
  const show = (language) => {
    const question = asked.querySelector(`[data-asked-with="${language}"]`);
    if (question) question.hidden = false;
  };
  const changed = (event) => {
    const language = texts.exec(field(event.target)?.name ?? "")?.[1];
    if (language) show(language);
  };
  if (form.dataset.unsaved !== "yes") {
    for (const question of asked.querySelectorAll("[data-asked-with]")) question.hidden = true;
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
}
