/** Paint at most once per animation frame, however often something changes. */

/**
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
