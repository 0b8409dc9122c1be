// Passkeys: what the server asks for stands in the page, and the browser's answer goes back in the form's field.

const form = document.querySelector("form[data-passkey]");
const source = document.getElementById("passkey-options");

if (form && source && !window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  form.hidden = true; // an old browser: a code still does
} else if (form && source) {
  const options = JSON.parse(source.textContent);
  form.addEventListener("submit", async (event) => {
    if (form.passkey.value) return;
    event.preventDefault();
    try {
      const credential = form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.passkey.value = JSON.stringify(credential.toJSON());
      form.requestSubmit();
    } catch {
      form.querySelector("[role=alert]").hidden = false;
    }
  });
}
