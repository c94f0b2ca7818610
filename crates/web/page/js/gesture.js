/** Movement that makes a press a drag, in CSS pixels; fingers are less steady. */
const SLACK = { mouse: 5, pen: 8, touch: 12 };
const LONG_PRESS_MS = 480;
const DOUBLE_MS = 280;

/**
 * Where and on which frame a press began.
 * @typedef {{id: number, shown: import("./screen.js").Shown, from: number[], x: number, y: number, slack: number, negative: boolean,
 *   object: number, dragging: boolean, timer: number}} Press
 * @typedef {{locate: (event: PointerEvent) => ?number[], screen: import("./screen.js").Screen,
 *   held: (held: boolean) => void, drag: (corners: ?number[][], shown: ?object) => void, move: (place: ?number[]) => void,
 *   click: (press: Press, later: ?Promise<boolean>) => void, boxed: (press: Press, to: number[]) => void,
 *   pick: (id: number) => void, isSelected: (id: number) => boolean}} Handlers
 */

/**
 * Turns pointer events into clicks, boxes and picks. The frame of a press is the one that was on the screen when it began, and
 * the picture is held until it ends.
 */
export class Gesture {
  /** @type {?Press} */
  #press = null;
  #waiting = null;
  #handlers;

  /**
   * @param {HTMLElement} element
   * @param {Handlers} handlers
   */
  constructor(element, handlers) {
    this.#handlers = handlers;
    element.addEventListener("pointerdown", (event) => this.#down(event, element));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#up(event));
    element.addEventListener("pointercancel", () => this.cancel());
    element.addEventListener("lostpointercapture", (event) => event.pointerId === this.#press?.id && this.cancel());
    element.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && handlers.move(null));
    element.addEventListener("contextmenu", (event) => this.#press && event.preventDefault());
  }

  /** Forgets the press under way. @returns {boolean} whether there was one */
  cancel() {
    const press = this.#press;
    this.#press = null;
    if (!press) return false;
    clearTimeout(press.timer);
    this.#handlers.held(false);
    if (press.dragging) this.#handlers.drag(null, null);
    return true;
  }

  #down(event, element) {
    if (!event.isPrimary || this.#press) {
      this.cancel(); // a second finger is no click
      return;
    }
    const shown = this.#handlers.screen.shownAt(event.timeStamp);
    const from = this.#handlers.locate(event);
    if (event.button !== 0 || !shown || !from) return;
    element.setPointerCapture(event.pointerId);
    const object = this.#handlers.screen.objectAt(from, shown);
    this.#press = {
      id: event.pointerId,
      shown,
      from,
      x: event.clientX,
      y: event.clientY,
      slack: SLACK[event.pointerType] ?? SLACK.mouse,
      negative: event.shiftKey,
      object,
      dragging: false,
      timer: object ? setTimeout(() => this.#long(object), LONG_PRESS_MS) : 0,
    };
    this.#handlers.held(true);
  }

  #move(event) {
    const place = this.#handlers.locate(event);
    const press = this.#press;
    if (event.pointerType === "mouse" || event.pointerType === "pen") this.#handlers.move(place);
    if (!press || press.id !== event.pointerId || !place) return;
    if (!press.dragging && Math.hypot(event.clientX - press.x, event.clientY - press.y) < press.slack) return;
    press.dragging = true;
    clearTimeout(press.timer);
    this.#handlers.drag([press.from, place], press.shown);
  }

  #up(event) {
    const press = this.#press;
    if (!press || press.id !== event.pointerId) return;
    const to = this.#handlers.locate(event);
    this.cancel();
    if (!press.dragging) this.#click(press);
    else if (to) this.#handlers.boxed(press, to);
  }

  #long(id) {
    this.cancel();
    this.#handlers.pick(id);
  }

  /** A click on another object's mask may be the first half of a double-click, which picks that object. */
  #click(press) {
    const first = this.#waiting;
    if (first && first.object === press.object) {
      first.end(false);
      this.#handlers.pick(press.object);
      return;
    }
    first?.end(true);
    if (!press.object || this.#handlers.isSelected(press.object)) this.#handlers.click(press, null);
    else this.#handlers.click(press, this.#wait(press.object));
  }

  /** Resolves to whether it stayed a single click. */
  #wait(object) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#waiting?.end(true), DOUBLE_MS);
      const end = (single) => {
        clearTimeout(timer);
        this.#waiting = null;
        resolve(single);
      };
      this.#waiting = { object, end };
    });
  }
}
