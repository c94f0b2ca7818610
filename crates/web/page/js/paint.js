import { colour } from "./palette.js";

/** How masks look; the daemon's overlay is close to "plain". */
const LOOKS = {
  plain: { fill: 0.34, line: 2, edge: 1 },
  strong: { fill: 0.46, line: 3, edge: 1 },
  dim: { fill: 0.08, line: 1, edge: 0.4 },
};
const TAG_FONT = "600 12px system-ui, sans-serif";
const TAG_HEIGHT = 20;
/** Narrower pictures have no room for names. */
const TAG_MIN_WIDTH = 380;

/**
 * Draws all masks of a frame.
 * @param {HTMLCanvasElement} canvas in device pixels
 * @param {import("./screen.js").Shown} shown
 * @param {number} selected id of the object that the others step back for, or 0
 * @param {number} ratio device pixels per CSS pixel
 */
export function paintMasks(canvas, shown, selected, ratio) {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (const object of shown.objects) {
    const look = !selected ? LOOKS.plain : object.id === selected ? LOOKS.strong : LOOKS.dim;
    paintMask(context, shown, object, look, ratio);
  }
  if (canvas.width < TAG_MIN_WIDTH * ratio) return;
  for (const object of shown.objects) {
    if (!selected || object.id === selected) paintTag(context, shown, object, ratio);
  }
}

/**
 * Fills and outlines one mask.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./screen.js").Shown} shown
 * @param {{id: number, path: ?Path2D}} object
 * @param {{fill: number, line: number, edge: number}} look
 * @param {number} ratio
 */
export function paintMask(context, shown, object, look, ratio) {
  if (!object.path) return;
  const scale = context.canvas.width / shown.viewWidth;
  const line = (look.line * ratio) / scale;
  context.setTransform(scale, 0, 0, context.canvas.height / shown.viewHeight, 0, 0);
  context.lineJoin = "round";
  context.fillStyle = colour(object.id, look.fill);
  context.fill(object.path, "evenodd");
  context.lineWidth = line + (2 * ratio) / scale;
  context.strokeStyle = `rgb(0 0 0 / ${0.4 * look.edge})`; // keeps the line apart from a ground of its own colour
  context.stroke(object.path);
  context.lineWidth = line;
  context.strokeStyle = colour(object.id, look.edge);
  context.stroke(object.path);
  context.setTransform(1, 0, 0, 1, 0, 0);
}

/**
 * Writes an object's name above its mask.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./screen.js").Shown} shown
 * @param {import("./packet.js").Outline & {path: ?Path2D}} object
 * @param {number} ratio
 */
export function paintTag(context, shown, object, ratio) {
  if (!object.box || !object.path) return;
  const { width, height } = context.canvas;
  const text = object.name || `#${object.id}`;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = TAG_FONT;
  const wide = context.measureText(text).width + 26;
  const middle = ((object.box[0] + object.box[2]) / 2 / shown.width) * (width / ratio);
  const left = clamp(middle - wide / 2, 4, width / ratio - wide - 4);
  const top = clamp((object.box[1] / shown.height) * (height / ratio) - TAG_HEIGHT - 6, 4, height / ratio - TAG_HEIGHT - 4);
  pill(context, left, top, wide, TAG_HEIGHT, "rgb(12 14 17 / 0.78)");
  context.fillStyle = colour(object.id);
  context.beginPath();
  context.arc(left + 11, top + TAG_HEIGHT / 2, 4, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = "#fff";
  context.textBaseline = "middle";
  context.fillText(text, left + 20, top + TAG_HEIGHT / 2 + 0.5);
}

function pill(context, left, top, wide, high, fill) {
  context.fillStyle = fill;
  context.beginPath();
  context.roundRect(left, top, wide, high, high / 2);
  context.fill();
}

function clamp(value, low, high) {
  return Math.max(low, Math.min(value, Math.max(low, high)));
}
