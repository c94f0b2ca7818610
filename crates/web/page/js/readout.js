import { h, setText } from "./dom.js";

const HELP = {
  age: "How old the picture was when it came onto this screen, since maskd decoded it. What the camera and its network took before that is not in it.",
  network: "One way between maskd and this page: half of the shortest recent round trip.",
  shown: "Pictures per second on this screen. It adapts to the network; tracking does not depend on it.",
  tracked: "Frames per second that maskd tracks, for every use of the masks.",
  track: "What the model took for this frame, all its objects together.",
  encode: "What maskd took to compress this picture for the page.",
  decode: "What this browser took to decompress it.",
  view: "Size of the picture that was sent, of the source's size.",
  number: "The frame that is on the screen. Clicks name it, so they land on what you saw.",
  prompt: "What became of your last click: how many frames had passed since the one you saw, and how long the model took to catch up.",
};

const STILL_MS = 1_500;

/** The figures below a picture: a short line, and a card with all of them and what they mean. */
export class Readout {
  #fields = new Map();
  #card;
  #button;

  /** @param {string} stream */
  constructor(stream) {
    this.#button = h("button", {
      type: "button", class: "readout-line", testid: "readout", "aria-expanded": "false",
      "aria-label": `Figures of ${stream}`, title: "What these figures mean", on: { click: () => this.toggle() },
    }, this.#short("age", "old"), this.#short("network", "network"), this.#short("shown", "shown"), this.#short("tracked", "tracked"), this.#short("prompt", ""));
    this.#card = h("dl", { class: "figures", hidden: true, testid: "figures" }, ...[
      ["age", "Age of the picture"], ["network", "Network"], ["shown", "Shown"], ["tracked", "Tracked"], ["track", "Model"],
      ["encode", "Compression"], ["decode", "Decompression"], ["view", "Picture"], ["number", "Frame"], ["prompt", "Last click"],
    ].map(([key, title]) => this.#long(key, title)));
    this.element = h("div", { class: "readout" }, this.#button, this.#card);
  }

  /** Opens or closes the card. @param {boolean} [open] */
  toggle(open = this.#card.hidden) {
    this.#card.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
  }

  /** @param {?object} figures as `Meter.read` gives them @param {?number} networkMs */
  show(figures, networkMs) {
    this.element.classList.toggle("stale", !figures || figures.staleMs > STILL_MS);
    this.#set("network", milliseconds(networkMs));
    if (!figures) return;
    const still = figures.staleMs > STILL_MS ? figures.staleMs : 0; // the last picture goes on ageing on the screen
    this.#set("age", milliseconds(figures.ageMs + still));
    this.#set("shown", `${rate(figures.fps)} fps`);
    this.#set("tracked", `${rate(figures.trackedFps)} fps`);
    this.#set("track", milliseconds(figures.trackMs));
    this.#set("encode", milliseconds(figures.encodeMs));
    this.#set("decode", milliseconds(figures.decodeMs));
    this.#set("view", figures.view + (figures.intact ? "" : ", damaged on the way from the camera"));
    this.#set("number", String(figures.number));
  }

  /** @param {import("./api.js").Outlined} reply */
  caughtUp(reply) {
    const frames = reply.behind_frames === 1 ? "1 frame" : `${reply.behind_frames} frames`;
    const [line, card] = this.#fields.get("prompt");
    setText(line, `caught up ${frames} in ${milliseconds(reply.catch_up_ms)}`);
    setText(card, `on frame ${reply.applied_frame}, ${frames} behind, caught up in ${milliseconds(reply.catch_up_ms)}`);
    this.element.classList.add("prompted");
  }

  #short(key, word) {
    const value = h("span", { class: "value" }, "–");
    this.#keep(key, value);
    return h("span", { class: `figure ${key}`, title: HELP[key] }, value, word && ` ${word}`);
  }

  #long(key, title) {
    const value = h("dd", { testid: `figure-${key}` }, "–");
    this.#keep(key, value);
    return h("div", { class: "entry" }, h("dt", { text: title }), value, h("p", { text: HELP[key] }));
  }

  #keep(key, element) {
    this.#fields.set(key, [...(this.#fields.get(key) ?? []), element]);
  }

  #set(key, text) {
    for (const element of this.#fields.get(key) ?? []) setText(element, text);
  }
}

function milliseconds(value) {
  if (value == null || !Number.isFinite(value)) return "–";
  if (value >= 10_000) return `${Math.round(value / 1000)} s`;
  if (value >= 1_000) return `${(value / 1000).toFixed(1)} s`;
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}

function rate(value) {
  return value < 9.95 ? value.toFixed(1) : String(Math.round(value));
}
