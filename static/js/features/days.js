/** A day is printed once: later rows of the same day keep only the time. */

/** @param {Element | null} list */
export function markDays(list) {
  let before = "";
  for (const row of list?.querySelectorAll(":scope > tr") ?? []) {
    const day = row.querySelector(".dy")?.textContent ?? "";
    row.classList.toggle("same-day", day === before);
    before = day;
  }
}
