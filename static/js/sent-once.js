// A second click on a form that is under way does nothing: the answer to the first would not be seen. Whoever waited
// long may click again, and so may who comes back to the page; the server then leads to what the first click made.

const PATIENCE = 10_000; // milliseconds

const underWay = new WeakMap();

// Once the page's own scripts have had their say.
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (performance.now() - (underWay.get(form) ?? -PATIENCE) < PATIENCE) event.preventDefault();
  else underWay.set(form, performance.now());
});

addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) underWay.delete(form);
});
