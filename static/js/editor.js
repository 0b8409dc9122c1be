// Turns every textarea of RichTextField (news/editor.py) into an editor. The parts come from the bundle that
// django-prose-editor ships; which of them there are is decided here, and must not exceed sccon/html.py.
import {
  Blockquote, Bold, BulletList, Document, Dropcursor, Editor, Gapcursor, HardBreak, Heading, History, Italic, Link,
  ListItem, OrderedList, Paragraph, Table, TableCell, TableHeader, TableRow, Text,
} from "../django_prose_editor/editor.js";
import { picture } from "./editor-picture.js";
import { Toolbar } from "./editor-toolbar.js";
import { cleanPaste } from "./paste.js";

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

// A list is a list: no other numbering, no start, for the page has no style for them.
const Numbers = OrderedList.extend({ addAttributes: () => ({}), addNodeView: null });

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
    Document, Paragraph, Text, HardBreak, Bold, Italic, History, Dropcursor, Gapcursor,
    Heading.extend({ marks: "link italic" }).configure({ levels: [2, 3] }),
    Quote, BulletList, Numbers, ListItem.extend({ content: "paragraph (paragraph | list)*" }),
    Link.extend({ addKeyboardShortcuts: () => ({ "Mod-k": openLink }) }).configure({
      openOnClick: false, autolink: false, linkOnPaste: true, protocols: ["tel", "mailto"], defaultProtocol: "https",
    }),
    Grid.configure({ resizable: false }), TableRow,
    TableCell.extend({ content: INSIDE }), TableHeader.extend({ content: INSIDE }),
    picture(root),
  ];
}

function edit(root) {
  const textarea = root.querySelector("textarea");
  const parts = root.querySelector("template").content.cloneNode(true);
  const label = textarea.labels[0];
  if (label) label.id ||= `${textarea.id}_label`;
  const help = textarea.getAttribute("aria-describedby");

  const toolbar = new Toolbar(root, parts);
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
        ...(label ? { "aria-labelledby": label.id } : {}),
        ...(help ? { "aria-describedby": help } : {}),
        ...(textarea.getAttribute("aria-invalid") ? { "aria-invalid": "true" } : {}),
      },
      transformPastedHTML: cleanPaste,
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
  label?.addEventListener("click", () => editor.view.focus());
  toolbar.serve(editor);
}

for (const root of document.querySelectorAll(".rich-text")) edit(root);
