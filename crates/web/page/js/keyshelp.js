import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

const KEYS = [
  ["On the picture", [
    ["Click", "outline what is under the pointer"],
    ["Shift + click", "this does not belong to it"],
    ["Drag", "draw a box around it; the picture is held meanwhile"],
    ["Double-click, long press", "select the object, so that clicks refine it"],
  ]],
  ["Picture with the keyboard", [
    ["Arrow keys", "move the cross; with Shift in small steps"],
    ["Home", "cross to the middle"],
    ["Enter", "click: this belongs to it"],
    ["Shift + Enter", "click: this does not belong to it"],
    ["S", "select the object under the cross"],
  ]],
  ["Everywhere", [
    ["+ and −", "what clicks say"],
    ["P and B", "points, or boxes by two clicks"],
    ["1 to 9", "select an object of the list"],
    ["R or F2", "rename the selected object"],
    ["Delete", "remove the selected object"],
    ["Ctrl + Z", "undo"],
    ["Esc", "cancel a box, then leave the object"],
    ["F", "the active stream bigger"],
    ["A", "add a stream"],
    ["?", "this help"],
  ]],
];

/** Shows what can be done with keys and pointer. */
export function showKeys() {
  if (document.querySelector("dialog[open]")) return;
  const groups = KEYS.map(([title, rows]) => h("section", {}, h("h3", { text: title }),
    h("dl", { class: "keys" }, ...rows.map(([key, text]) => h("div", {}, h("dt", {}, h("kbd", { text: key })), h("dd", { text }))))));
  openDialog({ title: "Keys and gestures", testid: "keys-dialog", body: [h("div", { class: "key-groups" }, ...groups)], wide: true });
}
