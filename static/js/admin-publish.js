// Before publishing: the sentence that says what will happen follows the answers, in the server's own words.

const form = document.querySelector("form.question");
const sentence = form?.querySelector("[data-outcome]");
const button = form?.querySelector("[data-outcome-button]");

let latest = 0;
async function tell() {
  const turn = ++latest;
  const answers = new URLSearchParams(new FormData(form));
  answers.delete("csrfmiddlewaretoken");
  answers.set("outcome", "1");
  const response = await fetch(`?${answers}`);
  if (!response.ok || turn !== latest) return;
  const outcome = await response.json();
  if (sentence.textContent !== outcome.sentence) sentence.textContent = outcome.sentence;
  button.textContent = outcome.button;
}

if (sentence && button) {
  form.addEventListener("change", tell);
  // Whoever sets a day means "on", not "at once".
  for (const field of form.querySelectorAll("[name=at_date], [name=at_time]")) {
    field.addEventListener("input", () => { form.querySelector("[name=when][value=at]").checked = true; });
  }
}
