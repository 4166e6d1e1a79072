"use strict";
// Asks the browser for a passkey and puts its answer, as JSON, into the form that then goes its ordinary way.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  async function answer(kind, options) {
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (kind === "create") {
      publicKey.user = { ...options.user, id: bytes(options.user.id) };
      publicKey.excludeCredentials = known(options.excludeCredentials);
    } else publicKey.allowCredentials = known(options.allowCredentials);
    const made = await navigator.credentials[kind]({ publicKey });
    const response = { clientDataJSON: text(made.response.clientDataJSON) };
    if (kind === "create") response.attestationObject = text(made.response.attestationObject);
    else {
      response.authenticatorData = text(made.response.authenticatorData);
      response.signature = text(made.response.signature);
      if (made.response.userHandle) response.userHandle = text(made.response.userHandle);
    }
    return { id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} };
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-passkey]");
    if (!form || form.elements.passkey.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const failed = form.querySelector("[data-passkey-failed]");
    failed.hidden = true;
    try {
      const options = JSON.parse(document.getElementById("passkey-options").textContent);
      form.elements.passkey.value = JSON.stringify(await answer(form.dataset.passkey, options));
      form.requestSubmit();
    } catch {
      failed.hidden = false;
    }
  }, true);
})();
