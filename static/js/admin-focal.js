// The focal point is set by clicking into the picture; numbers and arrow keys move it as well.

for (const picker of document.querySelectorAll("[data-focal]")) {
  const x = document.getElementById("id_focal_x");
  const y = document.getElementById("id_focal_y");
  const width = Number(picker.dataset.width);
  const height = Number(picker.dataset.height);
  const picture = picker.querySelector("svg:not([data-crop])");
  const cross = picker.querySelector(".cross");
  const crops = [...picker.querySelectorAll("[data-crop]")];
  const comma = document.documentElement.lang === "de";
  const share = (field) => Math.min(Math.max(Number((field?.value ?? "0.5").replace(",", ".")) || 0, 0), 1);
  const shown = (number) => Math.min(Math.max(number, 0), 1).toFixed(3).replace(".", comma ? "," : ".");

  // Round the focal point as far as the edges allow: as news.images crops.
  const draw = () => {
    const at = x ? [share(x) * width, share(y) * height] : cross.getAttribute("transform").match(/[\d.]+/g).map(Number);
    cross.setAttribute("transform", `translate(${at[0]} ${at[1]})`);
    cross.querySelector("[data-cross]").setAttribute("transform", `scale(${width / 1200})`);
    for (const crop of crops) {
      const [a, b] = crop.dataset.crop.split("/").map(Number);
      const boxWidth = Math.min(width, (height * a) / b);
      const boxHeight = Math.min(height, (width * b) / a);
      const left = Math.min(Math.max(at[0] - boxWidth / 2, 0), width - boxWidth);
      const top = Math.min(Math.max(at[1] - boxHeight / 2, 0), height - boxHeight);
      crop.setAttribute("viewBox", `${left} ${top} ${boxWidth} ${boxHeight}`);
    }
  };
  draw();
  if (!x || !y) continue;

  const set = (toX, toY) => {
    x.value = shown(toX);
    y.value = shown(toY);
    draw();
  };
  const point = (event) => {
    const box = picture.getBoundingClientRect();
    set((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  picker.dataset.live = "";
  picture.tabIndex = 0;
  picture.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    picture.setPointerCapture(event.pointerId);
    point(event); // before anything can move the picture under the pointer
    picture.focus({ focusVisible: false, preventScroll: true });
  });
  picture.addEventListener("pointermove", (event) => { if (picture.hasPointerCapture(event.pointerId)) point(event); });
  picture.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 0.1 : 0.01;
    const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!move) return;
    event.preventDefault();
    set(share(x) + move[0], share(y) + move[1]);
  });
  for (const field of [x, y]) field.addEventListener("input", draw);
}
