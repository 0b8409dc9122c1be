// Says before the reservation ends that it will, and keeps what was typed when a link leads away from the form.

const box = document.querySelector(".reservation[data-left]");
const SOON = 5 * 60; // seconds before the end

if (box) {
  const said = box.querySelector(".ends");
  const ends = Date.now() + Number(box.dataset.left) * 1000;
  const look = () => {
    const left = (ends - Date.now()) / 1000;
    const text = left <= 0 ? said.dataset.over : left <= SOON ? said.dataset.soon : "";
    if (said.textContent !== text) said.textContent = text;
    if (left > 0) setTimeout(look, Math.min(left > SOON ? left - SOON : left, 30) * 1000 + 50);
  };
  // A live region speaks of what changes in it, not of what it has when the page opens.
  requestAnimationFrame(look);
  addEventListener("pageshow", look);
}

for (const form of document.querySelectorAll("form[data-keep-before-leaving]")) {
  addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[href]");
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || link.target || link.origin !== location.origin || link.href.split("#")[0] === location.href.split("#")[0]) return;
    event.preventDefault();
    const typed = new FormData(form);
    typed.set("to", "kept");
    // Whatever becomes of it, the link is followed.
    await fetch(form.action, { method: "POST", body: new URLSearchParams(typed), signal: AbortSignal.timeout(3000) }).catch(() => {});
    location.assign(link.href);
  });
}
