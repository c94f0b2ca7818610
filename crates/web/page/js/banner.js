import { h, setText } from "./dom.js";

/** Short losses are not worth a word. */
const PATIENCE_MS = 900;
const GLAD_MS = 2_500;

/** The quiet line that says when the daemon cannot be reached, and when it is back. */
export class Banner {
  #link;
  #element;
  #text = h("span");
  #button;
  #timer = 0;
  #said = false;

  /** @param {import("./link.js").Link} link @param {HTMLElement} element */
  constructor(link, element) {
    this.#link = link;
    this.#element = element;
    this.#button = h("button", { type: "button", class: "button small", testid: "retry", on: { click: () => link.retry() } }, "Try now");
    element.append(h("span", { class: "dot", "aria-hidden": "true" }), this.#text, this.#button);
    link.on("state", (state) => this.#follow(state));
    setInterval(() => this.#said && link.state === "down" && this.#tell(), 1_000);
  }

  #follow(state) {
    clearTimeout(this.#timer);
    if (state === "down") this.#timer = setTimeout(() => this.#tell(), this.#said ? 0 : PATIENCE_MS);
    else if (state === "up" && this.#said) this.#rejoice();
    else if (state === "locked") this.#hide();
  }

  #tell() {
    this.#said = true;
    this.#element.hidden = false;
    this.#element.dataset.tone = "wait";
    this.#button.hidden = false;
    const wait = Math.ceil((this.#link.retryAt - Date.now()) / 1000);
    const what = this.#link.known ? "Connection to maskd lost." : "maskd cannot be reached.";
    setText(this.#text, wait > 0 ? `${what} Trying again in ${wait} s` : `${what} Trying again…`);
  }

  #rejoice() {
    this.#said = false;
    this.#element.dataset.tone = "good";
    this.#button.hidden = true;
    setText(this.#text, "Connected again");
    this.#timer = setTimeout(() => this.#hide(), GLAD_MS);
  }

  #hide() {
    this.#said = false;
    this.#element.hidden = true;
  }
}
