import * as api from "./api.js";
import { confirm } from "./dialog.js";
import { h } from "./dom.js";

/** What a stream's buttons do. */
export class StreamActions {
  /** @param {import("./app.js").App} app @param {import("./tile.js").Tile} tile */
  constructor(app, tile) {
    const { name } = tile;
    /** Lists its objects. */
    this.activate = () => app.grid.activate(tile);
    /** Makes it bigger, or no longer. */
    this.focus = () => app.grid.toggleFocus(tile);
    /** Fills the screen with it, or no longer. */
    this.fullscreen = () => app.grid.toggleFullscreen(tile);
    /** Builds its source anew. */
    this.restart = () => app.guard(api.restartStream(name).then(() => app.link.refresh()));
    /** Removes it, once the person has confirmed. */
    this.remove = () => app.guard(remove(app, tile));
    /** Loads tracks from a file. */
    this.load = () => pickFile((file) => app.guard(load(app, tile, file)));
  }
}

async function remove(app, { name, stream }) {
  const kept = stream.origin === "file" ? " It is in the configuration file, so it comes back when maskd starts again." : "";
  const agreed = await confirm({
    title: `Remove ${name}?`,
    text: `Tracking on it ends and its objects are forgotten.${kept}`,
    action: "Remove stream",
  });
  if (!agreed) return;
  await api.removeStream(name);
  await app.link.refresh();
  app.announce(`Stream ${name} removed`);
}

async function load(app, tile, file) {
  const { objects } = await api.loadTracks(tile.name, file);
  tile.objects.restore(...objects);
  app.toasts.show({ title: "Tracks loaded", text: `${file.name} goes on in ${tile.name}.` });
}

function pickFile(use) {
  const input = h("input", { type: "file", hidden: true, testid: "pick-file" });
  input.addEventListener("change", () => {
    input.remove();
    if (input.files[0]) use(input.files[0]);
  });
  input.addEventListener("cancel", () => input.remove());
  document.body.append(input); // some browsers open no dialog for one that is nowhere
  input.click();
}
