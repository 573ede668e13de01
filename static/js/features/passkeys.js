/** Passkeys: made by the browser, and asked for at the sign-in. */

const Key = /** @type {any} */ (globalThis.PublicKeyCredential);

/** Whether this browser can do all that is needed here. */
export const canPasskeys = Boolean(Key?.parseCreationOptionsFromJSON && Key?.parseRequestOptionsFromJSON);

/**
 * Make a passkey as the server wants it.
 * @param {any} options
 */
export async function make(options) {
  const made = await navigator.credentials.create({ publicKey: Key.parseCreationOptionsFromJSON(options) });
  return /** @type {any} */ (made).toJSON();
}

/**
 * Sign in with a passkey; returns where to go.
 * @param {string} options address of the question
 * @param {string} finish address that takes the answer
 * @returns {Promise<string>}
 */
export async function ask(options, finish) {
  const question = await post(options);
  const found = await navigator.credentials.get({ publicKey: Key.parseRequestOptionsFromJSON(question.publicKey) });
  return (await post(finish, /** @type {any} */ (found).toJSON())).to;
}

/**
 * @param {string} path
 * @param {any} [body]
 */
async function post(path, body) {
  const token = /** @type {HTMLInputElement | null} */ (document.querySelector("[name=csrfmiddlewaretoken]"));
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token?.value ?? "" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body ?? {}), credentials: "same-origin" });
  const answer = response.headers.get("Content-Type")?.startsWith("application/json") ? await response.json() : {};
  if (!response.ok) throw new Error(answer.message ?? response.statusText);
  return answer;
}
