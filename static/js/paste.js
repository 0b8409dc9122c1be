// What other programs put on the clipboard, resolved: what they hide, delete or comment goes, what they say by style
// becomes an element, Word's lists are lists. sccon/pasted.py does the same on the server, in the same order and under
// the same names; tests/fixtures/paste holds what both must make of the same clipboards. Here it is counted, too, what
// went: the editor says it. Everything else – unknown elements, classes – falls away because the editor has no place
// for it, and sccon/html.py writes it anew when it is saved.
import { linkAddress } from "./paste-links.js";

const BLOCKS = "p, div, h1, h2, h3, h4, h5, h6, ul, ol, li, table, tr, td, th, blockquote, figure, dl, section";
const INLINE = "b, strong, i, em, span, font, u, ins, s, strike, sub, sup, small, big, mark, abbr, time, code, kbd, samp, var, cite, dfn, tt, bdi, bdo, label, data, acronym, ruby, input, wbr, o\\:p";
const WITH_CONTENT = "script, style, title, template, noscript, iframe, object, embed, xml, textarea, select, button, audio, video, canvas, noembed, noframes, datalist, meter, progress, meta, link, svg, math, br.Apple-interchange-newline";
const KEPT = new Set(["href", "start", "type", "value", "reversed", "colspan", "rowspan", "scope", "data-image", "data-alt", "data-video", "data-pm-slice"]);
const UNSEEN = /[\u00ad\u200b\u2060\ufeff\u200e\u200f\u202a-\u202e\u2061-\u206f]/g;

const names = (element) => (element.getAttribute("class") ?? "").toLowerCase().split(/\s+/);
const number = (element, name, otherwise = 1) => {
  const written = (element.getAttribute(name) ?? "").trim();
  return /^-?\d{1,6}$/.test(written) ? Number(written) : otherwise;
};

// --- Styles ---

// The page's policy forbids style attributes and handlers, and the browser complains of them even where nothing is shown:
// they are renamed before they are parsed, and the style sheets are taken out.
function withoutStyles(html) {
  return html
    .replace(/<!--[^]*?-->|<(style|xml)\b[^]*?(?:<\/\1\s*>|$)/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on[a-z]+)\s*=/gi, " data-$1="));
}

function declarations(text) {
  const found = text.toLowerCase().matchAll(/([\w-]+)\s*:\s*((?:"[^"]*"|'[^']*'|[^;"'])*)/g);
  return Object.fromEntries([...found].map(([, name, value]) => [name, value.replace("!important", "").trim()]));
}

// Selectors and declarations of a style sheet; what stands inside @media and its like is left out.
function blocksOf(text) {
  const blocks = [];
  let [start, depth, selectors] = [0, 0, ""];
  for (const { 0: sign, index } of text.matchAll(/[{};]/g)) {
    if (sign === "{") {
      depth += 1;
      if (depth === 1) [selectors, start] = [text.slice(start, index), index + 1];
    } else if (sign === "}") {
      if (depth === 1 && !selectors.trimStart().startsWith("@")) blocks.push([selectors, text.slice(start, index)]);
      depth = Math.max(depth - 1, 0);
    }
    if (depth === 0) start = index + 1;
  }
  return blocks;
}

// Rules that speak of an element by name, class or id; those that depend on its surroundings set colours and spaces.
function styleSheet(html) {
  const text = [...html.matchAll(/<style\b[^>]*>([^]*?)(?:<\/style\s*>|$)/gi)].map((found) => found[1]).join("\n")
    .replace(/<!--|-->|\/\*[^]*?(?:\*\/|$)/g, " ");
  const rules = [];
  for (const [selectors, style] of blocksOf(text)) {
    for (const selector of selectors.split(",").map((part) => part.trim().toLowerCase())) {
      const parts = /^([a-z][a-z0-9]*)?((?:[.#][\w-]+)*)$/.exec(selector);
      if (!parts || !selector) continue;
      const [classes, ids] = [".", "#"].map((sign) => parts[2].match(/[.#][\w-]+/g)?.filter((name) => name[0] === sign).map((name) => name.slice(1)) ?? []);
      rules.push({ tag: parts[1], classes, ids, style: declarations(style), weight: [ids.length, classes.length, parts[1] ? 1 : 0] });
    }
  }
  return rules.sort((a, b) => a.weight[0] - b.weight[0] || a.weight[1] - b.weight[1] || a.weight[2] - b.weight[2]);
}

function styleOf(element, sheet) {
  const own = declarations(element.dataset.style ?? "");
  if (!sheet.length) return own;
  const its = names(element);
  const fitting = sheet.filter(({ tag, classes, ids }) => (!tag || tag === element.localName) && classes.every((name) => its.includes(name)) && ids.every((id) => id === element.id.toLowerCase()));
  return Object.assign({}, ...fitting.map(({ style }) => style), own);
}

// --- What is not shown ---

const DELETED = new Set(["msodel", "msomovefrom", "trackchangetextdeletion", "trackeddeletion", "trackchangeparadeletion"]);
const INSERTED = new Set(["msomoveto", "trackchangetextinsertion", "trackedinsertion"]);
const COMMENT = new Set(["msocommentreference", "msocomanchor", "msocomtxt", "msocommenttext", "msocomoff", "msocommentsubject"]);
const HIDDEN = new Set(["sr-only", "visually-hidden", "govuk-visually-hidden", "nhsuk-u-visually-hidden", "screen-reader-text", "d-none", "element-invisible", "visuallyhidden"]);
const NOTHING = /^0(?:\.0*)?(?:px|pt|em|rem|%|cm|in)?$/;
const FAR_AWAY = /^-(?:\d{4,}(?:\.\d+)?(?:px|pt)|9{3,}(?:px|pt)|\d{3,}r?em)$/;
const CLIPPED = /^(?:rect\(\s*(?:0|1px|auto)|inset\(\s*(?:50|100)%)/;

const deleted = (element) => element.localName === "del" || names(element).some((name) => DELETED.has(name));
const inserted = (element) => element.localName === "ins" || names(element).some((name) => INSERTED.has(name));

function comment(element, style) {
  if (["comment-list", "comment"].includes(style["mso-element"]) || style["mso-special-character"] === "comment") return true;
  if (names(element).some((name) => COMMENT.has(name))) return true;
  if (element.localName === "a") return /^#cmnt/.test(element.getAttribute("href") ?? ""); // Google Docs
  if (!element.matches("p, div")) return false;
  const first = element.querySelector("a");
  if (!first || !/^cmnt\d+$/.test(first.id || first.name)) return false;
  return element.textContent.trim().startsWith(first.textContent.trim());
}

function hidden(element, style) {
  if (style.display === "none" || style["mso-hide"] === "all" || element.localName === "rp" || element.hasAttribute("hidden")) return true;
  if (element.localName === "dialog" && !element.hasAttribute("open")) return true;
  if (names(element).some((name) => HIDDEN.has(name)) && (style.position ?? "absolute") === "absolute") return true;
  if (["opacity", "font-size"].some((name) => NOTHING.test(style[name] ?? "1"))) return true;
  if (["text-indent", "left", "top"].some((name) => FAR_AWAY.test(style[name] ?? ""))) return true;
  const small = ["width", "height", "max-height"].some((name) => /^[01](?:px)?$/.test(style[name] ?? ""));
  return (small && style.overflow === "hidden") || CLIPPED.test(style.clip ?? "") || CLIPPED.test(style["clip-path"] ?? "");
}

// A spreadsheet says of a column that it is hidden, not of its cells.
function withoutColumns(table, sheet) {
  const unseen = new Set();
  let at = 0;
  for (const column of table.querySelectorAll(":scope > colgroup > col, :scope > col")) {
    const wide = Math.min(Math.max(number(column, "span"), 1), 200);
    if (hidden(column, styleOf(column, sheet))) for (let place = at; place < at + wide; place += 1) unseen.add(place);
    at += wide;
  }
  if (!unseen.size) return;
  const taken = new Set();
  for (const [row, { cells }] of [...table.rows].entries()) {
    let column = 0;
    for (const cell of [...cells]) {
      while (taken.has(`${row} ${column}`)) column += 1;
      let left = 0;
      for (let place = column; place < column + cell.colSpan; place += 1) {
        for (let below = row; below < row + cell.rowSpan; below += 1) taken.add(`${below} ${place}`);
        if (!unseen.has(place)) left += 1;
      }
      if (left) cell.colSpan = left;
      else cell.remove();
    }
  }
}

// --- Lists of Word ---

const DRAWN = /^\s*([·•●▪◦§o–-]|\(?(?:\d+|[a-z])[.)])(?:[\t\u00a0]|\s{2})[\s\u00a0]*/;
const ROMAN = /^m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})$/;
const VALUES = { i: 1, v: 5, x: 10, l: 50, c: 100, d: 500, m: 1000 };
const alike = (one, other) => Boolean(one && other) && one.tag === other.tag && one.kind === other.kind && one.number === other.number;

function roman(written) {
  if (!ROMAN.test(written)) return 0;
  const values = [...written].map((letter) => VALUES[letter]);
  return values.reduce((sum, here, at) => sum + (here < values[at + 1] ? -here : here), 0);
}

// The bullet or number that is drawn; null if it says more than a list can, such as "1.1." or "§ 3".
function marker(drawn, goesOn) {
  const found = /^\(?(\d{1,6}|[a-z]{1,6})[.)]$|^(\d{1,6})$/i.exec(drawn);
  if (!found) return /[\p{L}\p{N}]/u.test(drawn) && [...drawn].length > 1 ? null : { tag: "ul", kind: "", number: 1 };
  const written = found[1] ?? found[2];
  if (/^\d+$/.test(written)) return { tag: "ol", kind: "", number: Number(written) };
  const small = written.toLowerCase();
  const value = roman(small);
  const asLetter = small.length === 1 ? { tag: "ol", kind: written === small ? "a" : "A", number: small.charCodeAt(0) - 96 } : null;
  const asRoman = value ? { tag: "ol", kind: written === small ? "i" : "I", number: value } : null;
  if (asRoman && (!asLetter || alike(asRoman, goesOn) || (small === "i" && !alike(asLetter, goesOn)))) return asRoman;
  return asLetter;
}

// The list items that a paragraph of Word, or a frame of Word's own in the browser, stands for.
function items(node) {
  if (names(node).includes("listcontainerwrapper")) {
    return [...node.querySelectorAll(":scope > ul, :scope > ol")].flatMap((list) => [...list.querySelectorAll(":scope > li")].map((entry, place) => ({
      level: number(entry, "data-aria-level", number(entry, "aria-level")),
      drawn: list.localName === "ol" ? `${number(list, "start") + place}.` : "•",
      entry,
    })));
  }
  if (!node.matches("p, h1, h2, h3, h4, h5, h6")) return [];
  const level = /mso-list:\s*l\d+\s+level(\d)/i.exec(node.dataset.style ?? "");
  if (!level && !names(node).some((name) => name.startsWith("msolistparagraph"))) return [];
  const drawn = cutMarker(node);
  return drawn ? [{ level: Number(level?.[1] ?? 1), drawn, entry: node }] : [];
}

// Takes the drawn bullet away; "" for the second paragraph of an item, which has none.
function cutMarker(node) {
  const found = [...node.querySelectorAll("*")].find((element) => /mso-list:\s*ignore/i.test(element.dataset.style ?? ""));
  if (found) {
    found.remove();
    return found.textContent.trim().replace(/\s+/g, " ") || "•"; // a picture
  }
  const drawn = DRAWN.exec(node.textContent);
  if (drawn) cutFront(node, drawn[0].length);
  return drawn?.[1] ?? "";
}

function cutFront(element, length) {
  const texts = element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let left = length;
  while (left > 0 && texts.nextNode()) {
    const { data } = texts.currentNode;
    texts.currentNode.data = data.slice(left);
    left -= data.length;
  }
}

function buildLists(parent) {
  let open = []; // the lists that the next item may go on with
  for (const node of [...parent.childNodes]) {
    if (node.nodeType !== Node.ELEMENT_NODE) {
      if (node.nodeType === Node.TEXT_NODE && node.data.trim()) open = [];
      continue;
    }
    const found = items(node);
    if (!found.length) {
      buildLists(node);
      open = [];
      continue;
    }
    for (const item of found) {
      buildLists(item.entry);
      while (open.length && open.at(-1).level > item.level) open.pop();
      const same = open.at(-1)?.level === item.level ? open.pop() : null;
      let said = marker(item.drawn, same?.next);
      if (!said) {
        const paragraph = parent.ownerDocument.createElement(item.entry.localName);
        paragraph.append(`${item.drawn} `, ...item.entry.childNodes);
        node.before(paragraph);
        open = [];
        continue;
      }
      let { list } = same ?? {};
      if (same && said.tag === "ul" && list.localName === "ul") said = same.next;
      if (!same || !alike(said, same.next)) {
        list = parent.ownerDocument.createElement(said.tag);
        list.setAttribute("start", said.number);
        if (said.kind) list.setAttribute("type", said.kind);
        if (open.length) open.at(-1).list.lastElementChild.append(list);
        else node.before(list);
      }
      const li = parent.ownerDocument.createElement("li");
      li.append(...item.entry.childNodes);
      list.append(li);
      open.push({ level: item.level, list, next: { ...said, number: said.number + (said.tag === "ol" ? 1 : 0) } });
    }
    node.remove();
  }
}

// --- What styles say ---

const LISTS = { "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A", "lower-roman": "i", "upper-roman": "I" };
const said = (value) => Boolean(value) && !["inherit", "unset"].includes(value);

function look(element, style, around, fonts) {
  const tag = element.localName;
  const short = style.font ?? "";
  const its = { ...around };
  const weight = style["font-weight"] ?? /\b(?:bolder|bold|[1-9]00)\b/.exec(short)?.[0];
  const bold = element.matches("b, strong");
  const slanted = element.matches("i, em");
  const holdsBlocks = (bold || slanted) && element.querySelector(BLOCKS); // Google wraps the whole text in a <b> that is not bold
  if (said(weight)) its.strong = ["bold", "bolder"].includes(weight) || Number(weight) >= 600;
  else if (bold && !holdsBlocks) its.strong = true;
  const slant = style["font-style"] ?? /\b(?:italic|oblique)\b/.exec(short)?.[0];
  if (said(slant)) its.em = /^(?:italic|oblique)/.test(slant);
  else if (slanted && !holdsBlocks) its.em = true;
  const line = `${style["text-decoration"] ?? ""} ${style["text-decoration-line"] ?? ""}`;
  if (line.includes("line-through") || (element.matches("s, strike") && !line.trim())) its.struck = true;
  if (tag === "sub" || tag === "sup") its.raised = tag;
  if (!element.matches("td, th") && ["sub", "super"].includes(style["vertical-align"])) its.raised = style["vertical-align"].slice(0, 3);
  if (names(element).some((name) => ["msofootnotereference", "msoendnotereference"].includes(name))) its.raised = "sup";
  const raise = /^(-?)(\d+)(?:\.\d+)?pt$/.exec(style["mso-text-raise"] ?? "");
  if (raise && Number(raise[2]) >= 2) its.raised = raise[1] ? "sub" : "sup";
  const family = style["mso-symbol-font-family"] || style["font-family"] || element.getAttribute("face")?.toLowerCase() || /(?:px|pt|em|%)(?:\/\S+)?\s+(.+)/.exec(short)?.[1];
  if (family && family !== "inherit") {
    const first = family.split(",")[0].replace(/^[\s"']+|[\s"']+$/g, "");
    its.font = first in fonts ? first : "";
  }
  if (style.visibility) its.seen = !["hidden", "collapse"].includes(style.visibility);
  return its;
}

class Resolver {
  constructor(sheet, fonts) {
    this.sheet = sheet;
    this.fonts = fonts;
    this.dropped = { changes: 0, comments: 0, hidden: 0, pictures: 0, signs: 0 };
  }

  count(kind, element, words = element.textContent) {
    if (words.trim()) this.dropped[kind] += 1;
  }

  // What the text looks like in a font of pictures; a sign that has none in Unicode is left out.
  signs(text, font) {
    let kept = "";
    for (let letter of text) {
      if (letter >= "\uf000" && letter <= "\uf0ff") letter = String.fromCharCode(letter.charCodeAt(0) - 0xf000);
      if (letter in this.fonts[font]) kept += this.fonts[font][letter];
      else if (/\s/.test(letter) || (font === "symbol" && letter < "\u0080") || letter.codePointAt(0) > 0x2ff) kept += letter;
      else this.dropped.signs += 1;
    }
    return kept;
  }

  text(node, its) {
    if (!its.seen) {
      this.count("hidden", node);
      node.remove();
      return;
    }
    node.data = (its.font ? this.signs(node.data, its.font) : node.data).replace(UNSEEN, "").replace(/[\s\u00a0]{2,}/g, " ");
    let inner = node;
    for (const [tag, there] of [[its.raised, its.raised], ["s", its.struck], ["em", its.em], ["strong", its.strong]]) {
      if (!there || !node.data.trim()) continue;
      const mark = node.ownerDocument.createElement(tag);
      inner.replaceWith(mark);
      mark.append(inner);
      inner = mark;
    }
  }

  children(parent, around) {
    for (const node of [...parent.childNodes]) {
      if (node.nodeType === Node.TEXT_NODE) this.text(node, around);
      else if (node.nodeType !== Node.ELEMENT_NODE || node.matches(WITH_CONTENT)) node.remove();
      else this.element(node, around);
    }
  }

  element(node, around) {
    const style = styleOf(node, this.sheet);
    if (deleted(node)) this.count("changes", node);
    else if (comment(node, style)) this.countComment(node, style);
    else if (hidden(node, style)) this.count("hidden", node, node.localName === "rp" ? "" : node.textContent);
    else {
      if (inserted(node) && !node.parentElement.closest("ins")) this.count("changes", node);
      const its = look(node, style, around, this.fonts);
      if (node.localName === "table") withoutColumns(node, this.sheet);
      this.children(node, its);
      this.write(node, style, its);
      return;
    }
    node.remove();
  }

  // In Word, a comment is a sign in the text and a text at the end: it is counted there.
  countComment(node, style) {
    const texts = style["mso-element"] === "comment-list" ? [...node.querySelectorAll("[data-style]")].filter((inner) => styleOf(inner, this.sheet)["mso-element"] === "comment") : [node];
    if (style["mso-element"] === "comment-list") this.dropped.comments = Math.max(this.dropped.comments, texts.length);
    else if (node.matches("a[href^='#cmnt']") || names(node).includes("msocommentreference")) this.count("comments", node);
  }

  write(node, style, its) {
    const { ownerDocument } = node;
    const become = (tag, ...content) => {
      const other = ownerDocument.createElement(tag);
      other.append(...(content.length ? content : node.childNodes));
      node.replaceWith(other);
      return other;
    };
    const unwrap = () => node.replaceWith(...node.childNodes);
    if (node.localName === "img") {
      const alt = node.getAttribute("alt") ?? "";
      if (alt && alt.length <= 8 && !/[\p{L}\p{N}_\s]/u.test(alt)) {
        const text = ownerDocument.createTextNode(alt); // an emoji
        node.replaceWith(text);
        this.text(text, its);
      } else {
        if (!(node.getAttribute("width") === "1" || node.getAttribute("height") === "1")) this.dropped.pictures += 1;
        node.remove();
      }
    } else if (node.localName === "rt") node.replaceWith("(", ...node.childNodes, ")");
    else if (node.localName === "a") this.writeLink(node, become, unwrap);
    else if (node.matches("sub, sup, s, strong, em, b, i") || node.matches(INLINE)) unwrap();
    else if (node.localName === "dt") {
      const parts = [];
      let strong = null;
      for (const child of [...node.childNodes]) {
        if (child.nodeType === Node.ELEMENT_NODE && child.matches("ul, ol, table")) { // is no part of the term
          strong = null;
          parts.push(child);
        } else {
          if (!strong) parts.push(strong = ownerDocument.createElement("strong"));
          strong.append(child);
        }
      }
      become("p", ...parts);
    }
    else if (node.matches("h1, p.MsoTitle") || (node.matches("p[role=heading]") && number(node, "aria-level", 2) < 3)) become("h2");
    else if (node.matches("h4, h5, h6, p[role=heading]")) become("h3");
    else if (node.matches("p.MsoQuote, p.MsoIntenseQuote")) {
      const quote = ownerDocument.createElement("blockquote");
      node.replaceWith(quote);
      quote.append(node);
    } else if (node.localName === "ol") {
      const kind = style["list-style-type"] ?? (style["list-style"] ?? "").split(" ")[0];
      const first = declarations(node.firstElementChild?.dataset.style ?? "")["list-style-type"];
      const found = LISTS[kind] ?? LISTS[first];
      if (found && !node.hasAttribute("type")) node.setAttribute("type", found);
    }
  }

  writeLink(node, become, unwrap) {
    const note = /^#_(?:ftn|edn)(?:ref)?(\w+)$/.exec(node.getAttribute("href") ?? "");
    if (note || /^sd(?:foot|end)note(?:anc|sym)/i.test(node.className)) {
      become("sup", node.textContent.trim() || (note ? `[${note[1]}]` : "")); // of a footnote
      return;
    }
    const href = linkAddress(node.getAttribute("href") ?? "");
    if (href) node.setAttribute("href", href);
    else unwrap();
  }
}

// --- What the editor's schema would lose ---

// A number out of line begins a list of its own: the editor's items have none.
function splitLists(body) {
  for (const list of body.querySelectorAll("ul > ul, ul > ol, ol > ul, ol > ol")) list.previousElementSibling?.append(list); // between the items
  for (const list of body.querySelectorAll("ol")) {
    const entries = [...list.children].filter((child) => child.localName === "li");
    const step = list.hasAttribute("reversed") ? -1 : 1;
    let at = number(list, "start", step < 0 ? entries.length : 1);
    let current = list;
    let expected = at;
    current.setAttribute("start", at);
    for (const entry of entries) {
      at = number(entry, "value", at);
      if (entry !== entries[0] && at !== expected) {
        const next = list.cloneNode(false);
        current.after(next);
        current = next;
      }
      if (entry === entries[0] || at !== expected) current.setAttribute("start", at);
      current.append(entry);
      expected = at + 1;
      at += step;
    }
    if (!["a", "A", "i", "I"].includes(list.getAttribute("type"))) for (const one of [list, current]) one.removeAttribute("type");
  }
}

// A table where none may stand is a line for each row.
function flattenTables(body) {
  for (const table of body.querySelectorAll("td table, th table, li table, blockquote table")) {
    const outer = table.parentElement.closest("table");
    if (outer && !outer.querySelector(":scope > * > tr > th, :scope > caption")) continue; // it arranges a page
    table.replaceWith(...[...table.rows].map((row) => {
      const line = body.ownerDocument.createElement("p");
      for (const cell of row.cells) {
        if (!cell.textContent.trim()) continue;
        if (line.childNodes.length) line.append(" | ");
        line.append(...cell.childNodes);
      }
      for (const block of [...line.querySelectorAll(BLOCKS)].reverse()) block.replaceWith(...block.childNodes, " ");
      return line;
    }));
  }
  for (const table of body.querySelectorAll("table")) {
    const words = table.querySelector(":scope > caption");
    if (words) {
      const line = body.ownerDocument.createElement("p");
      line.append(...words.childNodes);
      words.remove();
      table.before(line);
    }
  }
}

const isLoose = (node) => Boolean(node?.textContent.trim()) && !(node.nodeType === Node.ELEMENT_NODE && node.matches(BLOCKS));

function tidy(body) {
  for (const element of body.querySelectorAll("br")) if ([...element.parentElement.children].some((child) => child.matches(BLOCKS))) element.remove();
  for (const element of body.querySelectorAll("p, h2, h3, blockquote")) {
    if (element.textContent.trim() || element.querySelector("figure")) continue;
    // Between words in no paragraph it parts them; the server takes it away after that.
    if (!isLoose(element.previousSibling) || !isLoose(element.nextSibling)) element.remove();
  }
  for (const element of body.querySelectorAll("*")) {
    if (element.localName === "blockquote" && element.classList.contains("pull")) element.className = "pull";
    else element.removeAttribute("class");
    for (const { name } of [...element.attributes]) if (!KEPT.has(name) && name !== "class") element.removeAttribute(name);
  }
}

// The HTML for the editor, and how much of each kind was left out of it.
export function cleanPaste(html, fonts) {
  const { body } = new DOMParser().parseFromString(withoutStyles(html), "text/html");
  buildLists(body);
  const resolver = new Resolver(styleSheet(html), fonts);
  resolver.children(body, { strong: false, em: false, struck: false, raised: "", font: "", seen: true });
  for (const step of [splitLists, flattenTables, tidy]) step(body);
  return { html: body.innerHTML, dropped: resolver.dropped, fromWord: /urn:schemas-microsoft-com:office:word|class="?Mso|TrackedChange/.test(html) };
}
