/** A new account: its short name follows the name until the person writes one; then on to connect a bot. */

import { send } from "app/core/api.js";
import { onSubmit } from "app/features/dialogs.js";

const LONGEST = 50;
const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-new-account]"));
const [name, slug] = ["name", "slug"].map((each) => /** @type {HTMLInputElement} */ (form.elements.namedItem(each)));

/** Letters, digits and inner hyphens of a name. @param {string} text */
const short = (text) =>
  text
    .normalize("NFD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, "");

let own = false;
slug.addEventListener("input", () => (own = slug.value !== ""));
name.addEventListener("input", () => {
  if (!own) slug.value = short(name.value);
});

onSubmit(form, async (values) => {
  const made = await send("POST", "/api/accounts", {
    slug: values.get("slug"),
    name: values.get("name"),
    kind: values.get("kind"),
    exchange: values.get("exchange"),
    currency: values.get("currency"),
    initial_capital: values.get("initial_capital") || null,
    periods_per_year: Number(values.get("periods_per_year")),
  });
  location.assign(`/a/${made.slug}/connect`);
});
