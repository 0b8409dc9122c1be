// Asks what a save means for the translation only once a text of that language has been changed; a question that nobody
// saw is not answered. Without this script both questions stand there all the time.

const asked = document.querySelector("[data-translation]");
if (asked) {
  const form = asked.closest("form");
  const texts = /^(?:title|lead|body|seo_title|seo_description)_(de|en)$/;
  const field = (target) => target.closest?.("[name]") ?? target.closest?.(".form-row")?.querySelector("textarea[name]");
  const questions = [...asked.querySelectorAll("[data-asked-with]")];
  const english = questions.find((question) => question.dataset.askedWith === "en");
  const show = (language, shown = true) => {
    for (const question of questions.filter((each) => each.dataset.askedWith === language)) {
      question.hidden = !shown;
      question.querySelector("input").disabled = !shown;
    }
    asked.querySelector("[name=translation_asked]").disabled = english.hidden;
  };
  const changed = (event) => {
    const language = texts.exec(field(event.target)?.name ?? "")?.[1];
    if (language) show(language);
  };
  for (const question of questions) show(question.dataset.askedWith, "changed" in question.dataset);
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
}
