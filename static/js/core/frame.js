/** When to work: at most once per animation frame, only while somebody looks, and not under a button that is pressed. */

/**
 * Paint at most once per animation frame, however often something changes.
 * @param {() => void} paint
 * @returns {() => void} ask for a paint
 */
export function eachFrame(paint) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      paint();
    });
  };
}

/** Wait until somebody looks at the page. */
export async function visible() {
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
}

const LONG_PRESS = 1000;
/** When the pointer that is down is up again. @type {Promise<any> | null} */
let press = null;

globalThis.document?.addEventListener(
  "pointerdown",
  () => {
    const up = ["pointerup", "pointercancel"].map((type) => new Promise((done) => addEventListener(type, () => setTimeout(done), { once: true, capture: true })));
    press = Promise.race([...up, new Promise((done) => setTimeout(done, LONG_PRESS))]);
  },
  { capture: true },
);

/** Wait while something is pressed: what goes between press and release takes the click along. */
export const released = () => press;
