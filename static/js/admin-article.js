// The article's form: all of it works without this; here it becomes quicker.
import "./admin-unsaved.js";
import "./admin-live.js";
import "./admin-presence.js";
import "./admin-preview.js";
import "./admin-share.js";

// --- Counters: how much of what is shown everywhere has been used -------------------------------

for (const field of document.querySelectorAll("[data-advice]")) {
  const help = document.getElementById(`${field.id}_helptext`);
  if (!help) continue;
  const sentence = help.textContent.trim();
  const most = Number(field.dataset.advice);
  const count = () => {
    help.textContent = field.value ? `${field.value.length} / ${most}` : sentence;
    help.classList.toggle("over", field.value.length > most);
  };
  field.addEventListener("input", count);
  count();
}

// --- What only press releases have: shown when it is one -----------------------------------------

const kind = document.getElementById("id_kind");
const press = document.querySelector("fieldset.press details");
if (kind && press) {
  const show = () => {
    if (kind.value === "press") press.open = true;
  };
  kind.addEventListener("change", show);
  show();
}

// --- The address, as the server will make it from the title --------------------------------------

function slug(title, letters) {
  const spelt = (text) => text.toLowerCase().replace(/[^a-z0-9]/gu, (letter) => letters.get(letter) ?? letter);
  const seen = title.normalize("NFC").replace(/\p{Cf}/gu, "").replace(/(?<=[\p{L}\d])['’ʼ](?=[\p{L}\d])/gu, "");
  const plain = spelt(spelt(seen).normalize("NFKD").replace(/\p{M}/gu, ""));
  let made = plain.split(/[^a-z0-9]+/).filter(Boolean).join("-");
  if (made.length > 120) made = made.slice(0, 121).replace(/-[^-]*$/, "").slice(0, 120);
  return made;
}
for (const field of document.querySelectorAll("[data-slug-of]")) {
  const title = document.getElementById(field.dataset.slugOf);
  const letters = new Map(field.dataset.spelt.split(" ").map((each) => [each[0], each.slice(1)]));
  if (!title) continue;
  // Once it is saved it follows on, as on the server, unless somebody has chosen it.
  let follows = field.value === slug(title.value, letters);
  const suggest = () => {
    field.placeholder = slug(title.value, letters);
    if (follows && field.value && field.placeholder) field.value = field.placeholder;
  };
  title.addEventListener("input", suggest);
  field.addEventListener("input", () => { follows = !field.value || field.value === field.placeholder; });
  suggest();
}

// --- Topics: the next free place for whoever is ticked --------------------------------------------

for (const list of document.querySelectorAll("[data-ordered-topics]")) {
  const rows = [...list.querySelectorAll(".ordered-topic")].map((row) => ({ box: row.querySelector("input"), place: row.querySelector("select") }));
  // No fourth can be ticked that the server would refuse.
  const full = () => {
    const most = rows.filter(({ box }) => box.checked).length >= Number(list.dataset.most);
    for (const { box } of rows) box.disabled = most && !box.checked;
    list.querySelector("[data-part=full]").hidden = !most;
  };
  full();
  list.addEventListener("change", (event) => {
    full();
    const row = rows.find(({ box }) => box === event.target);
    if (row) {
      const taken = new Set(rows.filter(({ box }) => box.checked).map(({ place }) => place.value));
      row.place.value = row.box.checked ? ["1", "2", "3"].find((place) => !taken.has(place)) ?? "" : "";
      return;
    }
    // Two cannot have one place: the other takes the one that became free.
    const moved = rows.find(({ place }) => place === event.target);
    const chosen = rows.filter(({ box }) => box.checked);
    const twin = chosen.find((other) => other !== moved && other.place.value === moved.place.value);
    if (twin) {
      const taken = new Set(chosen.filter((other) => other !== twin).map(({ place }) => place.value));
      twin.place.value = ["1", "2", "3"].find((place) => !taken.has(place)) ?? "";
    }
  });
}

// --- Articles found by a word instead of in a list of the newest -----------------------------------

// By attribute: browsers of 2023 do not know each as a property.
function dress(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

class Picker {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector("ul");
    const select = root.querySelector("select");
    this.input = dress(document.createElement("input"), { type: "search", id: select.id, placeholder: root.dataset.label, autocomplete: "off", role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-label": root.dataset.label });
    this.options = dress(document.createElement("ul"), { role: "listbox", id: `${select.id}_found`, "aria-label": root.dataset.label, hidden: "" });
    this.input.setAttribute("aria-controls", this.options.id);
    select.replaceWith(this.input, this.options);
    this.input.addEventListener("input", () => {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.search(), 200);
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.options.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option?.dataset.id) this.add(option);
    });
  }

  async search() {
    const term = this.input.value.trim();
    if (!term) return this.close();
    const query = new URLSearchParams({ term, app_label: "news", model_name: "article", field_name: "related" });
    const response = await fetch(`${this.root.dataset.search}?${query}`);
    if (!response.ok || term !== this.input.value.trim()) return undefined;
    const { results } = await response.json();
    const chosen = new Set([...this.list.querySelectorAll("input")].map((box) => box.value));
    const found = results.filter(({ id }) => !chosen.has(id));
    this.options.replaceChildren(...(found.length ? found : [{ id: "", text: this.root.dataset.none }]).map(({ id, text }, index) => {
      const option = dress(document.createElement("li"), { role: "option", id: `${this.options.id}_${index}`, "aria-selected": "false" });
      option.textContent = text;
      option.dataset.id = id;
      return option;
    }));
    this.options.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    return undefined;
  }

  key(event) {
    const options = [...this.options.children];
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && !this.options.hidden) {
      event.preventDefault();
      if (options[at]?.dataset.id) this.add(options[at]);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length && !this.options.hidden) {
      event.preventDefault();
      const next = options[(at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length];
      for (const option of options) option.setAttribute("aria-selected", String(option === next));
      this.input.setAttribute("aria-activedescendant", next.id);
      next.scrollIntoView({ block: "nearest" });
    }
  }

  add(option) {
    if ("single" in this.root.dataset) this.list.replaceChildren();
    const label = document.createElement("label");
    label.append(Object.assign(document.createElement("input"), { type: "checkbox", name: this.root.dataset.name, value: option.dataset.id, checked: true }), ` ${option.textContent}`);
    const item = document.createElement("li");
    item.append(label);
    this.list.append(item);
    this.input.value = "";
    this.close();
  }

  close() {
    this.options.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
for (const root of document.querySelectorAll("[data-article-picker]")) new Picker(root);

// --- More files -----------------------------------------------------------------------------------

for (const part of document.querySelectorAll("[data-formset]")) {
  const total = part.querySelector(`[name="${part.dataset.formset}-TOTAL_FORMS"]`);
  const template = part.querySelector("template");
  const button = part.querySelector("[data-add]");
  if (!template || !button) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const row = template.content.cloneNode(true);
    for (const element of row.querySelectorAll("[name], [id], [for]")) {
      for (const name of ["name", "id", "for"]) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, value.replace("__prefix__", total.value));
      }
    }
    total.value = Number(total.value) + 1;
    template.before(row);
    template.previousElementSibling.querySelector("input:not([type=hidden])")?.focus();
  });
}

// A chosen file proposes its title, as the server would (news/pictures/attachments.py).
function titleFrom(name) {
  let words = name.replace(/^.*[\\/]/, "").replace(/(?<=[^.])\.[^.]*$/, "").replace(/%20/g, " ").replace(/[_+\s]+/g, " ").trim();
  if (!words.includes(" ")) words = words.replace(/-+(?!\d)|(?<!\d)-+/g, " ").trim();
  return (words.slice(0, 1).toUpperCase() + words.slice(1)).slice(0, 200);
}
for (const part of document.querySelectorAll("[data-formset]")) {
  part.addEventListener("change", ({ target }) => {
    if (target.type !== "file" || !target.files.length) return;
    const titles = ["de", "en"].map((language) => document.getElementById(target.id.replace(/file$/, `title_${language}`)));
    if (titles.some(({ value, dataset }) => value && value !== dataset.proposed)) return;
    const english = document.getElementById("id_title_en").value && !document.getElementById("id_title_de").value;
    for (const title of titles) title.value = "";
    const title = titles[english ? 1 : 0];
    title.value = title.dataset.proposed = titleFrom(target.files[0].name);
    title.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// --- What is not saved is not left by accident ------------------------------------------------------

const form = document.querySelector(".article-form");
if (form) {
  let unsaved = form.dataset.unsaved === "yes";
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", (event) => { if (!event.submitter?.formTarget) unsaved = false; });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
}
