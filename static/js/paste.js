// What other programs put on the clipboard, turned into the elements they mean: Word's lists, which are paragraphs
// with a drawn bullet, Google's bold, which is a style. Everything else – unknown elements, classes, styles – falls
// away because the editor has no place for it, and sccon/html.py looks at it again when it is saved.

const style = (element) => element.dataset.style ?? "";
const BLOCKS = "p, div, h1, h2, h3, h4, h5, h6, ul, ol, li, table, blockquote, figure";
const INVISIBLE = /[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
const NUMBERED = /^\(?(\d+|[a-z]|[ivxl]+)[.)]/i;
const DRAWN = /^\s*([·•●▪◦§o–-]|\(?(?:\d+|[a-z])[.)])(?:[\t\u00a0]|\s{2})[\s\u00a0]*/;

function rename(element, tag) {
  const other = element.ownerDocument.createElement(tag);
  other.append(...element.childNodes);
  element.replaceWith(other);
  return other;
}

function unwrap(element) {
  element.replaceWith(...element.childNodes);
}

function removeJunk(body) {
  const comments = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const found = [];
  while (comments.nextNode()) found.push(comments.currentNode);
  for (const comment of found) comment.remove();
  for (const element of body.querySelectorAll("style, script, meta, link, title, xml, img, br.Apple-interchange-newline")) element.remove();
  for (const element of body.querySelectorAll("*")) if (element.localName === "o:p" && !element.textContent.trim()) element.remove();
}

// --- Word's lists ---

function listItem(paragraph) {
  const level = /mso-list:\s*l\d+\s+level(\d+)/i.exec(style(paragraph));
  if (!level && !/^MsoListParagraph/.test(paragraph.className)) return null;
  let marker = [...paragraph.querySelectorAll("span")].find((span) => /mso-list:\s*ignore/i.test(style(span)));
  const drawn = marker ? marker.textContent.trim() : DRAWN.exec(paragraph.textContent)?.[1];
  if (!drawn) return null; // the second paragraph of an item, or only set like one
  if (marker) {
    while (marker.parentElement !== paragraph && marker.parentElement.textContent === marker.textContent) marker = marker.parentElement;
    marker.remove();
  } else {
    cutFront(paragraph, DRAWN.exec(paragraph.textContent)[0].length);
  }
  return { level: Number(level?.[1] ?? 1), tag: NUMBERED.test(drawn) && drawn !== "o" ? "ol" : "ul" };
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

function buildLists(body) {
  let open = []; // the lists that the next item may go on with, one a level
  let last = null;
  for (const paragraph of body.querySelectorAll("p, h1, h2, h3, h4, h5, h6")) {
    const item = listItem(paragraph);
    if (!item) continue;
    if (!last || (open[0] ?? last) !== previousElement(paragraph)) open = [];
    open.length = Math.min(open.length, item.level);
    if (open.length === item.level && open.at(-1).localName !== item.tag) open.pop();
    const li = body.ownerDocument.createElement("li");
    if (open.length < item.level) {
      const list = body.ownerDocument.createElement(item.tag);
      const parent = open.at(-1)?.lastElementChild;
      if (parent) parent.append(list);
      else paragraph.before(list);
      open.push(list);
    }
    open.at(-1).append(li);
    li.append(...paragraph.childNodes);
    paragraph.remove();
    last = open[0];
  }
}

// The element before, if nothing but white space stands between.
function previousElement(element) {
  let node = element.previousSibling;
  while (node && node.nodeType !== Node.ELEMENT_NODE && !node.data.trim()) node = node.previousSibling;
  return node;
}

// --- Styles that mean something ---

function readStyles(body) {
  for (const element of body.querySelectorAll("b, strong, i, em, span, font")) {
    // Word writes mso-bidi-font-weight:normal on what is bold: that is about Arabic.
    const weight = /(?:^|;)\s*font-weight:\s*(\w+)/.exec(style(element))?.[1];
    const slant = /(?:^|;)\s*font-style:\s*(\w+)/.exec(style(element))?.[1];
    const strong = weight ? weight === "bold" || Number(weight) >= 600 : element.matches("b, strong");
    const em = slant ? slant === "italic" : element.matches("i, em");
    // Google wraps the whole text in a <b> that is not bold; a mark can hold no blocks anyway.
    if (!element.querySelector(BLOCKS)) {
      if (strong) wrapContent(element, "strong");
      if (em) wrapContent(element, "em");
    }
    unwrap(element);
  }
}

function wrapContent(element, tag) {
  const mark = element.ownerDocument.createElement(tag);
  mark.append(...element.childNodes);
  element.append(mark);
}

function setBlocks(body) {
  for (const element of body.querySelectorAll("h1, p.MsoTitle")) rename(element, "h2");
  for (const element of body.querySelectorAll("h4, h5, h6")) rename(element, "h3");
  for (const element of body.querySelectorAll("p.MsoQuote, p.MsoIntenseQuote")) {
    const quote = body.ownerDocument.createElement("blockquote");
    element.replaceWith(quote);
    quote.append(element);
  }
  // Between the items stands what belongs to the item before.
  for (const list of body.querySelectorAll("ul > ul, ul > ol, ol > ul, ol > ol")) list.previousElementSibling?.append(list);
}

function tidyText(body) {
  const texts = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    text.data = text.data.replace(INVISIBLE, "").replace(/[\s\u00a0]{2,}/g, " ");
  }
  for (const element of body.querySelectorAll("br")) if ([...element.parentElement.children].some((child) => child.matches(BLOCKS))) element.remove();
  for (const element of body.querySelectorAll("p, h2, h3, blockquote")) if (!element.textContent.trim()) element.remove();
}

function stripAttributes(body) {
  for (const element of body.querySelectorAll("*")) {
    for (const { name } of [...element.attributes]) {
      if (!(name === "href" && element.localName === "a")) element.removeAttribute(name);
    }
  }
}

// The page's policy forbids style attributes, and the browser complains of them even where nothing is shown:
// they are renamed before they are parsed.
function withoutStyles(html) {
  return html
    .replace(/<!--[^]*?-->|<(style|xml)\b[^]*?<\/\1>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
}

export function cleanPaste(html) {
  if (html.includes("data-pm-slice")) return html; // from this or another such editor
  const { body } = new DOMParser().parseFromString(withoutStyles(html), "text/html");
  for (const clean of [removeJunk, buildLists, readStyles, setBlocks, tidyText, stripAttributes]) clean(body);
  return body.innerHTML;
}
