// The line under the editor that says what was left out of a pasted text. Its words come from the page.
const KINDS = ["changes", "comments", "hidden", "pictures", "signs"];

// A function that shows what was dropped, with its `line`.
export function pastedWords(parts) {
  const line = parts.querySelector(".rich-text-pasted");
  const words = JSON.parse(line.dataset.words);
  const say = ({ dropped, fromWord }) => {
    const found = KINDS.filter((kind) => dropped[kind]);
    const said = found.map((kind) => words[kind][dropped[kind] === 1 ? 0 : 1].replace("%(count)d", dropped[kind]));
    const last = said.pop();
    const what = said.length ? `${said.join(", ")} ${words.and} ${last}` : last;
    const sentences = [(fromWord ? words.fromWord : words.sentence).replace("%(what)s", what)];
    if (dropped.changes) sentences.push(words.afterChanges);
    if (dropped.pictures) sentences.push(words.afterPictures);
    line.textContent = found.length ? sentences.join(" ") : "";
  };
  return Object.assign(say, { line });
}
