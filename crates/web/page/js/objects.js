import * as api from "./api.js";
import { Emitter } from "./emitter.js";

/** How often the list is told of what frames bring; people read no faster. */
const TELL_MS = 250;
/** How long a name given here stands against frames that were on their way before it. */
const RENAME_MS = 3_000;

/**
 * The objects of one stream. Frames keep them up to date; who is there at all is for the daemon's list to say, since frames that
 * are still on their way know nothing of an object that was just made or removed. Emits `change`.
 */
export class Objects extends Emitter {
  /** @type {Map<number, import("./api.js").Tracked>} */
  items = new Map();
  /** Whether the list was read from the daemon. */
  read = false;
  #stream;
  #names = new Map();
  #removed = new Set();
  #timer = 0;
  #asked = "";
  #reading = 0;

  /** @param {string} stream */
  constructor(stream) {
    super();
    this.#stream = stream;
  }

  /** Reads the list from the daemon. */
  async refresh() {
    this.#reading += 1;
    const turn = this.#reading;
    const { objects } = await api.objects(this.#stream);
    if (turn !== this.#reading) return;
    this.items = new Map(objects.map((object) => [object.id, this.#named(object)]));
    for (const id of this.#removed) this.items.has(id) ? this.items.delete(id) : this.#removed.delete(id);
    this.read = true;
    this.#tell();
  }

  /** The same, where it does not matter if it fails: the connection's own care follows. */
  refreshSoon() {
    this.refresh().catch(() => {});
  }

  /** @param {import("./screen.js").Shown} shown */
  see(shown) {
    let news = false;
    for (const object of shown.objects) {
      if (this.#removed.has(object.id)) continue;
      const known = this.items.get(object.id);
      if (known) Object.assign(known, this.#named(pick(object)));
      else news = true;
    }
    this.#askAbout(shown, news);
    if (shown.objects.length) this.#tellSoon();
  }

  /** Frames and the list disagree: ask once, not with every frame. */
  #askAbout(shown, news) {
    const ids = new Set(shown.objects.map((object) => object.id));
    const missing = [...this.items.keys()].filter((id) => !ids.has(id));
    const question = news || missing.length ? `${[...ids]}|${missing}` : "";
    if (question && question !== this.#asked) this.refreshSoon();
    this.#asked = question;
  }

  /** @param {import("./api.js").Tracked} object as a reply to a prompt brought it */
  put(object) {
    this.#removed.delete(object.id);
    this.items.set(object.id, { ...this.items.get(object.id), ...object });
    this.#tell();
  }

  /** @param {number} id */
  drop(id) {
    this.#removed.add(id);
    if (this.items.delete(id)) this.#tell();
  }

  /** Objects that may have been removed here are there after all. @param {...number} ids */
  restore(...ids) {
    for (const id of ids) this.#removed.delete(id);
    this.refreshSoon();
  }

  /** @param {number} id @param {?string} name */
  name(id, name) {
    const object = this.items.get(id);
    if (!object) return;
    this.#names.set(id, { name: name ?? "", until: performance.now() + RENAME_MS });
    object.name = name ?? "";
    this.#tell();
  }

  #named(object) {
    const given = this.#names.get(object.id);
    if (given && performance.now() < given.until) return { ...object, name: given.name };
    this.#names.delete(object.id);
    return object;
  }

  #tellSoon() {
    if (!this.#timer) this.#timer = setTimeout(() => this.#tell(), TELL_MS);
  }

  #tell() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.emit("change");
  }
}

function pick({ id, state, name, score, iou, box }) {
  return { id, state, name, score, iou, box };
}

/**
 * What an object is called, in lists and announcements.
 * @param {{id: number, name?: ?string}} object
 * @returns {string}
 */
export function titleOf(object) {
  return object.name || `Object ${object.id}`;
}
