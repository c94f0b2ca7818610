import { thumbnailAddress } from "./api.js";

/** At most one picture of an object is asked for in this time, whatever happens. */
const PACE_MS = 700;
/** How old a picture may become. */
const STALE_MS = 20_000;

/** Keeps the small pictures in the list fresh, one at a time: those that are wanted first, then the oldest. */
export class Thumbs {
  #listed;
  #turn = 0;
  /** When each was asked for last, by stream and id. */
  #asked = new Map();
  #wanted = new Set();

  /** @param {() => ?{stream: string, rows: Map<number, import("./row.js").Row>}} listed null while there is no connection */
  constructor(listed) {
    this.#listed = listed;
    setInterval(() => document.hidden || this.#one(), PACE_MS);
  }

  /** Asks for a new picture of an object. @param {string} stream @param {number} id */
  soon(stream, id) {
    this.#wanted.add(key(stream, id));
  }

  #one() {
    const listed = this.#listed();
    if (!listed) return;
    const { stream, rows } = listed;
    const now = performance.now();
    const age = (id) => now - (this.#asked.get(key(stream, id)) ?? -Infinity);
    const ids = [...rows.keys()].filter((id) => !rows.get(id).element.classList.contains("away"));
    const id = ids.find((id) => this.#wanted.has(key(stream, id))) ?? ids.filter((id) => age(id) > STALE_MS).sort((a, b) => age(b) - age(a))[0];
    if (id === undefined) return;
    this.#wanted.delete(key(stream, id));
    this.#asked.set(key(stream, id), now);
    this.#turn += 1;
    rows.get(id).picture(thumbnailAddress(stream, id, this.#turn));
  }
}

function key(stream, id) {
  return `${stream}/${id}`;
}
