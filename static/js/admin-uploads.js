// Uploads the chosen pictures one after another and says of each how far it is (news/admin/image_uploads.py).
// XMLHttpRequest, because fetch does not tell how much has been sent.
const form = document.querySelector("[data-upload-many]");
const list = form.querySelector(".uploads");
const files = form.querySelector("[type=file]");
const button = form.querySelector("button");

function line(name) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  const bar = document.createElement("progress");
  label.textContent = name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", name);
  item.append(label, bar);
  list.append(item);
  return { item, bar };
}

function send(file, bar) {
  const data = new FormData(form);
  data.delete("pictures");
  data.append("pictures", file);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => (bar.value = loaded / total));
    request.addEventListener("loadend", () => resolve(request.response ?? { problem: form.dataset.lost }));
    request.send(data);
  });
}

function show(item, bar, { url, thumbnail, problem }) {
  if (problem) {
    const strong = document.createElement("strong");
    strong.className = "problem";
    strong.textContent = problem;
    bar.replaceWith(strong);
    return;
  }
  const link = Object.assign(document.createElement("a"), { href: url, textContent: form.dataset.describe });
  const image = Object.assign(document.createElement("img"), { src: thumbnail, width: 96, height: 64, alt: "" });
  item.prepend(image);
  bar.replaceWith(form.dataset.done, " ", link);
}

form.addEventListener("submit", async (event) => {
  if (!files.files.length) return;
  event.preventDefault();
  button.disabled = true;
  const waiting = [...files.files].map((file) => ({ file, ...line(file.name) }));
  for (const { file, item, bar } of waiting) show(item, bar, await send(file, bar));
  files.value = "";
  button.disabled = false;
});
