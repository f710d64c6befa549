// Makes and uses passkeys, on the two kinds of page that have a form with data-passkey. Without it, or where the browser
// knows no passkeys, those forms stay hidden and the way with password and code is all there is.
"use strict";

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const post = async (form, address, body) => {
  const answer = await fetch(address, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
};

const use = async (form) => {
  const options = await post(form, form.dataset.options, {});
  options.challenge = bytes(options.challenge);
  options.allowCredentials = [];
  const made = await navigator.credentials.get({ publicKey: options });
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: text(made.response.clientDataJSON),
      authenticatorData: text(made.response.authenticatorData),
      signature: text(made.response.signature),
      userHandle: made.response.userHandle && text(made.response.userHandle),
    },
  };
};

const make = async (form) => {
  const options = await post(form, form.dataset.options, {});
  options.challenge = bytes(options.challenge);
  options.user.id = bytes(options.user.id);
  for (const known of options.excludeCredentials ?? []) known.id = bytes(known.id);
  const made = await navigator.credentials.create({ publicKey: options });
  return {
    name: form.elements.name.value,
    credential: {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response: {
        clientDataJSON: text(made.response.clientDataJSON),
        attestationObject: text(made.response.attestationObject),
      },
    },
  };
};

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const failed = form.querySelector("[data-failed]");
      failed.hidden = true;
      try {
        const answer = await (form.dataset.passkey === "make" ? make : use)(form);
        const { next } = await post(form, form.action, answer);
        location.assign(next);
      } catch {
        failed.hidden = false;
        failed.focus();
      }
    });
  }
}
