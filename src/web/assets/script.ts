/**
 * The one script of the site, plain and small: passkeys, local times, news, and nothing sent twice. It makes no
 * HTML out of text, so that it runs under trusted types.
 *
 * `data-passkey-get` holds options by the values of the form's buttons (`*`: for any), `data-passkey-create` those
 * for one new key, each as WebAuthn's JSON; what the authenticator says goes into the hidden field `assertion` or
 * `registration`.
 */
export const SCRIPT = `'use strict';
(() => {
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (sign) => sign.charCodeAt(0));
const text = (buffer) => {
  let signs = '';
  for (const byte of new Uint8Array(buffer)) signs += String.fromCharCode(byte);
  return btoa(signs).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '');
};
const keys = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));

const getOptions = (json) => ({ ...json, challenge: bytes(json.challenge), allowCredentials: keys(json.allowCredentials) });
const createOptions = (json) => ({
  ...json,
  challenge: bytes(json.challenge),
  user: { ...json.user, id: bytes(json.user.id) },
  excludeCredentials: keys(json.excludeCredentials),
});

const common = (key) => ({
  id: key.id,
  rawId: text(key.rawId),
  type: key.type,
  clientExtensionResults: key.getClientExtensionResults(),
  ...(key.authenticatorAttachment ? { authenticatorAttachment: key.authenticatorAttachment } : {}),
});
const asserted = (key) => ({
  ...common(key),
  response: {
    clientDataJSON: text(key.response.clientDataJSON),
    authenticatorData: text(key.response.authenticatorData),
    signature: text(key.response.signature),
    ...(key.response.userHandle ? { userHandle: text(key.response.userHandle) } : {}),
  },
});
const registered = (key) => ({
  ...common(key),
  response: {
    clientDataJSON: text(key.response.clientDataJSON),
    attestationObject: text(key.response.attestationObject),
    transports: key.response.getTransports ? key.response.getTransports() : [],
  },
});

const SAYINGS = {
  NotAllowedError: 'Nothing was sent: it was cancelled, took too long, or this device has no passkey that fits. Try again, or use the device that has your passkey.',
  InvalidStateError: 'Nothing was sent: this device has a passkey for you already.',
  SecurityError: 'Nothing was sent: passkeys do not work at the address of this page. Open the site by its own name.',
  NotSupportedError: 'Nothing was sent: this device cannot make a passkey of the kind that is asked for.',
  ConstraintError: 'Nothing was sent: this device cannot check that it is you. Set a PIN or a fingerprint on it first.',
  AbortError: 'Nothing was sent: it was broken off. Try again.',
};
const saying = (error) =>
  (error && SAYINGS[error.name]) || 'Nothing was sent: this browser could not use a passkey here. Try another browser or device.';

const tell = (form, sentence) => {
  let place = form.querySelector('[data-told]');
  if (!place) {
    place = document.createElement('p');
    place.setAttribute('role', 'alert');
    place.setAttribute('data-told', '');
    place.className = 'told';
    form.append(place);
  }
  place.textContent = sentence;
  place.hidden = sentence === '';
};

/** Forms that wait for a device or were sent. */
const busy = new Set();
const rest = (form, resting) => {
  if (resting) busy.delete(form);
  else busy.add(form);
  form.setAttribute('aria-busy', String(!resting));
  for (const button of form.querySelectorAll('button[type=submit]:not([hidden])')) button.disabled = !resting;
};

/** As if the button had been pressed: a form that a script sends leaves the button out. */
const send = (form, button) => {
  if (button && button.name) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = button.name;
    field.value = button.value;
    form.append(field);
  }
  HTMLFormElement.prototype.submit.call(form);
};

const sign = async (form, button, use, field) => {
  rest(form, false);
  tell(form, '');
  try {
    if (!window.PublicKeyCredential || !navigator.credentials) throw new Error('no passkeys');
    form.elements.namedItem(field).value = JSON.stringify(await use());
    send(form, button);
  } catch (error) {
    rest(form, true);
    tell(form, saying(error));
    if (button) button.focus();
  }
};

document.addEventListener('submit', (event) => {
  const form = event.target;
  const button = event.submitter;
  if (busy.has(form)) return event.preventDefault();
  const { passkeyGet, passkeyCreate } = form.dataset;
  const all = passkeyGet ? JSON.parse(passkeyGet) : {};
  const key = button && Object.hasOwn(all, button.value) ? button.value : '*';
  if (Object.hasOwn(all, key)) {
    event.preventDefault();
    const publicKey = () => getOptions(all[key]);
    sign(form, button, async () => asserted(await navigator.credentials.get({ publicKey: publicKey() })), 'assertion');
  } else if (passkeyCreate) {
    event.preventDefault();
    const publicKey = () => createOptions(JSON.parse(passkeyCreate));
    sign(form, button, async () => registered(await navigator.credentials.create({ publicKey: publicKey() })), 'registration');
  } else if (form.method === 'post') {
    busy.add(form);
    // Later, as a button that is disabled now would be left out of what is sent.
    setTimeout(() => rest(form, false));
  }
});
// A page that comes back from the browser's memory has sent nothing.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) for (const form of [...busy]) rest(form, true);
});

const here = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short',
});
for (const time of document.querySelectorAll('time[data-local]')) {
  const date = new Date(time.dateTime);
  if (Number.isNaN(date.getTime())) continue;
  time.title = date.toISOString();
  time.textContent = here.format(date);
}

/** What is folded is opened by the link that leads to it. */
const unfold = () => {
  const place = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  const details = place && place.querySelector('details');
  if (details) details.open = true;
};
window.addEventListener('hashchange', unfold);
unfold();

const live = document.body.dataset.live;
if (live) {
  let touched = false;
  document.addEventListener('input', () => { touched = true; });
  document.addEventListener('toggle', () => { touched = true; }, true);
  // To load the page again would call back whoever is on the way to another one.
  window.addEventListener('beforeunload', () => { touched = true; });
  const news = new EventSource(live);
  news.addEventListener('changed', () => {
    if (!touched && busy.size === 0) return location.reload();
    if (document.querySelector('.news')) return;
    const note = document.createElement('p');
    note.className = 'news';
    note.setAttribute('role', 'status');
    const link = document.createElement('a');
    link.href = location.href;
    link.textContent = 'Show what is new';
    note.append('Something has changed. ', link);
    document.querySelector('main').prepend(note);
  });
  window.addEventListener('pagehide', () => news.close());
}
})();
`;
