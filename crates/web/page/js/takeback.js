import * as api from "./api.js";
import { cocoMask } from "./coco.js";
import { titleOf } from "./objects.js";

/**
 * What undo does for each thing that a person can do. A model does not forget, so some of it can only be made good.
 */

/**
 * Undo of a new object removes it, even if its outline is still on the way.
 * @param {import("./app.js").App} app
 * @param {import("./tile.js").Tile} tile
 * @param {Promise<import("./api.js").Outlined>} reply
 * @returns {() => void} forgets the step
 */
export function undoCreation(app, tile, reply) {
  const run = async () => {
    const made = await reply.catch(() => null);
    if (!made) return;
    await discard(app, tile, made.id);
    app.announce(`Object ${made.id} removed again`);
  };
  return app.undo.push({ title: "the new object", stream: tile.name, run: () => app.guard(run()) });
}

/**
 * Undo of a refinement shows the model the outline from before it, on the same frame.
 * @param {import("./app.js").App} app
 * @param {import("./tile.js").Tile} tile
 * @param {{id: number, before: ?import("./packet.js").Outline, shown: import("./screen.js").Shown, positive: boolean}} done
 */
export function undoRefinement(app, tile, { id, before, shown, positive }) {
  const run = async () => {
    try {
      if (!before || before.runs.length < 2) throw new Error("it had no outline");
      const reply = await api.refine(tile.name, id, { frame: shown.number, mask: cocoMask(before.runs, shown) });
      tile.objects.put(reply.object);
      app.toasts.show({
        title: "Went back to the outline from before",
        text: "A click cannot be unlearned, so the model was shown the earlier outline on that same frame.",
      });
    } catch (error) {
      if (error.unauthorized || error.unreachable) throw error;
      offerOpposite(app, tile, id, positive);
    }
  };
  app.undo.push({ title: "the last refinement", stream: tile.name, run: () => app.guard(run()) });
}

function offerOpposite(app, tile, id, positive) {
  const sign = positive ? "−" : "+";
  app.toasts.show({
    title: "The model has already learned that click",
    text: `It cannot be taken back any more. Click the same spot with ${sign}, or remove the object.`,
    actions: [
      { label: `Click with ${sign}`, run: () => app.mode.set({ stream: tile.name, object: id, positive: !positive, box: false }) },
      { label: "Remove object", run: () => app.guard(removeObject(app, tile, id)) },
    ],
  });
}

/**
 * Renames an object; undo gives it its old name.
 * @param {import("./app.js").App} app
 * @param {import("./tile.js").Tile} tile
 * @param {number} id
 * @param {string} name empty for none
 */
export async function renameObject(app, tile, id, name) {
  const old = tile.objects.items.get(id)?.name || null;
  const set = async (to, from) => {
    tile.objects.name(id, to);
    await api.rename(tile.name, id, to).catch((error) => {
      tile.objects.name(id, from);
      throw error;
    });
  };
  await set(name || null, old);
  app.undo.push({ title: "the new name", stream: tile.name, run: () => app.guard(set(old, name || null)) });
}

/**
 * Removes an object; undo makes a new one from its last outline and its name.
 * @param {import("./app.js").App} app
 * @param {import("./tile.js").Tile} tile
 * @param {number} id
 */
export async function removeObject(app, tile, id) {
  const object = tile.objects.items.get(id) ?? { id };
  const { shown } = tile.picture.screen;
  const last = shown?.objects.find((other) => other.id === id && other.runs.length > 1);
  await discard(app, tile, id);
  const title = titleOf(object);
  app.announce(`${title} removed`);
  if (!last) {
    app.toasts.show({ title: `Removed ${title}`, text: "It was out of sight, so it can only be clicked again." });
    return;
  }
  const name = object.name || undefined;
  const run = async () => {
    close();
    const made = await api.addObject(tile.name, { frame: shown.number, name, mask: cocoMask(last.runs, shown) });
    tile.objects.put({ ...made.object, name: made.name ?? name });
    app.thumbs.soon(tile.name, made.id);
    app.toasts.show({ title: `${title} is back`, text: `It is a new object, number ${made.id}, begun from its last outline.` });
  };
  const step = { title: `the removal of ${title}`, stream: tile.name, run: () => app.guard(run()) };
  app.undo.push(step);
  const close = app.toasts.show({ title: `Removed ${title}`, actions: [{ label: "Undo", run: () => app.undo.run(step) }] });
}

async function discard(app, tile, id) {
  if (app.mode.selectedIn(tile.name) === id) app.mode.set({ object: 0 });
  tile.objects.drop(id);
  await api.removeObject(tile.name, id).catch((error) => {
    if (error.status === 404) return; // it was gone already
    tile.objects.restore(id);
    throw error;
  });
}
