// While somebody writes: what is missing and what is doubtful follows the form, in the server's own words.

const form = document.querySelector(".article-form");
const address = document.querySelector(".editing")?.dataset.checks;
let latest = 0;

function typed() {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (typeof value !== "string") data.delete(name); // files stay here
  return data;
}

async function ask() {
  const turn = ++latest;
  const response = await fetch(address, { method: "POST", body: typed(), redirect: "manual" }).catch(() => null);
  if (!response?.ok || turn !== latest) return;
  for (const [name, html] of Object.entries(await response.json())) {
    const part = document.querySelector(`[data-live="${name}"]`);
    if (!part || part.contains(document.activeElement)) continue; // who stands on a link there keeps it
    if (part.innerHTML.trim() !== html.trim()) part.innerHTML = html;
  }
}

if (form && address) {
  let waiting;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 700);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
}
