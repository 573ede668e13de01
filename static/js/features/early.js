/** What is pressed before the page can do it: kept, and done once it can. Links, boxes, forms and menus need no script. */

const PRESSED = "a, input, label, select, summary, textarea, button, [data-row], [data-show-key]";
const SCRIPTED = "button[type=button], [data-shows] > [data-row], [data-show-key]";

/** @returns {() => void} call it when everything can be done */
export function holdClicks() {
  /** @type {Element[]} */
  const held = [];
  const hold = (/** @type {MouseEvent} */ event) => {
    const pressed = /** @type {Element} */ (event.target).closest(PRESSED);
    if (!pressed?.matches(SCRIPTED) || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    held.push(pressed);
  };
  addEventListener("click", hold, { capture: true });
  return () => {
    removeEventListener("click", hold, { capture: true });
    for (const pressed of held) pressed.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  };
}
