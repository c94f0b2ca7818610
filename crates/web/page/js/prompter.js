import * as api from "./api.js";
import { titleOf } from "./objects.js";
import { undoCreation, undoRefinement } from "./takeback.js";

/**
 * A wish from a picture.
 * @typedef {{points?: number[][], box?: number[], shown: import("./screen.js").Shown, mark: ?object, at: number[], object: number,
 *   later?: ?Promise<boolean>}} Ask
 */

/** Sends prompts, shows that they are on their way, and what came of them. */
export class Prompter {
  #app;

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.#app = app;
  }

  /**
   * Makes an object, or refines the one that is selected.
   * @param {import("./tile.js").Tile} tile
   * @param {Ask} ask
   */
  async prompt(tile, ask) {
    const target = this.#target(tile, ask);
    if (target < 0) {
      tile.picture.overlay.unmark(ask.mark);
      return;
    }
    const chip = tile.chips.add(ask.at, target ? "Refining…" : "Outlining…");
    try {
      if (ask.later && !(await ask.later)) {
        tile.picture.overlay.unmark(ask.mark);
        return;
      }
      await (target ? this.#refine(tile, ask, target) : this.#create(tile, ask));
      tile.picture.overlay.settle(ask.mark);
    } catch (error) {
      tile.picture.overlay.unmark(ask.mark);
      this.#app.fail(error, error.frameGone ? GONE : undefined);
    } finally {
      chip.remove();
    }
  }

  /** Id of the object to refine, 0 for a new one, -1 where the click means nothing. */
  #target(tile, { points, object }) {
    const selected = this.#app.mode.selectedIn(tile.name);
    const negative = points?.every(([, , sign]) => sign === 0);
    if (selected || !negative) return selected;
    if (object) return object; // taking away from an outline says which one it is
    this.#app.toasts.show({ title: "Nothing to take away from here", text: "Click with − on an outline, or select an object first." });
    return -1;
  }

  async #create(tile, { points, box, shown }) {
    const reply = api.addObject(tile.name, { frame: shown.number, points, box });
    const forget = undoCreation(this.#app, tile, reply);
    try {
      this.#arrived(tile, await reply, "outlined");
    } catch (error) {
      forget();
      throw error;
    }
  }

  async #refine(tile, { points, box, shown }, id) {
    const before = shown.objects.find((object) => object.id === id);
    const reply = await api.refine(tile.name, id, { frame: shown.number, points, box });
    undoRefinement(this.#app, tile, { id, before, shown, positive: points?.[0][2] !== 0 });
    this.#arrived(tile, reply, "refined");
  }

  #arrived(tile, reply, verb) {
    const object = { ...reply.object, name: reply.name ?? reply.object.name };
    tile.objects.put(object);
    tile.readout.caughtUp(reply);
    this.#app.thumbs.soon(tile.name, reply.id);
    this.#app.announce(`${titleOf(object)} ${verb}`);
  }
}

const GONE = {
  title: "That picture is already gone",
  text: "The frame you clicked had left maskd's memory before the click arrived. Click again on the picture as it is now.",
};
