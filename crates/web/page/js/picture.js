import { Cursor } from "./cursor.js";
import { h, iconButton } from "./dom.js";
import { Gesture } from "./gesture.js";
import { Overlay } from "./overlay.js";
import { paintMasks } from "./paint.js";
import { Screen } from "./screen.js";

/** Smaller boxes are slips of the hand, in source pixels. */
const SMALLEST_BOX = 4;

/**
 * @typedef {{name: string, mode: import("./mode.js").Mode, answer: (ticket: number) => void,
 *   drawn: (shown: import("./screen.js").Shown) => void, resized: (pixels: number) => void,
 *   prompt: (ask: {points?: number[][], box?: number[], shown: object, mark: ?object, at: number[], object: number,
 *   later?: ?Promise<boolean>}) => void, pick: (id: number) => void, moved: (place: number[]) => void}} PictureOptions
 */

/** One stream's picture: video, masks and the layer that answers the hand, in this order. */
export class Picture {
  #options;
  #masks = h("canvas", { class: "layer masks", "aria-hidden": "true" });
  #anchor = null;
  #ratio = 1;
  #heldChip;

  /** @param {PictureOptions} options */
  constructor(options) {
    this.#options = options;
    const video = h("canvas", { class: "layer video", "aria-hidden": "true", testid: "video" });
    const layer = h("canvas", { class: "layer", "aria-hidden": "true" });
    this.#heldChip = h("div", { class: "chip held", hidden: true }, "Picture held: now the opposite corner",
      iconButton("close", "Cancel the box", { on: { click: () => this.cancel(), pointerdown: stop } }));
    this.element = h("div", {
      class: "picture", tabindex: 0, role: "application", testid: "picture", "data-stream": options.name,
      "aria-label": `Live picture of ${options.name}`, "aria-describedby": "picture-help",
    }, video, this.#masks, layer, this.#heldChip);
    this.screen = new Screen(video, options.answer, (shown) => this.#drawn(shown));
    this.overlay = new Overlay(layer, this.screen);
    this.cursor = new Cursor(this.element, this.#cursorHandlers());
    this.gesture = new Gesture(this.element, this.#gestureHandlers());
    new ResizeObserver(() => this.#resize()).observe(this.element);
  }

  /** Draws masks again where not the frame but the selection has changed. */
  repaint() {
    const { mode, name } = this.#options;
    if (this.screen.shown) paintMasks(this.#masks, this.screen.shown, mode.selectedIn(name), this.#ratio);
    this.overlay.positive = mode.positive;
    this.overlay.hovered = mode.stream === name ? mode.hovered : 0;
    this.overlay.wake();
    if (!mode.box) this.#drop();
  }

  /** Gives up what is being drawn. @returns {boolean} whether there was something */
  cancel() {
    const box = this.#drop();
    return this.gesture.cancel() || box;
  }

  /** @param {number[]} place source pixels @returns {number[]} CSS pixels from the picture's corner */
  toCss([x, y]) {
    const { width, height } = this.screen.shown ?? { width: 1, height: 1 };
    return [(x / width) * this.element.clientWidth, (y / height) * this.element.clientHeight];
  }

  #drawn(shown) {
    this.element.dataset.frame = String(shown.number);
    this.element.style.setProperty("--ratio", String(shown.width / shown.height));
    const place = this.overlay.cursor ?? this.overlay.pointer;
    if (place) this.#hover(place); // what is under a resting pointer moves
    this.repaint();
    this.#options.drawn(shown);
  }

  #resize() {
    this.#ratio = Math.min(devicePixelRatio || 1, 3);
    const width = Math.round(this.element.clientWidth * this.#ratio);
    const height = Math.round(this.element.clientHeight * this.#ratio);
    if (!width || !height) return;
    Object.assign(this.#masks, { width, height });
    this.overlay.resize(width, height, this.#ratio);
    this.repaint();
    this.#options.resized(width);
  }

  #locate(event) {
    const { shown } = this.screen;
    const frame = this.element.getBoundingClientRect();
    if (!shown || !frame.width) return null;
    const part = (value, size) => Math.round(Math.max(0, Math.min(value * size, size - 1)) * 10) / 10;
    return [
      part((event.clientX - frame.left) / frame.width, shown.width),
      part((event.clientY - frame.top) / frame.height, shown.height),
    ];
  }

  #gestureHandlers() {
    const { mode, name, pick } = this.#options;
    return {
      screen: this.screen,
      locate: (event) => this.#locate(event),
      held: (held) => this.screen.hold(held || this.#anchor !== null),
      move: (place) => this.#point(place),
      drag: (corners) => this.#drag(corners),
      click: (press, later) => this.#click(press.from, press.shown, press.negative, press.object, later),
      boxed: (press, to) => this.#boxed(press.from, to, press.shown),
      pick,
      isSelected: (id) => mode.selectedIn(name) === id || mode.box,
    };
  }

  #cursorHandlers() {
    return {
      screen: this.screen,
      move: (place) => this.#crossed(place),
      moved: (place) => this.#options.moved(place),
      pick: (place) => this.#options.pick(this.screen.objectAt(place)),
      click: (place, negative) => {
        const at = place.map((value) => Math.round(value * 10) / 10);
        this.#click(at, this.screen.shown, negative, this.screen.objectAt(at), null);
      },
    };
  }

  #point(place) {
    this.overlay.pointer = place;
    this.cursor.hide();
    this.#hover(place);
    if (this.#anchor && place) this.overlay.box = [this.#anchor.from, place];
    this.overlay.wake();
  }

  #crossed(place) {
    this.overlay.cursor = place;
    if (place) this.overlay.pointer = null;
    if (place) this.#hover(place);
    if (this.#anchor && place) this.overlay.box = [this.#anchor.from, place];
    this.overlay.wake();
  }

  #hover(place) {
    const { mode, name } = this.#options;
    const hovered = place ? this.screen.objectAt(place) : 0;
    if (mode.stream === name) mode.set({ hovered });
    else this.overlay.hovered = hovered;
  }

  #drag(corners) {
    this.overlay.box = corners;
    this.overlay.wake();
  }

  #click(from, shown, shift, object, later) {
    if (this.#options.mode.box) {
      this.#corner(from, shown);
      return;
    }
    const positive = this.#options.mode.positive !== shift;
    const mark = this.overlay.mark(from, positive);
    this.#options.prompt({ points: [[...from, positive ? 1 : 0]], shown, mark, at: from, object, later });
  }

  /** In box mode a click sets one corner, and the next one the other. */
  #corner(from, shown) {
    const anchor = this.#anchor;
    if (anchor) {
      this.#drop();
      this.#boxed(anchor.from, from, anchor.shown);
      return;
    }
    this.#anchor = { from, shown };
    this.screen.hold(true);
    this.#heldChip.hidden = false;
    this.#drag([from, from]);
  }

  #drop() {
    const had = this.#anchor !== null;
    if (!had) return false;
    this.#anchor = null;
    this.screen.hold(false);
    this.#heldChip.hidden = true;
    this.#drag(null);
    return true;
  }

  #boxed(from, to, shown) {
    const box = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[0], to[0]), Math.max(from[1], to[1])];
    if (box[2] - box[0] < SMALLEST_BOX || box[3] - box[1] < SMALLEST_BOX) return;
    const at = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    this.#options.prompt({ box, shown, mark: this.overlay.mark(at, true), at, object: 0 });
  }
}

function stop(event) {
  event.stopPropagation();
}
