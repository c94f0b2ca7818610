import * as api from "./api.js";
import { h, iconButton, setText } from "./dom.js";
import { Menu } from "./menu.js";
import { streamState } from "./states.js";

/** The line above a picture: name, state, and what can be done with the stream. */
export class TileHead {
  #badge = h("span", { class: "badge", testid: "badge" });
  #count = h("span", { class: "count" });
  #focus;

  /**
   * @param {string} name
   * @param {{activate: () => void, focus: () => void, fullscreen: () => void, restart: () => void, remove: () => void,
   *   load: () => void}} actions
   */
  constructor(name, actions) {
    this.#focus = iconButton("focus", `Show ${name} bigger`, { testid: "focus", class: "focus", "aria-pressed": "false", on: { click: actions.focus } });
    const menu = new Menu(`More for ${name}`, [
      { label: "Restart", icon: "restart", testid: "restart", run: actions.restart },
      { label: "Save a picture", icon: "picture", testid: "snapshot", href: api.snapshotAddress(name), download: `${name}.png` },
      { label: "Save tracks", icon: "save", testid: "save-tracks", href: api.tracksAddress(name), download: `${name}.tracks` },
      { label: "Load tracks…", icon: "load", testid: "load-tracks", run: actions.load },
      { label: "Remove stream…", icon: "remove", testid: "remove-stream", run: actions.remove, danger: true },
    ]);
    this.element = h("header", { class: "tile-head" },
      h("h2", {}, h("button", { type: "button", class: "tile-name", testid: "activate", title: "List its objects", on: { click: actions.activate } }, name)),
      this.#badge, this.#count, h("span", { class: "spacer" }), this.#focus,
      iconButton("fullscreen", `${name} on the full screen`, { testid: "fullscreen", on: { click: actions.fullscreen } }), menu.element);
  }

  /** @param {import("./api.js").Stream} stream @param {number} objects */
  show(stream, objects) {
    const state = streamState(stream.state);
    this.#badge.dataset.tone = state.tone;
    this.#badge.dataset.state = stream.state;
    this.#badge.title = stream.reason ?? state.text;
    setText(this.#badge, state.word);
    setText(this.#count, objects ? `${objects} ${objects === 1 ? "object" : "objects"}` : "");
  }

  /** @param {boolean} focused */
  setFocused(focused) {
    this.#focus.setAttribute("aria-pressed", String(focused));
  }
}
