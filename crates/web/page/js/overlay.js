import { paintMask, paintTag } from "./paint.js";
import { drawBox, drawCross, drawGuides, drawMark, markAlive } from "./pointers.js";

const HOVER = { fill: 0.22, line: 3, edge: 1 };

/**
 * The layer for what the person does: cross, box, clicks, the outline under the pointer. It has a canvas of its own and follows
 * the display, not the frames; it rests while there is nothing to draw.
 */
export class Overlay {
  /** Pointer in source pixels, or null. @type {?number[]} */
  pointer = null;
  /** Keyboard's cross in source pixels, or null. @type {?number[]} */
  cursor = null;
  /** Corners of the box being drawn, in source pixels. @type {?number[][]} */
  box = null;
  /** What the next click says. */
  positive = true;
  /** Object to highlight. */
  hovered = 0;
  #canvas;
  #screen;
  #marks = [];
  #request = 0;
  #ratio = 1;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("./screen.js").Screen} screen
   */
  constructor(canvas, screen) {
    this.#canvas = canvas;
    this.#screen = screen;
  }

  /** @param {number} width device pixels @param {number} height device pixels @param {number} ratio */
  resize(width, height, ratio) {
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#ratio = ratio;
    this.wake();
  }

  /**
   * Shows a click until its outline is there.
   * @param {number[]} place source pixels
   * @param {boolean} positive
   * @returns {{place: number[], positive: boolean, born: number, done: number}}
   */
  mark(place, positive) {
    const mark = { place, positive, born: performance.now(), done: 0 };
    this.#marks.push(mark);
    this.wake();
    return mark;
  }

  /** Lets a mark fade. @param {?{done: number}} mark */
  settle(mark) {
    if (mark && !mark.done) mark.done = performance.now();
  }

  /** Takes a mark away at once. @param {?object} mark */
  unmark(mark) {
    this.#marks = this.#marks.filter((other) => other !== mark);
  }

  /** Draws from the next refresh on, as long as there is something to draw. */
  wake() {
    if (!this.#request) this.#request = requestAnimationFrame((now) => this.#draw(now));
  }

  #draw(now) {
    this.#request = 0;
    const context = this.#canvas.getContext("2d");
    const shown = this.#screen.shown;
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (!shown) return;
    this.#highlight(context, shown);
    this.#point(context, shown, now);
    if (this.pointer || this.cursor || this.box || this.#marks.length || this.hovered) this.wake();
  }

  #highlight(context, shown) {
    const object = this.hovered && !this.box ? shown.objects.find(({ id }) => id === this.hovered) : null;
    if (!object) return;
    paintMask(context, shown, object, HOVER, this.#ratio);
    paintTag(context, shown, object, this.#ratio);
  }

  #point(context, shown, now) {
    const { width, height } = this.#canvas;
    const ratio = this.#ratio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const size = [width / ratio, height / ratio];
    const onCanvas = ([x, y]) => [(x / shown.width) * size[0], (y / shown.height) * size[1]];
    if (this.pointer && !this.box) drawGuides(context, size, onCanvas(this.pointer), this.positive);
    if (this.box) drawBox(context, this.box.map(onCanvas));
    this.#marks = this.#marks.filter((mark) => markAlive(mark, now));
    for (const mark of this.#marks) drawMark(context, onCanvas(mark.place), mark, now);
    if (this.cursor) drawCross(context, onCanvas(this.cursor), this.positive);
  }
}
