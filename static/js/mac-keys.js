// On Apple's machines keys are held with Command that are held with Control elsewhere: what buttons say of theirs.

const MAC = /^(Mac|iP)/.test(navigator.platform);
const SIGNS = { Alt: "⌥", Shift: "⇧", Control: "⌘" }; // in the order of Apple's menus

function name(button) {
  const keys = button.getAttribute("aria-keyshortcuts").split("+");
  const held = Object.keys(SIGNS).filter((key) => keys.includes(key)).map((key) => SIGNS[key]).join("");
  if (button.title) button.title = `${button.getAttribute("aria-label")} (${held}${keys.at(-1)})`;
  button.setAttribute("aria-keyshortcuts", keys.join("+").replace("Control", "Meta"));
}

export function nameMacKeys(root) {
  if (MAC) for (const button of root.querySelectorAll('[aria-keyshortcuts*="Control"]')) name(button);
}
