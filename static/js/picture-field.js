// A form's picture (news/chooser.py, PictureWidget): chosen from the library instead of typed as a number.
import { choosePicture } from "./picture-chooser.js";

function serve(field) {
  const part = (name) => field.querySelector(`[data-part=${name}]`);
  const input = field.querySelector("input");
  const remove = field.querySelector("[value=remove]");
  const img = field.querySelector("img") ?? document.createElement("img");

  function take(picture) {
    input.value = picture?.id ?? "";
    part("preview").hidden = remove.hidden = !picture;
    if (picture) {
      Object.assign(img, { src: picture.thumbnail, width: picture.width, height: picture.height });
      img.alt = picture.alt.de || picture.alt.en || picture.name;
      part("preview").prepend(img);
      part("name").textContent = picture.name;
      part("credit").textContent = picture.credit;
    }
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  input.hidden = true;
  part("buttons").hidden = input.disabled;
  field.querySelector("[value=choose]").addEventListener("click", async () => {
    const picture = await choosePicture(field);
    if (picture) take(picture);
  });
  remove.addEventListener("click", () => {
    take(null);
    field.querySelector("[value=choose]").focus();
  });
}

for (const field of document.querySelectorAll(".picture-field")) serve(field);
