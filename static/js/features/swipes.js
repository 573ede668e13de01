/** A sheet follows the finger that pulls it down, and is closed if it is pulled far enough. */

const ENOUGH = 80;
/** What has a use of its own for a finger that moves. */
const OTHERS = "[data-room], input, textarea, select, .compared-room, .figures";

/** @param {HTMLDialogElement} sheet */
export function swipes(sheet) {
  let begun = 0;
  const narrow = matchMedia("(max-width: 767.98px)");
  const pull = (/** @type {number} */ by) => (sheet.style.translate = by > 0 ? `0 ${by}px` : "");
  sheet.addEventListener(
    "touchstart",
    ({ touches, target }) => {
      begun = !narrow.matches || sheet.querySelector(".show")?.scrollTop || touches.length > 1 || /** @type {Element} */ (target).closest(OTHERS) ? 0 : touches[0].clientY;
    },
    { passive: true },
  );
  sheet.addEventListener("touchmove", ({ touches }) => begun && pull(touches[0].clientY - begun), { passive: true });
  for (const name of /** @type {const} */ (["touchend", "touchcancel"])) {
    sheet.addEventListener(name, ({ changedTouches }) => {
      if (begun && name === "touchend" && changedTouches[0].clientY - begun > ENOUGH) sheet.close();
      begun = 0;
      pull(0);
    });
  }
}
