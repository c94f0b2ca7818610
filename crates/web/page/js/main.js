import { App } from "./app.js";
import { Banner } from "./banner.js";
import { expose } from "./debug.js";
import { askForToken } from "./login.js";
import { listenForShortcuts } from "./shortcuts.js";
import { themeButton } from "./theme.js";

const place = (id) => document.getElementById(id);
const app = new App({ grid: place("grid"), panel: place("panel"), dock: place("dock"), toasts: place("toasts"), live: place("live") });
new Banner(app.link, place("banner"));
place("theme").replaceWith(themeButton());
place("add").addEventListener("click", () => app.addStream());
place("keys").addEventListener("click", () => app.help());
place("add-first").addEventListener("click", () => app.addStream());
place("try-scene").addEventListener("click", () => app.addExample());
listenForShortcuts(app);
expose(app.grid, app.link);

app.link.on("streams", (streams) => {
  app.grid.follow(streams);
  app.panel.show();
  document.body.dataset.streams = streams.length ? "some" : "none";
});
app.link.on("event", (event) => app.hear(event));
app.link.on("state", (state) => {
  if (state === "locked") askForToken(() => app.link.start());
  for (const tile of app.grid.tiles.values()) if (state !== "connecting") tile.link(state === "up");
});
app.link.start();
