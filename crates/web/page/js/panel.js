import { h, setText } from "./dom.js";
import { press } from "./hand.js";
import { Row } from "./row.js";
import { removeObject, renameObject } from "./takeback.js";

/** The list of the active stream's objects. */
export class Panel {
  /** @type {Map<number, Row>} */
  #rows = new Map();
  #app;
  #stream = "";
  #list = h("ul", { class: "rows", testid: "objects", "aria-label": "Objects" });
  #title = h("h2", { text: "Objects" });
  #none = h("div", { class: "none", testid: "no-objects" }, h("strong", { text: "Nothing outlined yet" }),
    h("p", { text: `${press()} anything you see in the picture, or drag a box around it. It keeps its outline from then on.` }));
  #unfollow = () => {};

  /** @param {import("./app.js").App} app @param {HTMLElement} element */
  constructor(app, element) {
    this.#app = app;
    element.append(h("header", { class: "panel-head" }, this.#title), this.#none, this.#list);
    app.mode.on("change", () => this.show());
  }

  /** Rows of the stream that is on show, to be given pictures. @returns {{stream: string, rows: Map<number, Row>}} */
  get listed() {
    return { stream: this.#stream, rows: this.#rows };
  }

  /** Brings the list up to date. */
  show() {
    const tile = this.#app.grid.active;
    if ((tile?.name ?? "") !== this.#stream) this.#turnTo(tile);
    const items = tile?.objects.items ?? new Map();
    setText(this.#title, tile && this.#app.grid.tiles.size > 1 ? `Objects in ${tile.name}` : "Objects");
    this.#none.hidden = !tile || items.size > 0;
    for (const [id, row] of this.#rows) if (!items.has(id)) this.#drop(id, row);
    for (const object of items.values()) this.#row(tile, object).show(object, this.#app.mode.selectedIn(tile.name));
  }

  /** Starts renaming an object. @param {number} id */
  edit(id) {
    this.#rows.get(id)?.edit();
  }

  #turnTo(tile) {
    this.#unfollow();
    this.#unfollow = tile ? tile.objects.on("change", () => this.show()) : () => {};
    this.#stream = tile?.name ?? "";
    this.#rows.clear();
    this.#list.replaceChildren();
  }

  #row(tile, object) {
    const known = this.#rows.get(object.id);
    if (known) return known;
    const row = new Row(object, this.#actions(tile, object.id));
    this.#rows.set(object.id, row);
    this.#list.append(row.element);
    this.#app.thumbs.soon(tile.name, object.id);
    return row;
  }

  /** The keyboard goes on from the neighbour of a row that goes away. */
  #drop(id, row) {
    const neighbour = row.element.nextElementSibling ?? row.element.previousElementSibling;
    const focused = row.element.contains(document.activeElement);
    row.element.remove();
    this.#rows.delete(id);
    if (focused) (neighbour?.querySelector("button") ?? this.#app.grid.active?.picture.element)?.focus();
  }

  #actions(tile, id) {
    const { mode } = this.#app;
    return {
      select: () => (mode.selectedIn(tile.name) === id ? mode.set({ object: 0 }) : this.#app.select(tile, id)),
      refine: () => {
        this.#app.select(tile, id);
        tile.picture.element.focus({ preventScroll: true });
      },
      remove: () => this.#app.guard(removeObject(this.#app, tile, id)),
      rename: (name) => this.#app.guard(renameObject(this.#app, tile, id, name)),
      hover: (over) => mode.set({ hovered: over ? id : 0 }),
    };
  }
}
