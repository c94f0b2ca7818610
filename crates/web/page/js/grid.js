import { Tile } from "./tile.js";

const NARROW = matchMedia("(max-width: 760px)");
const UPDATE_MS = 500;

/** All streams' tiles: which there are, which one is active (its objects are listed) and which one is bigger than the others. */
export class Grid {
  /** @type {Map<string, Tile>} */
  tiles = new Map();
  #app;
  #element;
  #focused = "";

  /** @param {import("./app.js").App} app @param {HTMLElement} element */
  constructor(app, element) {
    this.#app = app;
    this.#element = element;
    NARROW.addEventListener("change", () => this.#arrange());
    app.mode.on("change", () => this.#arrange());
    document.addEventListener("visibilitychange", () => this.tiles.forEach((tile) => tile.pauseIfUnseen()));
    document.addEventListener("fullscreenchange", () => this.#arrange());
    setInterval(() => document.hidden || this.tiles.forEach((tile) => tile.update()), UPDATE_MS);
  }

  /** The tile whose objects are listed. @returns {Tile|undefined} */
  get active() {
    return this.tiles.get(this.#app.mode.stream);
  }

  /** Follows the daemon's list. @param {import("./api.js").Stream[]} streams */
  follow(streams) {
    const names = new Set(streams.map(({ name }) => name));
    for (const [name, tile] of this.tiles) if (!names.has(name)) this.#remove(name, tile);
    for (const stream of streams) {
      const tile = this.tiles.get(stream.name);
      if (tile) tile.update(stream);
      else this.#add(stream);
    }
    if (!this.active) this.#app.mode.set({ stream: streams[0]?.name ?? "" });
    this.#arrange();
  }

  #add(stream) {
    const tile = new Tile(this.#app, stream);
    this.tiles.set(stream.name, tile);
    this.#element.append(tile.element);
    tile.link(this.#app.link.state === "up");
  }

  #remove(name, tile) {
    tile.end();
    this.tiles.delete(name);
    this.#app.undo.forget(name);
    if (this.#focused === name) this.#focused = "";
  }

  /** @param {Tile} tile */
  activate(tile) {
    this.#app.mode.set({ stream: tile.name });
  }

  /** A press on a tile makes it the active one; on a small one it does no more than that. @param {Tile} tile @param {Event} event */
  pressed(tile, event) {
    if (!this.isSmall(tile)) this.activate(tile);
    else event.stopPropagation(); // the click follows; until then everything stays where it is
  }

  /** A click on a small tile makes it the big one. @param {Tile} tile @param {Event} event */
  clicked(tile, event) {
    if (!this.isSmall(tile)) return;
    event.stopPropagation();
    this.#focused = tile.name;
    this.activate(tile);
    this.#arrange();
  }

  /** @param {Tile} tile @returns {boolean} whether it is one of the small ones beside a big one */
  isSmall(tile) {
    const big = this.#big();
    return big !== "" && big !== tile.name;
  }

  /** @param {Tile} tile */
  toggleFocus(tile) {
    this.#focused = this.#focused === tile.name ? "" : tile.name;
    this.activate(tile);
    this.#arrange();
  }

  /** @param {Tile} tile */
  async toggleFullscreen(tile) {
    if (document.fullscreenElement) {
      await document.exitFullscreen();
      return;
    }
    this.activate(tile);
    this.#focused = tile.name;
    await document.documentElement.requestFullscreen().catch(() => {
      this.#app.toasts.show({ title: "This browser does not give the full screen to pages", text: "The picture is shown bigger instead." });
    });
    this.#arrange();
  }

  /** Name of the big tile: the one that was asked for, or on narrow screens the active one; empty when all are alike. */
  #big() {
    if (this.tiles.size < 2) return "";
    if (this.tiles.has(this.#focused) && !NARROW.matches) return this.#focused;
    return NARROW.matches || document.fullscreenElement ? this.#app.mode.stream : "";
  }

  #arrange() {
    const big = this.#big();
    this.#element.dataset.count = String(Math.min(this.tiles.size, 9));
    this.#element.classList.toggle("has-focus", big !== "");
    document.body.classList.toggle("immersed", document.fullscreenElement !== null);
    for (const [name, tile] of this.tiles) {
      tile.place({ active: name === this.#app.mode.stream && this.tiles.size > 1, focused: name === big, small: this.isSmall(tile) });
      tile.picture.repaint();
    }
  }
}
