/**
 * Zoom and pan of a chart over time: pinch or Ctrl and wheel, two fingers, the keys + - 0 and the arrows; a double click
 * or tap shows the whole again.
 *
 * @typedef {object} Surface
 * @property {HTMLElement} over what is touched; its left edge is where the drawing begins
 * @property {() => number} width of the drawing
 * @property {() => [number, number]} range that is in view, in any unit
 * @property {(to: [number, number] | null) => void} move look at this; null is the whole
 */

const STEP = 0.8;
const PAN = 0.2;

/**
 * @param {Surface} surface
 * @param {HTMLElement} room which has the keyboard's focus
 * @param {AbortSignal} signal ends listening
 */
export function gestures({ over, width, range, move }, room, signal) {
  /** @type {Map<number, number>} */
  const fingers = new Map();
  let spread = 0;

  /**
   * @param {number} factor below 1 comes nearer
   * @param {number} at share of the width that stays where it is
   */
  const zoom = (factor, at) => {
    const [from, to] = range();
    const fixed = from + (to - from) * at;
    move([fixed - (fixed - from) * factor, fixed + (to - fixed) * factor]);
  };

  /** @param {number} share of the width */
  const pan = (share) => {
    const [from, to] = range();
    move([from + (to - from) * share, to + (to - from) * share]);
  };

  /** @param {number} x of the screen */
  const place = (x) => (x - over.getBoundingClientRect().left) / width();

  over.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? STEP : 1 / STEP, place(event.clientX));
    },
    { signal, passive: false },
  );
  over.addEventListener("dblclick", () => move(null), { signal });
  over.addEventListener("pointerdown", (event) => event.pointerType === "touch" && fingers.set(event.pointerId, event.clientX), { signal });
  over.addEventListener(
    "pointermove",
    (event) => {
      if (!fingers.has(event.pointerId)) return;
      fingers.set(event.pointerId, event.clientX);
      if (fingers.size !== 2) return;
      const [one, other] = [...fingers.values()];
      const apart = Math.abs(one - other);
      if (spread && apart) zoom(spread / apart, place((one + other) / 2));
      spread = apart;
    },
    { signal },
  );
  for (const name of ["pointerup", "pointercancel"]) {
    over.addEventListener(
      name,
      (event) => {
        fingers.delete(/** @type {PointerEvent} */ (event).pointerId);
        spread = 0;
      },
      { signal },
    );
  }
  room.addEventListener(
    "keydown",
    (event) => {
      /** @type {Record<string, () => void>} */
      const keys = { "+": () => zoom(STEP, 0.5), "-": () => zoom(1 / STEP, 0.5), 0: () => move(null), ArrowLeft: () => pan(-PAN), ArrowRight: () => pan(PAN) };
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey && event.key.startsWith("Arrow") || !(event.key in keys)) return;
      event.preventDefault();
      keys[event.key]();
    },
    { signal },
  );
}
