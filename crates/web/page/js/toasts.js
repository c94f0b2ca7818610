import { h, iconButton } from "./dom.js";

const READ_MS = 6_000;
/** Errors and questions stay longer. */
const ACT_MS = 14_000;
const MOST = 4;

/**
 * @typedef {{title: string, text?: string, help?: string, tone?: "error"|"plain", actions?: {label: string, run: () => void}[]}} Toast
 */

/** Short messages in a corner; each stays while the pointer or the keyboard is on it. */
export class Toasts {
  #element;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  /** @param {Toast} toast @returns {() => void} takes it away */
  show({ title, text, help, tone = "plain", actions = [] }) {
    const same = [...this.#element.children].find((other) => other.dataset.title === `${title}\n${text}`);
    same?.remove();
    const close = () => toast.remove();
    const toast = h("div", { class: `toast ${tone}`, testid: "toast", role: tone === "error" ? "alert" : "status", "data-title": `${title}\n${text}` },
      h("div", { class: "toast-words" }, h("strong", { text: title }), text ? h("p", { text }) : null, help ? h("p", { class: "help", text: help }) : null,
        actions.length ? h("div", { class: "toast-actions" }, ...actions.map((action) => button(action, close))) : null),
      iconButton("close", "Dismiss", { on: { click: close } }));
    this.#element.append(toast);
    while (this.#element.children.length > MOST) this.#element.firstElementChild.remove();
    leave(toast, tone === "error" || actions.length ? ACT_MS : READ_MS);
    return close;
  }
}

function button({ label, run }, close) {
  const act = () => {
    close();
    run();
  };
  return h("button", { type: "button", class: "button small", testid: "toast-action", on: { click: act } }, label);
}

function leave(toast, after) {
  let timer = 0;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), after);
  };
  for (const type of ["pointerenter", "focusin"]) toast.addEventListener(type, () => clearTimeout(timer));
  for (const type of ["pointerleave", "focusout"]) toast.addEventListener(type, start);
  start();
}
