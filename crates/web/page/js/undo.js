import { Emitter } from "./emitter.js";

const KEPT = 50;

/** What can be taken back, newest last. Emits `change`. */
export class Undo extends Emitter {
  /** @type {{title: string, stream: string, run: () => Promise<void>}[]} */
  #steps = [];
  #running = false;

  /** What undo would do next; empty when there is nothing. */
  get title() {
    return this.#steps.at(-1)?.title ?? "";
  }

  /**
   * @param {{title: string, stream: string, run: () => Promise<void>}} step
   * @returns {() => void} forgets the step, for what failed
   */
  push(step) {
    this.#steps = [...this.#steps, step].slice(-KEPT);
    this.emit("change");
    return () => this.#keep((other) => other !== step);
  }

  /** Takes the newest step back. */
  async run() {
    const step = this.#steps.at(-1);
    if (!step || this.#running) return;
    this.#running = true;
    this.#steps = this.#steps.slice(0, -1);
    this.emit("change");
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
