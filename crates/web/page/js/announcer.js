const GAP_MS = 300;
/** An object that comes and goes is not announced each time. */
const REPEAT_MS = 3_000;

/** Says things to screen readers, one after the other and nothing twice in a row. */
export class Announcer {
  #element;
  #queue = [];
  #said = new Map();
  #timer = 0;

  /** @param {HTMLElement} element an aria-live region */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string} text */
  say(text) {
    const now = performance.now();
    if (!text || now - (this.#said.get(text) ?? -Infinity) < REPEAT_MS) return;
    if (this.#said.size > 200) this.#said.clear();
    this.#said.set(text, now);
    this.#queue.push(text);
    if (!this.#timer) this.#next();
  }

  #next() {
    const text = this.#queue.splice(0).join(". ");
    this.#timer = 0;
    if (!text) return;
    this.#element.textContent = text;
    this.#timer = setTimeout(() => this.#next(), GAP_MS);
  }
}
