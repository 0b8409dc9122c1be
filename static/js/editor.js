// Turns every textarea of RichTextField (news/editor.py) into an editor. The parts come from the bundle that
// django-prose-editor ships; which of them there are is decided here, and must not exceed sccon/html.py.
import {
  Blockquote, Bold, BulletList, Document, Dropcursor, Editor, Gapcursor, HardBreak, Heading, History, Italic, Link,
  ListItem, Mark, OrderedList, Paragraph, Strike, Subscript, Superscript, Table, TableCell, TableHeader, TableRow, Text,
} from "../django_prose_editor/editor.js";
import { picture } from "./editor-picture.js";
import { Toolbar } from "./editor-toolbar.js";
import { cleanPaste } from "./paste.js";
import { pastedWords } from "./paste-words.js";

// What may stand in a quote, an item or a cell.
const INSIDE = "(paragraph | list)+";

const Quote = Blockquote.extend({
  content: INSIDE,
  addAttributes: () => ({
    pull: {
      default: false,
      parseHTML: (element) => element.classList.contains("pull"),
      renderHTML: ({ pull }) => (pull ? { class: "pull" } : {}),
    },
  }),
});

// Words of others in a sentence, which the page puts into quotation marks: outermost, for those stand at both ends once.
const Quoted = Mark.create({
  name: "quoted",
  priority: 1100,
  parseHTML: () => [{ tag: "q" }],
  renderHTML: () => ["q", 0],
});

// The bundle's own list keeps its kind in a style, which the page's policy forbids.
const Numbers = OrderedList.extend({
  addNodeView: null,
  addAttributes: () => ({
    start: { default: 1, parseHTML: ({ start }) => start, renderHTML: ({ start }) => (start === 1 ? {} : { start }) },
    type: {
      default: null,
      parseHTML: ({ type }) => (["a", "A", "i", "I"].includes(type) ? type : null),
      renderHTML: ({ type }) => (type ? { type } : {}),
    },
  }),
});

// A sign stands either high or low.
const RAISED = { excludes: "subscript superscript" };

const Grid = Table.extend({
  // Tab leaves the table behind its last cell instead of adding rows for ever: nobody is caught by the keyboard.
  addKeyboardShortcuts() {
    return {
      Tab: () => this.editor.commands.goToNextCell(),
      "Shift-Tab": () => this.editor.commands.goToPreviousCell(),
    };
  },
});

function extensions(root, openLink) {
  return [
    Document, Paragraph, Text, HardBreak, Bold, Italic, Strike, Subscript.extend(RAISED), Superscript.extend(RAISED), Quoted,
    History, Dropcursor, Gapcursor,
    Heading.extend({ marks: "quoted link italic strike subscript superscript" }).configure({ levels: [2, 3] }),
    Quote, BulletList, Numbers, ListItem.extend({ content: "paragraph (paragraph | list)*" }),
    Link.extend({ addKeyboardShortcuts: () => ({ "Mod-k": openLink }) }).configure({
      openOnClick: false, autolink: false, linkOnPaste: true, protocols: ["tel", "mailto"], defaultProtocol: "https",
    }),
    Grid.configure({ resizable: false }), TableRow,
    TableCell.extend({ content: INSIDE }), TableHeader.extend({ content: INSIDE }),
    picture(root),
  ];
}

const fonts = JSON.parse(document.querySelector(".rich-text")?.dataset.fonts ?? "{}");

function edit(root) {
  const textarea = root.querySelector("textarea");
  const parts = root.querySelector("template").content.cloneNode(true);
  const label = textarea.labels[0];
  if (label) label.id ||= `${textarea.id}_label`;
  // Two editors on a page are told apart by their language.
  const names = [label?.id, textarea.closest(".lang")?.getAttribute("aria-labelledby")].filter(Boolean).join(" ");
  const help = textarea.getAttribute("aria-describedby");

  const toolbar = new Toolbar(root, parts, names);
  const say = pastedWords(parts);
  const editor = new Editor({
    element: root,
    content: textarea.value,
    editable: !textarea.disabled && !textarea.readOnly,
    extensions: extensions(root, () => toolbar.run("link")),
    injectCSS: false, // stands in editor.css: the page's policy allows no other
    enableInputRules: false, // what is typed stays as it was typed
    enablePasteRules: false,
    editorProps: {
      attributes: {
        id: `${textarea.id}_text`,
        class: "rich-text-box",
        role: "textbox",
        "aria-multiline": "true",
        lang: textarea.lang,
        spellcheck: "true",
        ...(names ? { "aria-labelledby": names } : {}),
        ...(help ? { "aria-describedby": help } : {}),
        ...(textarea.getAttribute("aria-invalid") ? { "aria-invalid": "true" } : {}),
      },
      transformPastedHTML(html) {
        const pasted = cleanPaste(html, fonts);
        say(pasted);
        return pasted.html;
      },
      // The first of several points would join the paragraph of the caret, and a list from 4 begin with its fifth.
      transformPasted(slice, view) {
        const first = slice.content.firstChild;
        const caret = view.state.selection.$from;
        const points = first?.type.isInGroup("list") && (first.childCount > 1 || first.firstChild.childCount > 1);
        if (!points || !caret.parentOffset || caret.node(-1)?.type.name === "listItem") return slice;
        return new slice.constructor(slice.content, 0, slice.openEnd);
      },
      handlePaste(view, { clipboardData }) {
        // A picture without a text, such as a screenshot, would do nothing, in silence.
        const pictures = [...(clipboardData?.files ?? [])].filter(({ type }) => type.startsWith("image/")).length;
        if (pictures && !clipboardData.types.some((type) => type.startsWith("text/"))) say({ dropped: { pictures } });
        return false;
      },
    },
    onUpdate() {
      // Not editor.isEmpty: it finds a picture without a caption empty.
      const { childCount, firstChild } = editor.state.doc;
      const empty = childCount === 1 && firstChild.type.name === "paragraph" && firstChild.childCount === 0;
      textarea.value = empty ? "" : editor.getHTML();
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });

  textarea.hidden = true;
  root.append(say.line);
  label?.addEventListener("click", () => editor.view.focus());
  toolbar.serve(editor);
}

for (const root of document.querySelectorAll(".rich-text")) edit(root);
