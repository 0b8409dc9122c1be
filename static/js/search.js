// Suggests topics and titles while one types in a search field: a combobox with a list, as the ARIA Authoring
// Practices describe it. Without it the field is a plain form. Keeps nothing.

const PAUSE = 150; // milliseconds without a key
const SHORTEST = 2; // letters

for (const input of document.querySelectorAll("input[data-suggestions]")) enhance(input);

function enhance(input) {
  const form = input.form;
  const list = document.createElement("div");
  const status = document.createElement("p");
  list.id = `${input.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0].textContent);
  list.hidden = true;
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  form.append(list, status);
  input.setAttribute("role", "combobox"); // not as properties: Firefox before 119 keeps those to itself
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  let timer;
  let asked;
  let chosen = -1;

  function close() {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    status.textContent = "";
    choose(-1);
  }

  function choose(number) {
    chosen = number;
    for (const [index, option] of [...list.children].entries()) option.setAttribute("aria-selected", String(index === number));
    if (number < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[number].id);
  }

  function show(suggestions) {
    list.replaceChildren(...suggestions.map((suggestion, index) => option(suggestion, `${list.id}-${index}`)));
    list.hidden = !suggestions.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = suggestions.length ? `${suggestions.length} ${input.dataset.some}` : input.dataset.none;
    choose(-1);
  }

  async function ask() {
    const words = input.value.trim();
    asked?.abort();
    if (words.length < SHORTEST) return close();
    asked = new AbortController();
    try {
      const address = `${input.dataset.suggestions}?${new URLSearchParams({ q: words })}`;
      const answer = await fetch(address, { signal: asked.signal, credentials: "omit" });
      if (answer.ok && document.activeElement === input) show((await answer.json()).suggestions);
    } catch (error) {
      if (error.name !== "AbortError") close(); // without a line there are no suggestions
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      close();
      event.preventDefault(); // the first Escape closes the list, the second empties the field
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(list.children[chosen].dataset.url);
    } else if (["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      if (list.hidden) ask();
      // Before the first and after the last is the field itself.
      else choose(next(chosen, list.children.length, event.key === "ArrowDown" ? 1 : -1));
    } else if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
      choose(-1); // the caret moves in the field
    }
  });
  input.addEventListener("blur", close);
  form.addEventListener("submit", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const url = event.target.closest("[role=option]")?.dataset.url;
    if (url) location.assign(url);
  });
}

function next(chosen, count, step) {
  return ((chosen + 1 + step + count + 1) % (count + 1)) - 1;
}

function option({ kind, text, url }, id) {
  const element = document.createElement("div");
  const name = document.createElement("span");
  element.setAttribute("role", "option");
  element.id = id;
  element.dataset.url = url;
  name.textContent = text;
  element.append(name);
  if (kind) {
    const small = document.createElement("small");
    small.textContent = kind;
    element.append(small);
  }
  return element;
}
