import { contour } from "./contour.js";
import { Decoder } from "./decoder.js";
import { contains } from "./runs.js";

/** Frames whose drawing time is remembered; more than any delay between a press and its handling. */
const REMEMBERED = 12;

/**
 * What is on the screen: which frame, since when, and where its objects are.
 * @typedef {import("./packet.js").Packet & {at: number, arrived: number, decodedMs: number,
 *   objects: (import("./packet.js").Outline & {path: ?Path2D})[]}} Shown
 */

/** Brings packets to the screen: decodes, waits for the display's next refresh, draws the newest, answers all. */
export class Screen {
  /** @type {?Shown} */
  shown = null;
  #held = false;
  #history = [];
  #ready = null;
  #request = 0;
  #canvas;
  #answer;
  #drawn;
  #decoder;

  /**
   * @param {HTMLCanvasElement} canvas of the picture
   * @param {(ticket: number) => void} answer
   * @param {(shown: Shown) => void} drawn called with each frame, right after its picture
   */
  constructor(canvas, answer, drawn) {
    this.#canvas = canvas;
    this.#answer = answer;
    this.#drawn = drawn;
    this.#decoder = new Decoder((packet, bitmap) => this.#wait(packet, bitmap), (packet) => answer(packet.ticket));
  }

  /** @param {import("./packet.js").Packet} packet */
  push(packet) {
    this.#decoder.push(packet);
  }

  /**
   * The frame that was on the screen at a moment.
   * @param {number} time as `Event.timeStamp`
   * @returns {?Shown}
   */
  shownAt(time) {
    return this.#history.findLast((shown) => shown.at <= time) ?? this.#history[0] ?? null;
  }

  /**
   * The uppermost object at a place of the frame on the screen.
   * @param {number[]} place source pixels
   * @param {?Shown} [shown]
   * @returns {number} its id, or 0
   */
  objectAt([x, y], shown = this.shown) {
    if (!shown) return 0;
    const column = (x * shown.viewWidth) / shown.width;
    const row = (y * shown.viewHeight) / shown.height;
    return shown.objects.findLast((object) => contains(object.runs, shown.viewWidth, column, row))?.id ?? 0;
  }

  /** Whether the picture is kept as it is. @returns {boolean} */
  get held() {
    return this.#held;
  }

  /**
   * Keeps the picture as it is, so that a box can be drawn around something that moves; frames are answered and passed over.
   * @param {boolean} held
   */
  hold(held) {
    this.#held = held;
    if (held && this.#ready) this.#discard();
  }

  #wait(packet, bitmap) {
    if (document.hidden || (this.#held && this.shown)) {
      bitmap.close(); // nothing is drawn in a hidden tab either, and the daemon must not wait for it
      this.#answer(packet.ticket);
      return;
    }
    if (this.#ready) this.#discard();
    this.#ready = { packet, bitmap, decodedMs: performance.now() - packet.arrived };
    if (!this.#request) this.#request = requestAnimationFrame(() => this.#draw());
  }

  #discard() {
    this.#answer(this.#ready.packet.ticket);
    this.#ready.bitmap.close();
    this.#ready = null;
  }

  #draw() {
    this.#request = 0;
    if (!this.#ready) return;
    const { packet, bitmap, decodedMs } = this.#ready;
    this.#ready = null;
    this.#paint(bitmap);
    const objects = packet.objects.map((object) => ({ ...object, path: outline(object, packet) }));
    this.shown = { ...packet, jpeg: null, objects, decodedMs, at: performance.now() };
    this.#history = [...this.#history, this.shown].slice(-REMEMBERED);
    this.#drawn(this.shown);
    this.#answer(packet.ticket);
  }

  #paint(bitmap) {
    const canvas = this.#canvas;
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
    }
    canvas.getContext("2d", { alpha: false })?.drawImage(bitmap, 0, 0);
    bitmap.close();
  }
}

function outline(object, { viewWidth, viewHeight }) {
  return object.runs.length > 1 ? contour(object.runs, viewWidth, viewHeight) : null;
}
