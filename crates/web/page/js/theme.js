import { iconButton, setIcon } from "./dom.js";

const KEY = "maskd-theme";
const LIGHT = matchMedia("(prefers-color-scheme: light)");

/**
 * The button for dark and light; without a choice the page follows the system.
 * @returns {HTMLElement}
 */
export function themeButton() {
  const button = iconButton("moon", "Dark or light", { testid: "theme" });
  const show = () => {
    const now = current();
    document.documentElement.dataset.theme = now;
    setIcon(button.firstElementChild, now === "dark" ? "sun" : "moon");
    const label = now === "dark" ? "Light colours" : "Dark colours";
    button.title = label;
    button.setAttribute("aria-label", label);
  };
  button.addEventListener("click", () => {
    store(current() === "dark" ? "light" : "dark");
    show();
  });
  LIGHT.addEventListener("change", show);
  show();
  return button;
}

function current() {
  return stored() ?? (LIGHT.matches ? "light" : "dark");
}

/** Storage may be forbidden; then the choice lasts as long as the page. */
let fallback = null;

function stored() {
  try {
    const value = localStorage.getItem(KEY);
    return value === "dark" || value === "light" ? value : fallback;
  } catch {
    return fallback;
  }
}

function store(value) {
  fallback = value;
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // kept in `fallback`
  }
}
