import { EXAMPLE, askForStream } from "./addstream.js";
import * as api from "./api.js";
import { Announcer } from "./announcer.js";
import { Dock } from "./dock.js";
import { Grid } from "./grid.js";
import { showKeys } from "./keyshelp.js";
import { Link } from "./link.js";
import { Mode } from "./mode.js";
import { titleOf } from "./objects.js";
import { Panel } from "./panel.js";
import { Prompter } from "./prompter.js";
import { spoken } from "./states.js";
import { Thumbs } from "./thumbs.js";
import { Toasts } from "./toasts.js";
import { Undo } from "./undo.js";

/** The parts of the page, and what several of them need. */
export class App {
  link = new Link();
  mode = new Mode();
  undo = new Undo();
  prompter = new Prompter(this);
  #announcer;
  #described = 0;

  /** @param {{grid: HTMLElement, panel: HTMLElement, dock: HTMLElement, toasts: HTMLElement, live: HTMLElement}} places */
  constructor(places) {
    this.#announcer = new Announcer(places.live);
    this.toasts = new Toasts(places.toasts);
    this.grid = new Grid(this, places.grid);
    this.thumbs = new Thumbs(() => (this.link.state === "up" ? this.panel.listed : null));
    this.panel = new Panel(this, places.panel);
    this.dock = new Dock(this, places.dock);
  }

  /** Says something to screen readers. @param {string} text */
  announce(text) {
    this.#announcer.say(text);
  }

  /**
   * Shows what went wrong. A lost connection or a missing token is shown by the connection itself as well.
   * @param {any} error
   * @param {{title: string, text: string}} [words] instead of the daemon's own
   */
  fail(error, words) {
    if (error.unauthorized) this.link.start();
    else if (words) this.toasts.show({ ...words, tone: "error" });
    else this.toasts.show({ title: error.message, text: error.detail, help: error.help, tone: "error" });
  }

  /** Shows what goes wrong with a piece of work. @param {Promise<any>} work */
  async guard(work) {
    try {
      await work;
    } catch (error) {
      this.fail(error);
    }
  }

  /** Clicks refine this object from now on. @param {import("./tile.js").Tile} tile @param {number} id */
  select(tile, id) {
    this.mode.set({ stream: tile.name, object: id });
    const object = tile.objects.items.get(id) ?? { id };
    this.announce(`${titleOf(object)} selected, clicks refine it`);
  }

  /** Asks for a new stream. */
  addStream() {
    if (!document.querySelector("dialog[open]")) askForStream((stream) => this.#added(stream));
  }

  /** Adds the stream that needs no camera. */
  addExample() {
    this.guard(api.addStream(EXAMPLE).then((stream) => this.#added(stream)));
  }

  #added(stream) {
    this.announce(`Stream ${stream.name} added`);
    this.guard(this.link.refresh().then(() => this.mode.set({ stream: stream.name })));
  }

  /** Shows the keys. */
  help() {
    showKeys();
  }

  /** Takes an event of the daemon. @param {{event: string, stream: string, object?: number, name?: string, kind?: string}} event */
  hear(event) {
    const tile = this.grid.tiles.get(event.stream);
    if (!tile) return;
    if (event.event === "status") tile.update({ ...tile.stream, state: event.state, reason: event.reason });
    if (event.event === "object") this.#hearOfObject(tile, event);
    const object = tile.objects.items.get(event.object) ?? { id: event.object, name: event.name };
    this.announce(spoken(event, titleOf(object)));
  }

  #hearOfObject(tile, { kind, object }) {
    if (kind === "new") tile.objects.restore(object);
    if (kind === "end") tile.objects.refreshSoon();
    if (kind === "reacquired") this.thumbs.soon(tile.name, object);
    if (kind === "end" && this.mode.selectedIn(tile.name) === object) this.mode.set({ object: 0 });
  }

  /** Says where the keyboard's cross is, once it rests. @param {import("./tile.js").Tile} tile @param {number[]} place */
  describePlace(tile, place) {
    clearTimeout(this.#described);
    this.#described = setTimeout(() => {
      const { screen } = tile.picture;
      if (!screen.shown) return;
      const [x, y] = [place[0] / screen.shown.width, place[1] / screen.shown.height].map((part) => Math.round(part * 100));
      const id = screen.objectAt(place);
      const on = id ? `, on ${titleOf(tile.objects.items.get(id) ?? { id })}` : "";
      this.announce(`${x} percent across, ${y} percent down${on}`);
    }, 450);
  }
}
