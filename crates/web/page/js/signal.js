import { h, setText } from "./dom.js";
import { press } from "./hand.js";
import { streamState } from "./states.js";

/** Without a frame for this long, a stream that calls itself live has no signal as far as this page can tell. */
const SILENCE_MS = 4_000;

/** What lies over the picture when it is not live, and what invites the first click when it is. */
export class Signal {
  #title = h("strong");
  #text = h("span", { class: "why" });
  #hint = h("div", { class: "hint", testid: "click-hint", hidden: true }, `${press()} anything you see`);
  #restart;

  /** @param {() => void} restart */
  constructor(restart) {
    this.#restart = h("button", { type: "button", class: "button small", testid: "restart-now", on: { click: restart, pointerdown: (event) => event.stopPropagation() } }, "Restart");
    this.plate = h("div", { class: "no-signal", testid: "no-signal", hidden: true }, this.#title, this.#text, this.#restart);
    this.elements = [this.plate, this.#hint];
  }

  /**
   * @param {import("./api.js").Stream} stream
   * @param {?{staleMs: number}} figures of the last frame
   * @param {{linked: boolean, objects: number, listed: boolean, busy: boolean}} around
   * @returns {boolean} whether the picture is live
   */
  show(stream, figures, { linked, objects, listed, busy }) {
    const silent = !figures || figures.staleMs > SILENCE_MS;
    const live = linked && stream.state === "live" && !silent;
    this.plate.hidden = live || (busy && figures !== null);
    this.#hint.hidden = !live || objects > 0 || !listed || busy;
    if (!live) this.#explain(stream, figures, linked);
    return live;
  }

  #explain(stream, figures, linked) {
    const state = streamState(stream.state);
    const waiting = !figures && ["connecting", "live"].includes(stream.state);
    setText(this.#title, !linked ? "Not connected to maskd" : waiting ? "Connecting" : "No signal");
    const reason = linked ? stream.reason || state.text || "Waiting for pictures" : "This page tries again by itself";
    const age = figures ? ` The last picture is ${seconds(figures.staleMs)} old.` : "";
    setText(this.#text, `${reason}.${age}`);
    this.#restart.hidden = !linked || !["ended", "auth_failed", "backoff"].includes(stream.state);
  }
}

function seconds(ms) {
  const whole = Math.round(ms / 1000);
  return whole < 90 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}
