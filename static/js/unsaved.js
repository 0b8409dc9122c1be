// What was typed into an article's form and is not saved yet, kept in this browser: one entry a person, article and
// window. No one else's is kept: whoever signs in here removes what others left, and signing out removes one's own.
//
// An entry is {at, version, entries: [[name, value], …], files: [name, …]}.

const PREFIX = "sccon:unsaved:";
const LEFT = "sccon:signed-out";

export const user = document.querySelector("meta[name=user]")?.content ?? "";
export const page = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const lockOf = (name) => `sccon:window:${name}`;
let keeping = Boolean(user);

function keys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return []; // a browser that keeps nothing
  }
}

// Whosever it is: before a login nobody knows.
export const someKept = () => keys().length > 0;

const keyOf = (article) => `${PREFIX}${user}:${article}:${page}`;

export function keep(article, entry) {
  if (!keeping) return;
  try {
    localStorage.setItem(keyOf(article), JSON.stringify(entry));
  } catch { /* full, or forbidden: the form still warns before it is left */ }
}

export function forget(article, window = page) {
  try {
    localStorage.removeItem(`${PREFIX}${user}:${article}:${window}`);
  } catch { /* as above */ }
}

// Signed in again after having signed out in another window: what is typed here is kept again.
export function resume() {
  keeping = Boolean(user);
}

// The windows of this browser that are open. A page that is being left gives its lock back a moment later.
async function openWindows() {
  const { held } = await navigator.locks.query();
  return new Set(held.map((lock) => lock.name));
}

// What earlier windows left of this article, the newest first; not what stands in a window that is still open.
export async function leftBehind(article) {
  const start = `${PREFIX}${user}:${article}:`;
  let windows = keys().filter((key) => key.startsWith(start)).map((key) => key.slice(start.length)).filter((window) => window !== page);
  if (windows.length && navigator.locks) {
    let open = await openWindows();
    if (windows.some((window) => open.has(lockOf(window)))) {
      await new Promise((resolve) => { setTimeout(resolve, 400); });
      open = await openWindows();
    }
    windows = windows.filter((window) => !open.has(lockOf(window)));
  }
  return windows.flatMap((window) => {
    try {
      return [{ window, ...JSON.parse(localStorage.getItem(start + window)) }];
    } catch {
      forget(article, window);
      return [];
    }
  }).sort((one, other) => other.at - one.at);
}

// --- On every page of the admin ------------------------------------------------------------------------------

navigator.locks?.request(lockOf(page), () => new Promise(() => {})); // held while this page is open

if (user) for (const key of keys()) if (!key.startsWith(`${PREFIX}${user}:`)) localStorage.removeItem(key);

for (const message of document.querySelectorAll(".messagelist [class*=saved-]")) {
  const [, article, window] = message.className.match(/\bsaved-(\w+)-([\w-]+)/) ?? [];
  if (window) forget(article, window);
}

document.getElementById("logout-form")?.addEventListener("submit", () => {
  keeping = false;
  for (const key of keys()) localStorage.removeItem(key);
  try {
    localStorage.setItem(LEFT, String(Date.now())); // other windows hear it
  } catch { /* then they have kept nothing either */ }
});
window.addEventListener("storage", (event) => { if (event.key === LEFT) keeping = false; });
