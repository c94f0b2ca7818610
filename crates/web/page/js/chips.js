import { h } from "./dom.js";

/** Small notes beside a place of the picture, such as "Outlining…". */
export class Chips {
  #picture;

  /** @param {import("./picture.js").Picture} picture */
  constructor(picture) {
    this.#picture = picture;
  }

  /**
   * @param {number[]} place source pixels
   * @param {string} text
   * @returns {HTMLElement} to be removed by the caller
   */
  add(place, text) {
    const chip = h("div", { class: "chip working", testid: "working" }, h("span", { class: "spinner" }), text);
    const [x, y] = this.#picture.toCss(place);
    const { clientWidth: width, clientHeight: height } = this.#picture.element;
    chip.classList.toggle("leftward", x > width - 140);
    chip.style.left = `${x}px`;
    chip.style.top = `${Math.max(20, Math.min(y, height - 20))}px`;
    this.#picture.element.append(chip);
    return chip;
  }
}
