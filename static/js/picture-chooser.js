// The picture library in a dialog (news/chooser.py): search, pages, upload in place, choose.
//
// choosePicture(address) answers with {id, name, thumbnail, alt: {de, en}, caption: {de, en}, credit, width,
// height}, or null if nobody chose. It is used by the rich text editor and by every <div data-picture-field>.

async function fetchPage(address, options = {}) {
  const response = await fetch(address, { headers: { "X-Requested-With": "fetch" }, ...options });
  if (response.headers.get("Content-Type")?.startsWith("application/json")) return { picture: await response.json() };
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const chooser = page.querySelector(".picture-chooser");
  // Signed out meanwhile, or something broke: the page that came instead says it better than we can.
  if (!chooser) window.location.assign(response.redirected ? response.url : address);
  return { chooser };
}

class Chooser {
  constructor(dialog, choose) {
    this.dialog = dialog;
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
    const { chooser } = await fetchPage(address);
    if (!chooser || this.latest !== address) return;
    for (const part of ["results", "status"]) {
      this.dialog.querySelector(`[data-part=${part}]`).replaceChildren(...chooser.querySelector(`[data-part=${part}]`).childNodes);
    }
  }

  async upload(form) {
    const button = form.querySelector("button");
    button.disabled = true;
    form.ariaBusy = "true";
    const { picture, chooser } = await fetchPage(form.action, { method: "POST", body: new FormData(form) });
    if (picture) return this.choose(picture);
    if (!chooser) return undefined;
    // Refused: the sentences stand beside their fields. The file stays chosen, for it is the browser's.
    const answer = chooser.querySelector("form[method=post]");
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
    button.disabled = false;
    form.ariaBusy = "false";
    return form.querySelector("[aria-invalid=true]")?.focus();
  }
}

export async function choosePicture(address) {
  const { chooser } = await fetchPage(address);
  if (!chooser) return null;
  const dialog = document.createElement("dialog");
  dialog.className = "picture-dialog";
  dialog.setAttribute("aria-labelledby", chooser.querySelector("h2").id);
  dialog.append(chooser);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let chosen = null;
    new Chooser(dialog, (picture) => {
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
