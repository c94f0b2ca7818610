import { h, iconButton, setText } from "./dom.js";
import { titleOf } from "./objects.js";
import { colour } from "./palette.js";
import { objectState } from "./states.js";

/**
 * @typedef {{select: () => void, refine: () => void, remove: () => void, rename: (name: string) => void, hover: (over: boolean) => void}} RowActions
 */

/** One object in the list. */
export class Row {
  #actions;
  #object;
  #thumb = h("img", { class: "thumb", alt: "", width: 44, height: 44, testid: "thumbnail" });
  #name = h("span", { class: "name", testid: "object-name" });
  #state = h("span", { class: "state", testid: "object-state" });
  #score = h("span", { class: "score", testid: "object-score", title: "How sure the model is that it is in sight" });
  #select;
  #rename = iconButton("rename", "Rename", { testid: "rename", on: { click: () => this.edit() } });
  #refine;
  #remove;

  /** @param {{id: number, name?: string}} object @param {RowActions} actions */
  constructor(object, actions) {
    this.#actions = actions;
    this.#object = object;
    const swatch = h("span", { class: "swatch", title: `Colour of object ${object.id}` });
    this.#select = h("button", { type: "button", class: "select", testid: "select", "aria-pressed": "false", on: { click: actions.select, dblclick: () => this.edit() } },
      h("span", { class: "thumb-box" }, this.#thumb, swatch), h("span", { class: "words" }, this.#name, h("span", { class: "facts" }, this.#state, this.#score)));
    this.#refine = iconButton("refine", "Refine", { testid: "refine", on: { click: actions.refine } });
    this.#remove = iconButton("remove", "Remove", { testid: "remove", class: "danger", on: { click: actions.remove } });
    this.element = h("li", {
      class: "row", testid: `object-${object.id}`, "data-object": object.id,
      on: { pointerenter: () => actions.hover(true), pointerleave: () => actions.hover(false) },
    }, this.#select, this.#rename, this.#refine, this.#remove);
    this.element.style.setProperty("--object", colour(object.id));
    this.#thumb.addEventListener("error", () => this.#thumb.classList.remove("there"));
    this.#thumb.addEventListener("load", () => this.#thumb.classList.add("there"));
  }

  /** @param {import("./api.js").Tracked} object @param {number} selected id, or 0 */
  show(object, selected) {
    this.#object = object;
    const title = titleOf(object);
    const state = objectState(object.state);
    setText(this.#name, title);
    setText(this.#state, state.word);
    this.#state.dataset.tone = state.tone;
    setText(this.#score, `${Math.round(object.score * 100)} %`);
    this.#select.setAttribute("aria-pressed", String(object.id === selected));
    for (const [button, verb] of [[this.#rename, "Rename"], [this.#refine, "Refine"], [this.#remove, "Remove"]]) {
      button.setAttribute("aria-label", `${verb} ${title}`);
    }
    this.element.classList.toggle("selected", object.id === selected);
    this.element.classList.toggle("dimmed", selected !== 0 && object.id !== selected);
    this.element.classList.toggle("away", object.state === "lost" || object.state === "occluded");
  }

  /** @param {string} address of a newer picture */
  picture(address) {
    this.#thumb.src = address;
  }

  /** Lets the name be changed where it stands. */
  edit() {
    if (this.element.querySelector("input")) return;
    const input = h("input", { class: "rename-input", testid: "rename-input", maxlength: 64, "aria-label": `New name of ${titleOf(this.#object)}`, value: this.#object.name ?? "", placeholder: titleOf({ id: this.#object.id }) });
    let open = true;
    const end = (keep) => {
      if (!open) return;
      open = false;
      const name = input.value.trim();
      const focused = document.activeElement === input;
      input.replaceWith(this.#select);
      if (focused) this.#rename.focus();
      if (keep && name !== (this.#object.name ?? "")) this.#actions.rename(name);
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault(); // the focus moves to a button, which must not take the same key
      end(event.key === "Enter");
    });
    input.addEventListener("blur", () => end(true));
    this.#select.replaceWith(input);
    input.focus();
    input.select();
  }
}
