// Preview links are made and revoked without leaving the form, in which there may be unsaved text.

const share = () => document.querySelector("[data-share]");
const sender = document.getElementById("share-form");

function prepare(section) {
  // What is chosen here is nobody's text.
  for (const kind of ["input", "change"]) section.addEventListener(kind, (event) => event.stopPropagation());
  for (const button of section.querySelectorAll("[data-copy-link]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copyLink).value);
      section.querySelector(".said").textContent = button.dataset.copied;
    });
  }
  for (const field of section.querySelectorAll("input[readonly]")) field.addEventListener("focus", () => field.select());
}

async function send(event) {
  event.preventDefault();
  const data = new FormData(sender, event.submitter);
  const response = await fetch(sender.action, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" }, redirect: "manual" }).catch(() => null);
  if (!response?.ok) { // signed out, or broken: the whole page says so
    sender.removeEventListener("submit", send);
    sender.requestSubmit(event.submitter);
    return;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-share]");
  share().replaceWith(fresh);
  prepare(fresh);
  const made = fresh.querySelector(".share-links input");
  if (data.has("make") && made) made.focus();
  else fresh.querySelector("h2").focus();
}

if (sender && share()) {
  prepare(share());
  sender.addEventListener("submit", send);
}
