import { h, icon, iconButton, setText } from "./dom.js";
import { press } from "./hand.js";
import { titleOf } from "./objects.js";

/** The tools, and in words what the next click will do. */
export class Dock {
  #app;
  #plus = tool("plus", "Part of it", "Clicks say: this belongs to it ( + )", "mode-positive");
  #minus = tool("minus", "Not part of it", "Clicks say: this does not belong to it ( − or Shift-click )", "mode-negative");
  #point = tool("point", "Click", "Clicks are points; a drag is a box ( P )", "mode-point");
  #box = tool("box", "Box", "Two clicks are a box ( B )", "mode-box");
  #undo = iconButton("undo", "Undo", { testid: "undo" });
  #hint = h("p", { class: "dock-hint", testid: "mode-hint" });
  #done = h("button", { type: "button", class: "button small", testid: "deselect", hidden: true }, "Done");

  /** @param {import("./app.js").App} app @param {HTMLElement} element */
  constructor(app, element) {
    this.#app = app;
    const { mode, undo } = app;
    const press = (button, changes) => button.addEventListener("click", () => mode.set(changes));
    press(this.#plus, { positive: true });
    press(this.#minus, { positive: false, box: false });
    press(this.#point, { box: false });
    press(this.#box, { box: true, positive: true });
    press(this.#done, { object: 0 });
    this.#undo.addEventListener("click", () => undo.run());
    element.append(
      h("div", { class: "tools", role: "group", "aria-label": "What clicks say" }, this.#plus, this.#minus),
      h("div", { class: "tools", role: "group", "aria-label": "How to point" }, this.#point, this.#box),
      this.#hint, this.#done, h("div", { class: "tools alone" }, this.#undo));
    mode.on("change", () => this.show());
    undo.on("change", () => this.show());
    this.show();
  }

  /** Follows the mode. */
  show() {
    const { mode, undo } = this.#app;
    for (const [button, on] of [[this.#plus, mode.positive], [this.#minus, !mode.positive], [this.#point, !mode.box], [this.#box, mode.box]]) {
      button.setAttribute("aria-pressed", String(on));
    }
    const label = undo.title ? `Undo ${undo.title} (Ctrl+Z)` : "Nothing to undo";
    this.#undo.title = label;
    this.#undo.setAttribute("aria-label", label);
    this.#undo.setAttribute("aria-disabled", String(!undo.title));
    this.#done.hidden = !mode.object;
    setText(this.#hint, this.#sentence());
  }

  #sentence() {
    const { mode, grid } = this.#app;
    const word = press();
    const object = mode.object && grid?.active?.objects.items.get(mode.object);
    if (object && mode.box) return `A box corrects ${titleOf(object)}`;
    if (object) return mode.positive ? `${word}s add to ${titleOf(object)}` : `${word}s take away from ${titleOf(object)}`;
    if (mode.box) return `${word} two corners, or drag, to outline something new`;
    return mode.positive ? `${word} to outline something new, or drag a box` : `${word} the part of an outline that is wrong`;
  }
}

function tool(drawing, word, title, testid) {
  return h("button", { type: "button", class: "tool", title, testid, "aria-pressed": "false" }, icon(drawing), h("span", { text: word }));
}
