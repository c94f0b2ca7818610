import { removeObject } from "./takeback.js";

/**
 * Keys that work wherever the focus is, except in fields and dialogs.
 * @param {import("./app.js").App} app
 */
export function listenForShortcuts(app) {
  document.addEventListener("keydown", (event) => {
    if (event.target.closest?.("input, select, textarea, dialog") || document.querySelector("dialog[open]")) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") app.undo.run();
    else if (event.ctrlKey || event.metaKey || event.altKey || !act(app, event.key)) return;
    event.preventDefault();
  });
}

function act(app, key) {
  const { mode, grid } = app;
  const tile = grid.active;
  const plain = {
    "+": () => mode.set({ positive: true }),
    "=": () => mode.set({ positive: true }),
    "-": () => mode.set({ positive: false, box: false }),
    p: () => mode.set({ box: false }),
    b: () => mode.set({ box: true, positive: true }),
    a: () => app.addStream(),
    "?": () => app.help(),
    Escape: () => tile?.picture.cancel() || mode.set({ object: 0 }),
    f: () => tile && grid.toggleFocus(tile),
  };
  const selected = {
    r: () => app.panel.edit(mode.object),
    F2: () => app.panel.edit(mode.object),
    Delete: () => app.guard(removeObject(app, tile, mode.object)),
    Backspace: () => app.guard(removeObject(app, tile, mode.object)),
  };
  const number = /^[1-9]$/.test(key) ? [...(tile?.objects.items.keys() ?? [])][Number(key) - 1] : undefined;
  const run = plain[key] ?? (mode.object && tile ? selected[key] : undefined) ?? (number && (() => app.select(tile, number)));
  run?.();
  return Boolean(run);
}
