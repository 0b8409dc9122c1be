// The picture library in a dialog (news/chooser.py): search, pages, upload in place, choose.
//
// choosePicture(element, heading) reads the library's address from data-choose, and what to say when it does not answer
// from data-failed; what it is chosen for may stand above it. It answers with {id, name, thumbnail, alt: {de, en}, caption: {de, en}, credit, decorative, width,
// height}, or null if nobody chose. It is used by the rich text editor and by picture-field.js.

// A picture, or a page of the library; neither if we are signed out meanwhile or something broke. Never leads away
// from the page: what was typed there is not saved.
async function ask(address, options = {}) {
  const response = await fetch(address, options).catch(() => null);
  const type = response?.headers.get("Content-Type") ?? "";
  if (type.startsWith("application/json") && response.ok) return { picture: await response.json() };
  if (!type.startsWith("text/html")) return {};
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return { chooser: page.querySelector(".picture-chooser") };
}

class Chooser {
  constructor(dialog, failed, choose) {
    this.dialog = dialog;
    this.failed = failed;
    this.choose = choose;
    dialog.addEventListener("click", (event) => this.click(event));
    dialog.addEventListener("submit", (event) => this.submit(event));
    dialog.addEventListener("input", (event) => this.type(event));
  }

  click(event) {
    const button = event.target.closest("button, a");
    if (button?.dataset.picture) this.choose(JSON.parse(button.dataset.picture));
    else if (button?.value === "cancel") this.dialog.close();
    else if (button?.matches("nav a")) {
      event.preventDefault();
      this.show(button.href);
    }
  }

  submit(event) {
    event.preventDefault();
    const form = event.target;
    if (form.method === "post") this.upload(form);
    else this.search(form);
  }

  type(event) {
    if (event.target.type !== "search") return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.search(event.target.form), 250);
  }

  search(form) {
    clearTimeout(this.waiting);
    this.show(`${form.action}?${new URLSearchParams(new FormData(form))}`);
  }

  // Only the pictures are replaced: what was typed, and the focus, stay.
  async show(address) {
    this.latest = address;
    const { chooser } = await ask(address);
    if (this.latest !== address) return;
    if (!chooser) {
      window.alert(this.failed);
      return;
    }
    for (const part of ["results", "status"]) {
      this.dialog.querySelector(`[data-part=${part}]`).replaceChildren(...chooser.querySelector(`[data-part=${part}]`).childNodes);
    }
  }

  async upload(form) {
    const button = form.querySelector("button");
    button.disabled = true;
    form.setAttribute("aria-busy", "true");
    const { picture, chooser } = await ask(form.action, { method: "POST", body: new FormData(form) });
    button.disabled = false;
    form.setAttribute("aria-busy", "false");
    if (picture) this.choose(picture);
    else if (chooser) this.refuse(form, chooser.querySelector("form[method=post]"));
    else window.alert(this.failed);
  }

  // The sentences stand beside their fields. The file stays chosen, for it is the browser's.
  refuse(form, answer) {
    for (const row of form.querySelectorAll("[data-field]")) {
      row.querySelector(".errorlist")?.remove();
      const now = answer.querySelector(`[data-field="${row.dataset.field}"]`);
      const errors = now.querySelector(".errorlist");
      if (errors) row.querySelector("label").after(errors);
      const input = row.querySelector("input, textarea");
      for (const name of ["aria-invalid", "aria-describedby"]) {
        const value = now.querySelector("input, textarea").getAttribute(name);
        if (value) input.setAttribute(name, value);
        else input.removeAttribute(name);
      }
    }
    form.querySelector("[aria-invalid=true]")?.focus();
  }
}

export async function choosePicture({ dataset }, heading = "") {
  const { chooser } = await ask(dataset.choose);
  if (!chooser) {
    window.alert(dataset.failed);
    return null;
  }
  if (heading) chooser.querySelector("h2").textContent = heading;
  const dialog = document.createElement("dialog");
  dialog.className = "picture-dialog";
  dialog.setAttribute("aria-labelledby", chooser.querySelector("h2").id);
  dialog.append(chooser);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let chosen = null;
    new Chooser(dialog, dataset.failed, (picture) => {
      chosen = picture;
      dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(chosen);
    });
    dialog.showModal();
  });
}
