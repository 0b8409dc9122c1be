// A second click on a form that is under way does nothing: the answer to the first would not be seen. Whoever waited
// long may click again, and so may who takes another button or comes back to the page; the server then leads to what
// the first click made.

const PATIENCE = 10_000; // milliseconds

const underWay = new WeakMap();

// Once the page's own scripts have had their say.
addEventListener("submit", (event) => {
  const { target: form, submitter: button } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  const first = underWay.get(form);
  if (first && first.button === button && performance.now() - first.at < PATIENCE) event.preventDefault();
  else underWay.set(form, { button, at: performance.now() });
});

addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) underWay.delete(form);
});
