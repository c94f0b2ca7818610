import { Emitter } from "./emitter.js";

/**
 * What the next click means: its sign, points or boxes, which stream and which object. One for all pictures.
 * Emits `change`.
 */
export class Mode extends Emitter {
  /** Whether clicks say "this belongs to it" or "this does not". */
  positive = true;
  /** Whether two clicks make a box. */
  box = false;
  /** Stream whose objects are listed. */
  stream = "";
  /** Object of that stream that clicks refine; 0 for none. */
  object = 0;
  /** Object that the pointer is over, in the picture or in the list. */
  hovered = 0;

  /**
   * Changes some of it. Another stream leaves the object, and "not part of it" ends with the object that it was about.
   * @param {Partial<{positive: boolean, box: boolean, stream: string, object: number, hovered: number}>} changes
   */
  set(changes) {
    const moved = changes.stream !== undefined && changes.stream !== this.stream;
    const left = this.object !== 0 && (moved ? !changes.object : changes.object === 0);
    const wanted = { ...(moved && { object: 0, hovered: 0 }), ...(left && { positive: true }), ...changes };
    const different = Object.entries(wanted).some(([key, value]) => this[key] !== value);
    Object.assign(this, wanted);
    if (different) this.emit("change");
  }

  /**
   * The object that clicks in a stream refine, or 0.
   * @param {string} stream
   * @returns {number}
   */
  selectedIn(stream) {
    return stream === this.stream ? this.object : 0;
  }
}
