// Says on pages that are the same for everybody what this browser has reserved. The pages of the cart leave a mark in its
// storage: {key, ends, of: {product: number}}. Without storage nothing is said; the shop's link to the cart is there anyway.

const KEY = "sccon:cart";

function read() {
  try {
    const mark = JSON.parse(localStorage.getItem(KEY));
    if (mark && mark.ends > Date.now()) return mark;
    localStorage.removeItem(KEY);
  } catch { /* a browser that keeps nothing, or something else wrote there */ }
  return null;
}

function write(mark) {
  try {
    if (mark) localStorage.setItem(KEY, JSON.stringify(mark));
    else localStorage.removeItem(KEY);
  } catch { /* as above */ }
}

// A page of the cart says what is in it, and for how many seconds more; an order's page, that the cart became it.
for (const each of document.querySelectorAll("[data-cart]")) {
  const { key, left, of } = each.dataset.cart ? JSON.parse(each.dataset.cart) : {};
  write(of ? { key, of, ends: Date.now() + left * 1000 } : null);
}
for (const each of document.querySelectorAll("[data-cart-over]")) if (String(read()?.key) === each.dataset.cartOver) write(null);

const words = (text, number, ends) => text.replace("{n}", number).replace(
  "{t}", new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: "Europe/Berlin" }).format(ends));

function option(select, number) {
  if ([...select.options].some((each) => Number(each.value) === number)) return;
  const after = [...select.options].find((each) => Number(each.value) > number);
  select.add(new Option(number), after ?? null);
}

// The shop begins with what is in the cart, for a choice replaces it, and what the cart holds is not sold out here.
function fill(mark) {
  for (const select of document.querySelectorAll("select[data-product]")) {
    const number = mark?.of[select.dataset.product] ?? 0;
    const most = Math.max(...[...select.options].map((each) => Number(each.value)), 0);
    const [soldOut, mine] = select.closest(".buy").querySelectorAll("p.state");
    if (mine && number) {
      soldOut.hidden = true;
      mine.textContent = words(mine.dataset.mine, number, mark.ends);
      select.name = `product-${select.dataset.product}`;
      select.disabled = mine.hidden = select.closest(".number").hidden = false;
      for (let each = Number(select.dataset.least); each <= number; each += 1) option(select, each);
    } else if (number > most) option(select, number);
    if (number && !select.dataset.filled) select.value = number;
    select.dataset.filled = "yes";
  }
}

function show() {
  const mark = read();
  const number = mark ? Object.values(mark.of).reduce((sum, each) => sum + each, 0) : 0;
  for (const notice of document.querySelectorAll("[data-cart-notice]")) {
    const said = notice.querySelector("span");
    notice.hidden = !number;
    if (number) said.textContent = words(number === 1 ? said.dataset.one : said.dataset.more, number, mark.ends);
  }
  if (mark && !document.querySelector(".products .error-message, .error-summary")) fill(mark);
}

show();
addEventListener("pageshow", (event) => { if (event.persisted) show(); });

// --- Numbers that were chosen and not sent yet stay when the language is switched ------------------------------------

for (const form of document.querySelectorAll("form[data-keep-choice]")) {
  const key = `sccon:choice:${form.dataset.keepChoice}`;
  const selects = () => [...form.querySelectorAll("select[name]")];
  try {
    const kept = JSON.parse(sessionStorage.getItem(key)) ?? {};
    sessionStorage.removeItem(key);
    for (const select of selects()) {
      if (select.name in kept && [...select.options].some((each) => each.value === kept[select.name])) select.value = kept[select.name];
    }
    const keep = () => sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(selects().map((select) => [select.name, select.value]))));
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (event.submitter?.name === "to") keep();
      else sent = true;
    });
    addEventListener("click", (event) => { if (!sent && event.target.closest?.("a[hreflang]")) keep(); });
  } catch { /* a browser that keeps nothing */ }
}
