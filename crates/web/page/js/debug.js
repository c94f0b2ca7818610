const VERSION = "1";

/**
 * Puts `window.maskd` in place: what is on the screen, for tests and curious people; nothing can be changed through it.
 * @param {import("./grid.js").Grid} grid
 * @param {import("./link.js").Link} link
 */
export function expose(grid, link) {
  const frames = () => Object.freeze(Object.fromEntries([...grid.tiles].flatMap(([name, tile]) => {
    const figures = tile.meter.read(link.networkMs);
    if (!figures) return [];
    const { number, ageMs, sinceCaptureMs, fps } = figures;
    return [[name, Object.freeze({ number, ageMs, sinceCaptureMs, fps })]];
  })));
  const maskd = Object.freeze(Object.defineProperties({}, {
    frames: { get: frames, enumerable: true },
    version: { value: VERSION, enumerable: true },
  }));
  Object.defineProperty(window, "maskd", { value: maskd, writable: false, configurable: false });
}
