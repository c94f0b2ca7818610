const FIRST_MS = 400;
const LONGEST_MS = 5_000;

/** How long to wait before the next attempt: longer each time, and never the same for two pages that lost the same daemon. */
export class Backoff {
  #attempts = 0;

  /** @returns {number} milliseconds */
  next() {
    const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    return wait * (0.75 + Math.random() / 4);
  }

  /** After a success. */
  reset() {
    this.#attempts = 0;
  }
}
