const WINDOW_MS = 2_000;

/** How often and how old frames come onto the screen, over the last two seconds. */
export class Meter {
  #times = [];
  #last = null;

  /** @param {import("./screen.js").Shown} shown */
  add(shown) {
    this.#last = shown;
    this.#times.push(shown.at);
    this.#trim();
  }

  #trim() {
    const oldest = performance.now() - WINDOW_MS;
    while (this.#times.length && this.#times[0] < oldest) this.#times.shift();
  }

  /**
   * @param {?number} networkMs one way
   * @returns {?{number: number, ageMs: number, sinceCaptureMs: number, staleMs: number, fps: number, trackedFps: number, encodeMs: number, trackMs: number,
   *   decodeMs: number, view: string, intact: boolean}} null before the first frame
   */
  read(networkMs) {
    const last = this.#last;
    if (!last) return null;
    this.#trim();
    const span = this.#times.length > 1 ? this.#times[this.#times.length - 1] - this.#times[0] : 0;
    return {
      number: last.number,
      ageMs: last.ageMs + (networkMs ?? 0) + (last.at - last.arrived),
      // By both clocks, which agree where page and daemon are on one machine.
      sinceCaptureMs: performance.timeOrigin + last.at - last.capturedMs,
      staleMs: performance.now() - last.at,
      fps: span > 0 ? ((this.#times.length - 1) / span) * 1000 : 0,
      trackedFps: last.trackedFps,
      encodeMs: last.encodeMs,
      trackMs: last.trackMs,
      decodeMs: last.decodedMs,
      view: `${last.viewWidth} × ${last.viewHeight} of ${last.width} × ${last.height}`,
      intact: last.intact,
    };
  }
}
