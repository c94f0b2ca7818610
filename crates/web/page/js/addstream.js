import { addStream } from "./api.js";
import { field, openDialog, showProblem } from "./dialog.js";
import { h } from "./dom.js";

/** A source that needs no camera and has no end that anybody sees. */
export const EXAMPLE = { name: "scene", source: "scene://?seed=3&objects=3&fps=15&frames=9999999" };

/**
 * Asks for a stream and adds it.
 * @param {{name?: string, source?: string}} given what is filled in already
 * @param {(stream: import("./api.js").Stream) => void} added
 */
export function askForStream(given, added) {
  const input = (name, props) => h("input", { name, autocomplete: "off", spellcheck: "false", autocapitalize: "off", ...props });
  const error = h("div", { class: "problem", role: "alert", hidden: true, testid: "add-error" });
  const submit = h("button", { type: "submit", class: "button primary", testid: "add-submit" }, "Add stream");
  const example = h("button", { type: "button", class: "link", testid: "use-example", on: { click: () => fill(form, EXAMPLE) } }, "Use the built-in scene");
  const form = h("form", { on: { submit: (event) => send(event) } },
    field("Name", input("name", { required: true, pattern: "[A-Za-z0-9_\\-]{1,64}", value: given.name ?? "", autofocus: true, testid: "add-name", title: "1 to 64 letters, digits, _ and -" }), "Letters, digits, _ and -"),
    field("Source", input("source", { required: true, value: given.source ?? "", testid: "add-source", inputmode: "url" }), "rtsp://camera/stream or scene://…; v4l2:///dev/video0, files and folders of pictures where the configuration allows them"),
    h("p", {}, "No camera at hand? ", example, "."),
    advanced(input), error, h("div", { class: "dialog-actions" }, submit));
  const dialog = openDialog({ title: "Add a stream", testid: "add-dialog", body: [form] });

  async function send(event) {
    event.preventDefault();
    submit.disabled = true;
    try {
      const stream = await addStream(settings(new FormData(form)));
      dialog.close();
      added(stream);
    } catch (problem) {
      showProblem(error, problem);
    } finally {
      submit.disabled = false;
    }
  }
}

function fill(form, values) {
  for (const [name, value] of Object.entries(values)) form.elements.namedItem(name).value = value;
}

function advanced(input) {
  const transport = h("select", { name: "transport", testid: "add-transport" },
    ...[["", "As configured"], ["tcp", "TCP: nothing gets lost"], ["udp", "UDP: less delay"]].map(([value, text]) => h("option", { value, text })));
  const repeat = h("label", { class: "check" }, h("input", { type: "checkbox", name: "repeat", testid: "add-repeat" }), "Start files again at their end");
  return h("details", { class: "advanced" }, h("summary", { testid: "add-advanced" }, "Advanced"),
    h("div", { class: "pair" }, field("User", input("user", { testid: "add-user" })), field("Password", input("password", { type: "password", autocomplete: "new-password", testid: "add-password" }))),
    h("div", { class: "pair" }, field("RTP travels over", transport),
      field("Jitter buffer, ms", input("latency_ms", { type: "number", min: 0, max: 60000, placeholder: "200", testid: "add-latency" }))), repeat);
}

/** Only what was filled in: the daemon has defaults for the rest. */
function settings(data) {
  const all = Object.fromEntries([...data].filter(([, value]) => value !== ""));
  if (all.latency_ms) all.latency_ms = Number(all.latency_ms);
  if (all.repeat) all.repeat = true;
  all.name = all.name.trim();
  all.source = all.source.trim();
  return all;
}
