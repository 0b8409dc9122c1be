// A picture of the library inside rich text: stored as <figure data-image="7" data-alt="…"><figcaption>…,
// shown with its thumbnail, its alternative text in a field and its caption to type into.
import { Node } from "../django_prose_editor/editor.js";
import { choosePicture } from "./picture-chooser.js";

// The library's own words are where this use begins.
const use = (picture, language, video = null) => ({
  attrs: { image: String(picture.id), alt: picture.alt[language], video },
  content: picture.caption[language] ? [{ type: "text", text: picture.caption[language] }] : [],
});

// As sccon/html.py: a page, over https, of a host on the list.
function isVideo(typed, hosts) {
  if (!URL.canParse(typed)) return false;
  const { protocol, hostname, port, pathname, username } = new URL(typed);
  const known = hosts.split(" ").some((host) => hostname === host || hostname.endsWith(`.${host}`));
  return known && protocol === "https:" && !port && !username && pathname !== "/" && !/\s/.test(typed);
}

// A video begins with the picture that leads to it: the library says so, for nobody asked for a picture.
const headingFor = ({ dataset }, video) => (video === null ? "" : dataset.chooseVideo);

class PictureView {
  constructor(node, editor, getPos, root) {
    this.node = node;
    this.editor = editor;
    this.getPos = getPos;
    this.root = root;
    this.dom = root.querySelector("template").content.querySelector("figure").cloneNode(true);
    this.contentDOM = this.dom.querySelector("figcaption");
    this.alt = this.dom.querySelector("textarea");
    this.alt.addEventListener("input", () => this.set("alt", this.alt.value || null));
    this.decorative = this.dom.querySelector("[type=checkbox]");
    this.decorative.addEventListener("change", () => this.set("alt", this.decorative.checked ? "" : null));
    // Where the picture leads to; null is a picture, "" a video whose address is still to come.
    this.video = this.dom.querySelector("[type=url]");
    this.video.value = node.attrs.video ?? "";
    this.video.addEventListener("input", () => this.typeVideo());
    this.dom.querySelector("[value=replace]").addEventListener("click", () => this.replace());
    this.dom.querySelector("[value=remove]").addEventListener("click", () => this.remove());
    for (const control of this.dom.querySelectorAll("textarea, input, button")) control.disabled = !editor.isEditable;
    this.show();
  }

  show() {
    const { image, alt } = this.node.attrs;
    const source = this.root.dataset.thumbnail.replace("/0/", `/${image}/`);
    const img = this.dom.querySelector("img");
    if (img.getAttribute("src") !== source) img.src = source;
    if (this.alt.value !== (alt ?? "")) this.alt.value = alt ?? "";
    this.decorative.checked = alt === "";
    this.alt.disabled = this.decorative.checked || !this.editor.isEditable;
    for (const part of this.dom.querySelectorAll(".video")) part.hidden = this.node.attrs.video === null;
    this.contentDOM.classList.toggle("empty", this.node.content.size === 0);
  }

  typeVideo() {
    const typed = this.video.value.trim();
    const right = isVideo(typed, this.root.dataset.videoHosts);
    this.dom.querySelector("[role=alert]").hidden = right || typed === "";
    this.video.setAttribute("aria-invalid", String(!right && typed !== ""));
    this.set("video", right ? typed : "");
  }

  set(name, value) {
    this.editor.view.dispatch(this.editor.state.tr.setNodeAttribute(this.getPos(), name, value));
  }

  async replace() {
    const picture = await choosePicture(this.root, headingFor(this.root, this.node.attrs.video));
    if (!picture) return;
    const at = this.getPos();
    const node = { type: "picture", ...use(picture, this.editor.view.dom.lang, this.node.attrs.video) };
    this.editor.chain().insertContentAt({ from: at, to: at + this.node.nodeSize }, node).focus().run();
  }

  remove() {
    const at = this.getPos();
    this.editor.chain().deleteRange({ from: at, to: at + this.node.nodeSize }).focus().run();
  }

  update(node) {
    if (node.type !== this.node.type) return false;
    this.node = node;
    this.show();
    return true;
  }

  // The alternative text is typed into a field of its own, not into the text.
  stopEvent(event) {
    return !this.contentDOM.contains(event.target) && Boolean(event.target.closest("textarea, input, button, label"));
  }

  ignoreMutation(mutation) {
    return !this.contentDOM.contains(mutation.target) || mutation.target === this.contentDOM && mutation.type === "attributes";
  }
}

export const picture = (root) =>
  Node.create({
    name: "picture",
    group: "block",
    content: "inline*",
    isolating: true,
    draggable: true,
    addAttributes: () => ({
      image: { parseHTML: (e) => e.dataset.image, renderHTML: ({ image }) => ({ "data-image": image }) },
      // Without one, the page reads out the library's; an empty one says that this picture says nothing here.
      alt: { default: null, parseHTML: (e) => e.dataset.alt ?? null, renderHTML: ({ alt }) => ({ "data-alt": alt }) },
      video: {
        default: null,
        parseHTML: (e) => e.dataset.video ?? null,
        renderHTML: ({ video }) => (video ? { "data-video": video } : {}),
      },
    }),
    parseHTML: () => [
      { tag: "figure[data-image]", contentElement: (e) => e.querySelector("figcaption") ?? document.createElement("figcaption") },
    ],
    renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes, ["figcaption", 0]],
    addNodeView: () => ({ node, editor, getPos }) => new PictureView(node, editor, getPos, root),
    addCommands: () => ({
      choosePicture: (video = null) => ({ editor }) => {
        choosePicture(root, headingFor(root, video)).then((chosen) => {
          if (!chosen) return editor.view.focus();
          // Between the paragraphs: never inside a list, a quote or a table.
          const { $to } = editor.state.selection;
          const after = $to.depth ? $to.after(1) : $to.pos;
          const last = after >= editor.state.doc.content.size;
          const node = { type: "picture", ...use(chosen, editor.view.dom.lang, video) };
          const caption = after + 1 + (node.content[0]?.text.length ?? 0);
          return editor.chain().insertContentAt(after, last ? [node, { type: "paragraph" }] : [node]).focus(caption).run();
        });
        return true;
      },
    }),
    addKeyboardShortcuts: () => ({
      // A caption is one line: Enter leaves it.
      Enter: ({ editor }) => {
        const { $from } = editor.state.selection;
        if ($from.parent.type.name !== "picture") return false;
        return editor.chain().insertContentAt($from.after(), { type: "paragraph" }).focus($from.after() + 1).run();
      },
    }),
  });
