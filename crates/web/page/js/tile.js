import { Chips } from "./chips.js";
import { h } from "./dom.js";
import { LiveSocket } from "./live.js";
import { Meter } from "./meter.js";
import { Objects } from "./objects.js";
import { Picture } from "./picture.js";
import { Readout } from "./readout.js";
import { Signal } from "./signal.js";
import { StreamActions } from "./streamactions.js";
import { TileHead } from "./tilehead.js";

/** One stream on the page: its picture, what is known of it, and the socket that feeds it. */
export class Tile {
  /** @type {import("./api.js").Stream} */
  stream;
  meter = new Meter();
  #app;
  #head;
  #signal;
  #live;
  #visible = true;
  #observer;

  /** @param {import("./app.js").App} app @param {import("./api.js").Stream} stream */
  constructor(app, stream) {
    this.#app = app;
    this.stream = stream;
    this.name = stream.name;
    this.objects = new Objects(stream.name);
    this.readout = new Readout(stream.name);
    this.#live = new LiveSocket(stream.name, (packet) => this.picture.screen.push(packet));
    this.picture = this.#makePicture();
    this.chips = new Chips(this.picture);
    const actions = new StreamActions(app, this);
    this.#head = new TileHead(stream.name, actions);
    this.#signal = new Signal(actions.restart);
    this.picture.element.append(...this.#signal.elements);
    this.element = h("section", { class: "tile", testid: `tile-${stream.name}`, "data-stream": stream.name, "aria-label": `Stream ${stream.name}` },
      this.#head.element, h("div", { class: "stage" }, this.picture.element), this.readout.element);
    this.element.addEventListener("pointerdown", (event) => app.grid.pressed(this, event), { capture: true });
    this.element.addEventListener("click", (event) => app.grid.clicked(this, event), { capture: true });
    this.element.addEventListener("focusin", () => app.grid.isSmall(this) || app.grid.activate(this));
    this.objects.on("change", () => this.update());
    this.#observer = new IntersectionObserver(([entry]) => this.#see(entry.isIntersecting));
    this.#observer.observe(this.element);
  }

  /** Connects or disconnects the live socket. @param {boolean} up */
  link(up) {
    if (!up) this.#live.close();
    else {
      this.#live.open();
      this.objects.refreshSoon();
    }
    this.update();
  }

  /** Pauses while nobody can see it. */
  pauseIfUnseen() {
    this.#live.setPause(document.hidden || !this.#visible);
  }

  /** @param {import("./api.js").Stream} [stream] news of it */
  update(stream = this.stream) {
    this.stream = stream;
    const figures = this.meter.read(this.#app.link.networkMs);
    const linked = this.#app.link.state === "up" || this.#app.link.state === "connecting";
    this.#head.show(linked ? stream : { ...stream, state: "unlinked", reason: null }, this.objects.items.size);
    this.readout.show(figures, this.#app.link.networkMs);
    const live = this.#signal.show(stream, figures, {
      linked,
      objects: this.objects.items.size,
      listed: this.objects.read,
      busy: this.picture.screen.held || this.#app.grid.isSmall(this),
    });
    this.element.classList.toggle("off", !live);
    this.element.classList.toggle("empty", !figures);
  }

  /** Shows how it stands in the grid. @param {{active: boolean, focused: boolean, small: boolean}} place */
  place({ active, focused, small }) {
    this.element.classList.toggle("active", active);
    this.element.classList.toggle("focused", focused);
    this.element.classList.toggle("small", small);
    if (small) this.picture.element.removeAttribute("tabindex");
    else this.picture.element.tabIndex = 0;
    this.#head.setFocused(focused);
  }

  /** Ends everything that belongs to it. */
  end() {
    this.#observer.disconnect();
    this.#live.close();
    this.element.remove();
  }

  #see(visible) {
    this.#visible = visible;
    this.pauseIfUnseen();
  }

  #makePicture() {
    return new Picture({
      name: this.name,
      mode: this.#app.mode,
      answer: (ticket) => this.#live.ack(ticket),
      drawn: (shown) => this.#drawn(shown),
      resized: (pixels) => this.#live.setWidth(pixels),
      prompt: (ask) => this.#app.prompter.prompt(this, ask),
      pick: (id) => id && this.#app.select(this, id),
      moved: (place) => this.#app.describePlace(this, place),
    });
  }

  #drawn(shown) {
    const first = this.meter.read(null) === null;
    this.meter.add(shown);
    this.objects.see(shown);
    if (first) this.update();
  }
}
