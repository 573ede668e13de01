/**
 * The mean of a step line over the last `window` seconds, at each of its moments; null until a whole window has passed.
 * @param {number[]} times seconds, ascending
 * @param {number[]} values each holds until the next moment
 * @param {number} window seconds
 * @returns {(number | null)[]}
 */
export function averaged(times, values, window) {
  let area = 0;
  let first = 0; // the step in force where the window begins
  return times.map((now, index) => {
    if (index) area += values[index - 1] * (now - times[index - 1]);
    const begin = now - window;
    if (!(window > 0) || begin < times[0]) return null;
    while (first < index - 1 && times[first + 1] <= begin) {
      area -= values[first] * (times[first + 1] - times[first]);
      first += 1;
    }
    return (area - values[first] * (begin - times[first])) / window;
  });
}
