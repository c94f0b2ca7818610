/** Turns JPEGs into bitmaps away from the main thread, one at a time; of those that wait, only the newest is kept. */
export class Decoder {
  #busy = false;
  #next = null;
  #ready;
  #skip;

  /**
   * @param {(packet: any, bitmap: ImageBitmap) => void} ready
   * @param {(packet: any) => void} skip is told of packets that will not be shown
   */
  constructor(ready, skip) {
    this.#ready = ready;
    this.#skip = skip;
  }

  /** @param {import("./packet.js").Packet} packet */
  push(packet) {
    if (this.#busy) {
      if (this.#next) this.#skip(this.#next);
      this.#next = packet;
      return;
    }
    this.#decode(packet);
  }

  async #decode(packet) {
    this.#busy = true;
    try {
      const bitmap = await createImageBitmap(new Blob([packet.jpeg], { type: "image/jpeg" }));
      this.#ready(packet, bitmap);
    } catch {
      this.#skip(packet); // a broken picture; the next one comes soon
    }
    this.#busy = false;
    const next = this.#next;
    this.#next = null;
    if (next) this.#decode(next);
  }
}
