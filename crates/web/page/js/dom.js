/** Small helpers for building the page without markup in strings. */

/**
 * Makes an element. `props` are attributes, except `on` (listeners), `text`, `testid` and `hidden`; null and false are left out.
 * @param {string} tag
 * @param {Object<string, any>} [props]
 * @param {...(Node|string|null|undefined)} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) set(element, key, value);
  element.append(...children.filter((child) => child != null));
  return element;
}

function set(element, key, value) {
  if (value == null || value === false) return;
  if (key === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
  else if (key === "text") element.textContent = value;
  else if (key === "testid") element.dataset.testid = value;
  else element.setAttribute(key, value === true ? "" : String(value));
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * One drawing of `icons.svg`; it says nothing to screen readers.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "use"));
  setIcon(svg, name);
  return svg;
}

/**
 * Shows another drawing in an element made by `icon`.
 * @param {SVGSVGElement} svg
 * @param {string} name
 */
export function setIcon(svg, name) {
  svg.firstElementChild?.setAttribute("href", `icons.svg#${name}`);
}

/**
 * A button that shows only a drawing; `label` is its name and its tooltip.
 * @param {string} name of the drawing
 * @param {string} label
 * @param {Object<string, any>} [props]
 * @returns {HTMLElement}
 */
export function iconButton(name, label, props = {}) {
  const { class: extra = "", ...rest } = props;
  return h("button", { type: "button", class: `icon-button ${extra}`, "aria-label": label, title: label, ...rest }, icon(name));
}

/**
 * Sets an element's text only when it differs, so that nothing is laid out for nothing.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
