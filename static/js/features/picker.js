/** A menu of many links, of which typing leaves those that fit; the arrows go through them, Enter follows the first. */

const searchOf = (/** @type {EventTarget | null} */ inside) =>
  /** @type {HTMLInputElement | null} */ (/** @type {Element} */ (inside).closest(".picker")?.querySelector("[data-pick]") ?? null);

/** @param {HTMLInputElement} search */
const linksBeside = (search) => /** @type {HTMLAnchorElement[]} */ ([...(search.closest("details")?.querySelectorAll("a") ?? [])]);

/** @param {HTMLAnchorElement} link */
const fits = (link) => !link.parentElement?.hidden;

export function startPicker() {
  document.addEventListener("toggle", (event) => searchOf(event.target)?.focus(), { capture: true });
  document.addEventListener("input", (event) => {
    const search = searchOf(event.target);
    if (!search) return;
    const wanted = search.value.trim().toLowerCase();
    const links = linksBeside(search);
    for (const link of links) link.parentElement?.toggleAttribute("hidden", !link.textContent?.toLowerCase().includes(wanted));
    search.closest("details")?.querySelector("[data-none]")?.toggleAttribute("hidden", links.some(fits));
  });
  document.addEventListener("keydown", (event) => {
    const search = searchOf(event.target);
    if (!search || !/^(Enter|Arrow(Down|Up))$/.test(event.key)) return;
    const links = linksBeside(search).filter(fits);
    const at = links.findIndex((link) => link === document.activeElement);
    if (event.key === "Enter") {
      if (at >= 0 || document.activeElement !== search) return;
      links[0]?.click();
    } else if (event.key === "ArrowDown") (links[at + 1] ?? links[0])?.focus();
    else (links[at - 1] ?? search).focus();
    event.preventDefault();
  });
}
