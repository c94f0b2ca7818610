import { h, iconButton } from "./dom.js";

/**
 * Opens a dialog; the browser keeps the focus in it and gives it back afterwards.
 * @param {{title: string, testid: string, body: Node[], closable?: boolean, wide?: boolean}} options
 * @returns {HTMLDialogElement} emits `close`
 */
export function openDialog({ title, testid, body, closable = true, wide = false }) {
  const close = closable ? iconButton("close", "Close", { class: "dialog-close", on: { click: () => dialog.close() } }) : null;
  const dialog = h("dialog", { class: wide ? "dialog wide" : "dialog", testid, "aria-labelledby": `${testid}-title` },
    h("header", {}, h("h2", { id: `${testid}-title`, text: title }), close), ...body);
  dialog.addEventListener("cancel", (event) => closable || event.preventDefault());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("pointerdown", (event) => closable && event.target === dialog && outside(dialog, event) && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function outside(dialog, { clientX: x, clientY: y }) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return x < left || x > right || y < top || y > bottom;
}

/**
 * Asks before something that cannot be undone.
 * @param {{title: string, text: string, action: string}} question
 * @returns {Promise<boolean>}
 */
export function confirm({ title, text, action }) {
  return new Promise((resolve) => {
    let agreed = false;
    const choose = (yes) => () => {
      agreed = yes;
      dialog.close();
    };
    const dialog = openDialog({
      title,
      testid: "confirm",
      body: [h("p", { text }), h("div", { class: "dialog-actions" },
        h("button", { type: "button", class: "button", autofocus: true, testid: "confirm-no", on: { click: choose(false) } }, "Cancel"),
        h("button", { type: "button", class: "button danger", testid: "confirm-yes", on: { click: choose(true) } }, action))],
    });
    dialog.addEventListener("close", () => resolve(agreed));
  });
}

/**
 * A labelled field of a form.
 * @param {string} label
 * @param {HTMLElement} input
 * @param {string} [hint]
 * @returns {HTMLElement}
 */
export function field(label, input, hint) {
  const id = `field-${input.getAttribute("name")}`;
  input.id = id;
  if (hint) input.setAttribute("aria-describedby", `${id}-hint`);
  return h("div", { class: "field" }, h("label", { for: id, text: label }), input, hint ? h("p", { class: "field-hint", id: `${id}-hint`, text: hint }) : null);
}

/**
 * Shows what went wrong inside a form.
 * @param {HTMLElement} place
 * @param {import("./http.js").ApiError} error
 */
export function showProblem(place, error) {
  place.replaceChildren(h("strong", { text: error.message }), ...[error.detail, error.help].filter(Boolean).map((text) => h("p", { text })));
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}
