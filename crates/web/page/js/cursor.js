/** Part of the picture's width that an arrow key moves the cross by; with Shift a tenth of it. */
const STEP = 0.02;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @typedef {{screen: import("./screen.js").Screen, move: (place: ?number[]) => void, click: (place: number[], negative: boolean) => void,
 *   pick: (place: number[]) => void, moved: (place: number[]) => void}} CursorHandlers
 */

/** The cross that the keyboard moves over the picture. */
export class Cursor {
  /** In source pixels; null while the pointer leads. @type {?number[]} */
  place = null;
  #handlers;

  /**
   * @param {HTMLElement} element that takes the keys
   * @param {CursorHandlers} handlers
   */
  constructor(element, handlers) {
    this.#handlers = handlers;
    element.addEventListener("keydown", (event) => event.target === element && this.#key(event));
    element.addEventListener("focus", () => element.matches(":focus-visible") && !this.place && this.#moveBy(0, 0, 1));
    element.addEventListener("blur", () => this.hide());
  }

  /** The pointer leads again. */
  hide() {
    if (!this.place) return;
    this.place = null;
    this.#handlers.move(null);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = MOVES[event.key];
    if (direction) this.#moveBy(direction[0], direction[1], event.shiftKey ? 0.1 : 1);
    else if (event.key === "Home") this.#moveTo(0.5, 0.5);
    else if (event.key === "Enter" && this.place && !event.repeat) this.#handlers.click(this.place, event.shiftKey);
    else if (event.key === "s" && this.place) this.#handlers.pick(this.place);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #moveTo(x, y) {
    const shown = this.#handlers.screen.shown;
    if (!shown) return;
    this.place = [x * (shown.width - 1), y * (shown.height - 1)];
    this.#handlers.move(this.place);
  }

  #moveBy(x, y, scale) {
    const shown = this.#handlers.screen.shown;
    if (!shown) return;
    const [fromX, fromY] = this.place ?? [shown.width / 2, shown.height / 2];
    const step = shown.width * STEP * scale;
    const clamp = (value, size) => Math.max(0, Math.min(value, size - 1));
    this.place = [clamp(fromX + x * step, shown.width), clamp(fromY + y * step, shown.height)];
    this.#handlers.move(this.place);
    this.#handlers.moved(this.place);
  }
}
