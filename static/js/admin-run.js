// The page of an issue under way stays true: its numbers are asked for again, and the page itself when its state changed.

const run = document.querySelector("[data-run][data-under-way]");

async function ask() {
  if (document.hidden) return;
  const response = await fetch(run.dataset.run, { redirect: "manual" }).catch(() => null);
  if (!response?.ok) return;
  if (response.headers.get("X-Status") !== run.dataset.status) location.reload();
  else run.innerHTML = await response.text();
}

if (run) setInterval(ask, 3000);
