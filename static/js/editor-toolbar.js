// The toolbar of the rich text editor: one tab stop, arrow keys inside, every button says whether it is pressed.
import { nameMacKeys } from "./mac-keys.js";
import { linkAddress } from "./paste-links.js";

const quote = (editor, pull) => {
  if (editor.isActive("blockquote", { pull })) return editor.chain().focus().lift("blockquote").run();
  if (editor.isActive("blockquote")) return editor.chain().focus().updateAttributes("blockquote", { pull }).run();
  return editor.chain().focus().wrapIn("blockquote", { pull }).run();
};

// name: [what it does, whether it is pressed, whether it can be used]
const mark = (name) => [(e) => e.chain().focus().toggleMark(name).run(), (e) => e.isActive(name), (e) => e.can().toggleMark(name)];
const simple = (command) => [(e) => e.chain().focus()[command]().run(), null, (e) => e.can()[command]()];
const heading = (level) => [
  (e) => e.chain().focus().toggleHeading({ level }).run(),
  (e) => e.isActive("heading", { level }),
  (e) => e.can().toggleHeading({ level }),
];
const TOOLS = {
  heading: heading(2),
  subheading: heading(3),
  bold: mark("bold"),
  italic: mark("italic"),
  strike: mark("strike"),
  superscript: mark("superscript"),
  subscript: mark("subscript"),
  bullets: [(e) => e.chain().focus().toggleBulletList().run(), (e) => e.isActive("bulletList"), (e) => e.can().toggleBulletList()],
  numbers: [(e) => e.chain().focus().toggleOrderedList().run(), (e) => e.isActive("orderedList"), (e) => e.can().toggleOrderedList()],
  quote: [(e) => quote(e, false), (e) => e.isActive("blockquote", { pull: false }), (e) => e.isActive("blockquote") || e.can().wrapIn("blockquote")],
  "pull-quote": [(e) => quote(e, true), (e) => e.isActive("blockquote", { pull: true }), (e) => e.isActive("blockquote") || e.can().wrapIn("blockquote")],
  picture: [(e) => e.commands.choosePicture(), null, () => true],
  video: [(e) => e.commands.choosePicture(""), null, () => true],
  table: [
    (e) => e.chain().focus().insertTable({ rows: 3, cols: 2, withHeaderRow: true }).run(),
    null,
    (e) => !e.isActive("table") && e.can().insertTable(),
  ],
  "row-add": simple("addRowAfter"),
  "row-delete": simple("deleteRow"),
  "column-add": simple("addColumnAfter"),
  "column-delete": simple("deleteColumn"),
  "cells-merge": simple("mergeOrSplit"),
  "table-delete": simple("deleteTable"),
  undo: simple("undo"),
  redo: simple("redo"),
};

// What people leave out of an address is added. null: a link cannot lead there.
function address(typed) {
  const text = typed.trim();
  return linkAddress(/^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(\/|$)/i.test(text) ? `https://${text}` : text);
}

export class Toolbar {
  constructor(root, parts, names) {
    this.bar = parts.querySelector("[role=toolbar]");
    this.bar.setAttribute("aria-labelledby", `${this.bar.id} ${names}`.trim()); // "Formatting", and of what
    nameMacKeys(this.bar);
    this.dialog = parts.querySelector("dialog");
    root.prepend(this.bar);
    document.body.append(this.dialog); // outside the admin's form, whose fields these are not
  }

  get buttons() {
    return [...this.bar.querySelectorAll("button")].filter((button) => !button.hidden);
  }

  serve(editor) {
    this.editor = editor;
    this.bar.hidden = !editor.isEditable;
    this.bar.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button && button.getAttribute("aria-disabled") !== "true") this.run(button.dataset.tool);
    });
    // The selection stays where it is while a button is pressed with the mouse.
    this.bar.addEventListener("mousedown", (event) => event.preventDefault());
    this.bar.addEventListener("keydown", (event) => this.move(event));
    this.bar.addEventListener("focusin", (event) => this.stop(event.target.closest("button")));
    editor.on("transaction", () => this.update());
    this.serveDialog();
    this.update();
  }

  run(name) {
    if (name === "link") this.openLink();
    else TOOLS[name][0](this.editor);
    return true;
  }

  update() {
    for (const button of this.bar.querySelectorAll("button")) {
      const [, pressed, usable] = TOOLS[button.dataset.tool] ?? [null, (e) => e.isActive("link"), () => true];
      if (button.dataset.inside) button.hidden = !this.editor.isActive(button.dataset.inside);
      if (pressed) button.setAttribute("aria-pressed", String(pressed(this.editor)));
      button.setAttribute("aria-disabled", String(!usable(this.editor)));
    }
    this.stop(this.buttons.find((button) => button.tabIndex === 0) ?? this.buttons[0]);
  }

  // Only one button of the toolbar is reached with Tab: the one used last.
  stop(button) {
    for (const other of this.bar.querySelectorAll("button")) other.tabIndex = other === button ? 0 : -1;
  }

  move(event) {
    const { buttons } = this;
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + buttons.length, Home: 0, End: buttons.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      buttons[to % buttons.length].focus();
    } else if (event.key === "Escape") {
      this.editor.view.focus();
    }
  }

  // --- The dialog for links ---

  openLink() {
    const { editor, dialog } = this;
    const form = dialog.querySelector("form");
    const active = editor.isActive("link");
    if (active) editor.commands.extendMarkRange("link");
    form.elements.href.value = editor.getAttributes("link").href ?? "";
    form.elements.text.value = "";
    form.querySelector("[data-part=text]").hidden = !editor.state.selection.empty;
    form.querySelector("[value=remove]").hidden = !active;
    this.refuse(false);
    dialog.showModal();
    form.elements.href.focus();
  }

  refuse(refused) {
    this.dialog.querySelector("[role=alert]").hidden = !refused;
    this.dialog.querySelector("[name=href]").setAttribute("aria-invalid", String(refused));
  }

  serveDialog() {
    const { dialog } = this;
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.applyLink(event.target.elements);
    });
    dialog.querySelector("[value=cancel]").addEventListener("click", () => this.closeDialog());
    dialog.querySelector("[value=remove]").addEventListener("click", () => {
      this.editor.commands.unsetLink();
      this.closeDialog();
    });
    dialog.addEventListener("close", () => this.editor.view.focus());
  }

  applyLink({ href, text }) {
    const link = address(href.value);
    this.refuse(!link);
    if (!link) return href.focus();
    const { editor } = this;
    if (editor.state.selection.empty) {
      const words = text.value.trim() || href.value.trim();
      editor.commands.insertContent({ type: "text", text: words, marks: [{ type: "link", attrs: { href: link } }] });
    } else {
      editor.commands.setLink({ href: link });
    }
    return this.closeDialog();
  }

  closeDialog() {
    this.dialog.close();
    this.editor.view.focus(); // at once: the next key belongs to the text, where its selection is
  }
}
