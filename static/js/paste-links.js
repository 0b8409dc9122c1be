// Where a link in a text may lead, and the address behind those that programs wrap round it: the same as sccon/links.py.
const ADDRESS = /^(?:https?:\/\/[^/\s]|mailto:[^\s@]+@|tel:\+?\d|\/(?![/\\])|\/$)/i;
const MAILBOX = /^[^\s@/:?#]+@[^\s@/:?#]+\.[^\s@/:?#.]+$/;
const APPENDED = /^(?:(?:utm|mtm|pk|piwik|matomo|hsa|etcc|wt|mc|gad)_.*|_hsenc|_hsmi|_ga|_gl|mkt_tok|fbclid|gclid|gclsrc|dclid|msclkid|yclid|ttclid|twclid|srsltid|li_fat_id|igshid|igsh|gbraid|wbraid|phpsessid|jsessionid|aspsessionid.*|cfid|cftoken)$/;
const WRAPPED = new RegExp(`^https?://(?:${[
  String.raw`(?:[\w-]+\.)*safelinks\.protection\.outlook\.com/`,
  String.raw`statics\.teams\.cdn\.office\.net/[^?]*safelinks`,
  String.raw`(?:www\.)?google\.[a-z.]{2,6}/url`,
  String.raw`(?:www\.|m\.)?youtube\.com/redirect`,
  String.raw`lm?\.(?:facebook|instagram)\.com/`,
  String.raw`(?:www\.)?linkedin\.com/(?:redir/redirect|safety/go)`,
  String.raw`out\.reddit\.com/`,
  String.raw`slack-redir\.net/link`,
  String.raw`(?:www\.)?duckduckgo\.com/l/`,
  String.raw`deref-(?:gmx|web)(?:-\d+)?\.[a-z]{2,3}/`,
  String.raw`linkprotect\.cudasvc\.com/url`,
].join("|")})[^?#]*\\?`, "i");
const LEADS_TO = ["url", "q", "u", "a", "uddg", "redirectUrl"];
const PROOFPOINT = /^https:\/\/urldefense\.(?:com|us)\/v3\/__(https?:\/.+?)__;/i;
const LAYERS = 5;

// null: it leads somewhere itself. "": it leads on, nobody can tell where to.
function inside(address) {
  const found = PROOFPOINT.exec(address);
  if (found) return found[1].includes("*") ? null : found[1].replace(/^(https?:\/)(?!\/)/, "$1/");
  if (!WRAPPED.test(address)) return null;
  const asked = new URLSearchParams(address.slice(address.indexOf("?")).split("#")[0]);
  const next = asked.get(LEADS_TO.find((name) => asked.get(name)) ?? "") ?? "";
  return /^(?:https?:\/\/|mailto:|www\.)/i.test(next) ? next : "";
}

function decoded(name) {
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}

function withoutCounters(address) {
  if (!/^(?:http|\/)/i.test(address)) return address;
  const [, path, query, fragment] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(address);
  if (query === undefined) return address;
  const parts = query.split("&");
  const kept = parts.filter((part) => !APPENDED.test(decoded(part.split("=")[0])));
  if (kept.length === parts.length) return address;
  return path + (kept.some(Boolean) ? `?${kept.join("&")}` : "") + (fragment ?? "");
}

export function linkAddress(given) {
  let address = given;
  for (let layer = 0; layer < LAYERS; layer += 1) {
    address = address.replace(/[\x00-\x1f\x7f]/g, "").trim().replaceAll(" ", "%20");
    if (/^www\.[^/\s]/i.test(address)) address = `https://${address}`;
    else if (MAILBOX.test(address)) address = `mailto:${address}`;
    if (!ADDRESS.test(address)) return null;
    const next = inside(address);
    if (next === null) return withoutCounters(address);
    address = next;
  }
  return null;
}
