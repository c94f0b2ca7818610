import { liveAddress } from "./api.js";
import { Backoff } from "./backoff.js";
import { readPacket } from "./packet.js";

/** The socket that brings one stream's frames; it comes back by itself as long as it is wanted. */
export class LiveSocket {
  #name;
  #onPacket;
  #backoff = new Backoff();
  #socket = null;
  #timer = 0;
  #wanted = false;
  #width = 0;
  #paused = false;

  /**
   * @param {string} name of the stream
   * @param {(packet: import("./packet.js").Packet) => void} onPacket has to be answered with `ack`
   */
  constructor(name, onPacket) {
    this.#name = name;
    this.#onPacket = onPacket;
  }

  /** Connects, and again after every loss. */
  open() {
    this.#wanted = true;
    if (!this.#socket) this.#connect();
  }

  /** Disconnects and stays so. */
  close() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /**
   * Says that a frame has been dealt with.
   * @param {number} ticket
   */
  ack(ticket) {
    this.#say({ ack: ticket });
  }

  /**
   * Says how many pixels wide the picture is on the screen.
   * @param {number} pixels
   */
  setWidth(pixels) {
    if (pixels === this.#width) return;
    this.#width = pixels;
    this.#say({ width: pixels });
  }

  /**
   * Says whether frames are wanted now.
   * @param {boolean} pause
   */
  setPause(pause) {
    if (pause === this.#paused) return;
    this.#paused = pause;
    this.#say({ pause });
  }

  #say(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(liveAddress(this.#name));
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (this.#width) this.#say({ width: this.#width });
      if (this.#paused) this.#say({ pause: true });
    };
    socket.onmessage = ({ data }) => this.#take(socket, data);
    socket.onclose = () => this.#lost(socket);
    this.#socket = socket;
  }

  #take(socket, data) {
    if (socket !== this.#socket || typeof data === "string") return;
    const packet = readPacket(data);
    if (!packet) return;
    this.#backoff.reset();
    this.#onPacket({ ...packet, arrived: performance.now() });
  }

  #lost(socket) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    if (this.#wanted) this.#timer = setTimeout(() => this.#connect(), this.#backoff.next());
  }
}
