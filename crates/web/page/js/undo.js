import { Emitter } from "./emitter.js";

const KEPT = 50;

/**
 * What can be taken back, newest last. Emits `change`.
 * @typedef {{title: string, stream: string, run: () => Promise<void>}} Step
 */
export class Undo extends Emitter {
  /** @type {Step[]} */
  #steps = [];
  #running = false;

  /** What undo would take back next; empty when there is nothing. @returns {string} */
  get title() {
    return this.#steps.at(-1)?.title ?? "";
  }

  /**
   * @param {Step} step
   * @returns {() => void} forgets the step, for what failed
   */
  push(step) {
    this.#steps = [...this.#steps, step].slice(-KEPT);
    this.emit("change");
    return () => this.#keep((other) => other !== step);
  }

  /**
   * Takes a step back, the newest unless told otherwise; one after the other.
   * @param {Step} [step]
   */
  async run(step = this.#steps.at(-1)) {
    if (!step || this.#running || !this.#steps.includes(step)) return;
    this.#running = true;
    this.#keep((other) => other !== step);
    try {
      await step.run();
    } finally {
      this.#running = false;
    }
  }

  /** Forgets the steps of a stream that is gone. @param {string} stream */
  forget(stream) {
    this.#keep((step) => step.stream !== stream);
  }

  #keep(wanted) {
    this.#steps = this.#steps.filter(wanted);
    this.emit("change");
  }
}
