// Before publishing, withdrawing, moving a plan: the sentence that says what will happen follows the answers, in the
// server's own words, and what it does not depend on is not asked.

const form = document.querySelector("form.question");
const sentence = form?.querySelector("[data-outcome]");
const button = form?.querySelector("[data-outcome-button]");

let latest = 0;
async function tell() {
  const turn = ++latest;
  const answers = new URLSearchParams(new FormData(form));
  answers.delete("csrfmiddlewaretoken");
  answers.set("outcome_of", "1");
  const response = await fetch(`?${answers}`);
  if (!response.ok || turn !== latest) return;
  const outcome = await response.json();
  if (sentence.textContent !== outcome.sentence) sentence.textContent = outcome.sentence;
  button.textContent = outcome.button;
  for (const part of form.querySelectorAll("[data-part]")) part.hidden = outcome.hidden?.includes(part.dataset.part);
  const instead = form.querySelector("[data-instead]");
  instead?.replaceChildren(...outcome.instead.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
}

if (sentence && button) {
  form.addEventListener("change", tell);
  // Whoever sets a day means "on", not "at once".
  for (const field of form.querySelectorAll("[name=at_date], [name=at_time]")) {
    field.addEventListener("input", () => {
      const on = form.querySelector("[name=when][value=at]");
      if (on) on.checked = true;
    });
  }
}
