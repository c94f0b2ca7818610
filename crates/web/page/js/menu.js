import { h, icon, iconButton } from "./dom.js";

/**
 * @typedef {{label: string, icon: string, testid: string, run?: () => void, href?: string, download?: string, danger?: boolean}} Item
 */

/** A button with a menu below it; arrow keys move, Escape closes. */
export class Menu {
  #button;
  #list;

  /** @param {string} label @param {Item[]} items */
  constructor(label, items) {
    this.#button = iconButton("more", label, { testid: "menu", "aria-haspopup": "menu", "aria-expanded": "false", on: { click: () => this.#open(this.#list.hidden) } });
    this.#list = h("div", { class: "menu", role: "menu", hidden: true, on: { keydown: (event) => this.#key(event) } }, ...items.map((item) => this.#item(item)));
    this.element = h("div", { class: "menu-anchor", on: { focusout: (event) => this.element.contains(event.relatedTarget) || this.#open(false) } }, this.#button, this.#list);
  }

  #item({ label, icon: drawing, testid, run, href, download, danger }) {
    const props = { class: danger ? "item danger" : "item", role: "menuitem", tabindex: -1, testid, on: { click: () => this.#choose(run) } };
    return href ? h("a", { ...props, href, download }, icon(drawing), label) : h("button", { ...props, type: "button" }, icon(drawing), label);
  }

  #choose(run) {
    this.#open(false);
    this.#button.focus();
    run?.();
  }

  #open(open) {
    if (this.#list.hidden === !open) return;
    this.#list.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    if (open) this.#list.firstElementChild?.focus();
  }

  #key(event) {
    const items = [...this.#list.children];
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items[(at + step + items.length) % items.length].focus();
    else if (event.key === "Escape") {
      this.#open(false);
      this.#button.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
