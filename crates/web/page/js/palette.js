/** The colours of the daemon's own overlay, in its order: an object looks the same here, in recordings and in streams. */
const COLOURS = [
  [255, 72, 72],
  [56, 160, 255],
  [92, 220, 88],
  [255, 200, 40],
  [204, 96, 255],
  [36, 220, 216],
  [255, 136, 40],
  [255, 116, 188],
  [176, 236, 52],
  [120, 124, 255],
  [0, 200, 140],
  [232, 190, 150],
];

/**
 * @param {number} id of the object, from 1 up
 * @param {number} [alpha]
 * @returns {string} a CSS colour
 */
export function colour(id, alpha = 1) {
  const [red, green, blue] = COLOURS[(Math.max(1, id) - 1) % COLOURS.length];
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}
