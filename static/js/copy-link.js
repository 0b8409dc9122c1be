// Copies a page's address. Without JavaScript or a clipboard the button stays hidden, and nothing is missing.

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.closest("li").hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.closest("aside").querySelector("[role=status]").textContent = button.dataset.copied;
  });
}
