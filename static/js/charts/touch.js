/** One finger on a chart over time: along it marks a range, two taps show the whole again. */

const LEAST = 8; // pixels before a touch is a range
const TWICE = 350; // milliseconds between two taps
const NEAR = 24;

/**
 * @param {HTMLElement} over what is touched
 * @param {object} acts
 * @param {(left: number, width: number) => void} acts.mark the range so far, in pixels of `over`
 * @param {() => void} acts.done the finger has left
 * @param {() => void} acts.whole
 * @param {AbortSignal} signal ends listening
 */
export function touchRange(over, { mark, done, whole }, signal) {
  /** @type {number[]} */
  const fingers = [];
  let begin = 0;
  let ranged = false;
  let tapped = { at: -Infinity, x: 0 };

  const place = (/** @type {PointerEvent} */ event) => Math.min(Math.max(event.clientX - over.getBoundingClientRect().left, 0), over.clientWidth);
  const touches = (/** @type {PointerEvent} */ event) => event.pointerType === "touch";

  over.addEventListener(
    "pointerdown",
    (event) => {
      if (!touches(event)) return;
      fingers.push(event.pointerId);
      begin = place(event);
      // Two fingers come nearer instead.
      if (fingers.length > 1 && ranged) mark(0, 0);
      ranged = false;
    },
    { signal },
  );
  over.addEventListener(
    "pointermove",
    (event) => {
      if (fingers.length !== 1 || fingers[0] !== event.pointerId) return;
      const x = place(event);
      if (!ranged && Math.abs(x - begin) < LEAST) return;
      if (!ranged) over.setPointerCapture(event.pointerId);
      ranged = true;
      mark(Math.min(begin, x), Math.abs(x - begin));
    },
    { signal },
  );
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
    over.addEventListener(
      name,
      (event) => {
        if (!fingers.includes(event.pointerId)) return;
        const alone = fingers.length === 1;
        fingers.splice(fingers.indexOf(event.pointerId), 1);
        if (ranged && alone) {
          if (name === "pointerup") done();
          else mark(0, 0);
        } else if (alone && name === "pointerup") {
          const again = event.timeStamp - tapped.at < TWICE && Math.abs(place(event) - tapped.x) < NEAR;
          if (again) whole();
          tapped = { at: again ? -Infinity : event.timeStamp, x: place(event) };
        }
        ranged = false;
      },
      { signal },
    );
  }
}
