/** Drawings of the interaction layer, all in CSS pixels of the picture. */

/** How long a click stays visible after its outline has come. */
const FADE_MS = 1_400;
const PULSE_MS = 1_100;
const DARK = "rgb(0 0 0 / 0.55)";
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Fine lines through the pointer, and the sign of the next click beside it.
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} size
 * @param {number[]} at
 * @param {boolean} positive
 */
export function drawGuides(context, [width, height], [x, y], positive) {
  context.lineWidth = 1;
  context.strokeStyle = "rgb(255 255 255 / 0.16)";
  context.beginPath();
  for (const [from, to] of [[0, x - 16], [x + 16, width]]) line(context, from, y, to, y);
  for (const [from, to] of [[0, y - 16], [y + 16, height]]) line(context, x, from, x, to);
  context.stroke();
  if (!positive) sign(context, x + 15, y + 15, 7, false);
}

/**
 * The keyboard's cross.
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} at
 * @param {boolean} positive
 */
export function drawCross(context, [x, y], positive) {
  context.beginPath();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) line(context, x + dx * 7, y + dy * 7, x + dx * 20, y + dy * 20);
  twice(context, 2, "#fff");
  sign(context, x + 18, y + 18, 8, positive);
}

/**
 * The box that is being drawn.
 * @param {CanvasRenderingContext2D} context
 * @param {number[][]} corners
 */
export function drawBox(context, [[x0, y0], [x1, y1]]) {
  context.fillStyle = "rgb(255 255 255 / 0.1)";
  context.fillRect(x0, y0, x1 - x0, y1 - y0);
  context.beginPath();
  context.rect(x0, y0, x1 - x0, y1 - y0);
  twice(context, 1.5, "#fff");
  for (const [x, y] of [[x0, y0], [x1, y1]]) {
    context.beginPath();
    context.arc(x, y, 4, 0, Math.PI * 2);
    twice(context, 2, "#fff");
  }
}

/**
 * A click: a sign, with rings going out from it until the outline is there.
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} at
 * @param {{positive: boolean, born: number, done: number}} mark
 * @param {number} now
 */
export function drawMark(context, [x, y], mark, now) {
  const fade = mark.done ? 1 - (now - mark.done) / FADE_MS : 1;
  context.globalAlpha = Math.max(0, Math.min(1, fade));
  if (!mark.done) {
    const turn = stillness.matches ? 0.5 : ((now - mark.born) % PULSE_MS) / PULSE_MS;
    context.beginPath();
    context.arc(x, y, 8 + 22 * turn, 0, Math.PI * 2);
    context.globalAlpha = Math.max(0, 1 - turn);
    twice(context, 2, "#fff");
    context.globalAlpha = 1;
  }
  sign(context, x, y, 8, mark.positive);
  context.globalAlpha = 1;
}

/**
 * @param {{done: number}} mark
 * @param {number} now
 * @returns {boolean} whether there is still something to see of it
 */
export function markAlive(mark, now) {
  return !mark.done || now - mark.done < FADE_MS;
}

function sign(context, x, y, radius, positive) {
  context.beginPath();
  context.arc(x, y, radius, 0, Math.PI * 2);
  context.fillStyle = positive ? "#fff" : "#16191d";
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = positive ? DARK : "#fff";
  context.stroke();
  context.beginPath();
  const arm = radius * 0.5;
  line(context, x - arm, y, x + arm, y);
  if (positive) line(context, x, y - arm, x, y + arm);
  context.lineWidth = 2;
  context.strokeStyle = positive ? "#16191d" : "#fff";
  context.stroke();
}

function line(context, x0, y0, x1, y1) {
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
}

/** A line with a dark edge, to be seen on any ground. */
function twice(context, width, stroke) {
  context.lineWidth = width + 2;
  context.strokeStyle = DARK;
  context.stroke();
  context.lineWidth = width;
  context.strokeStyle = stroke;
  context.stroke();
}
