/** When to work: at most once per animation frame, and only while somebody looks. */

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
