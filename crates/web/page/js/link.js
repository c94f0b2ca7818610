import * as api from "./api.js";
import { Backoff } from "./backoff.js";
import { Emitter } from "./emitter.js";

/** How often the list of streams is read anew; it also shows a connection that died without a word. */
const POLL_MS = 4_000;
const POLL_TIMEOUT_MS = 8_000;
const ROUND_TRIPS_KEPT = 3;

/**
 * The connection to the daemon as a whole: its list of streams and its events.
 * Emits `state` ("connecting", "up", "down", "locked"), `streams` (a list) and `event` (one of the daemon's).
 */
export class Link extends Emitter {
  /** @type {"connecting"|"up"|"down"|"locked"} */
  state = "connecting";
  /** When the next attempt is made, by `Date.now()`; 0 while one is under way. */
  retryAt = 0;
  /** Whether it was up at least once. */
  known = false;
  #backoff = new Backoff();
  #socket = null;
  #timer = 0;
  #trips = [];

  constructor() {
    super();
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
  }

  /** One way over the network in ms: half of the shortest of the last round trips; null before the first. */
  get networkMs() {
    return this.#trips.length ? Math.min(...this.#trips) / 2 : null;
  }

  /** Connects; to be called once, and after a login. */
  start() {
    this.#move("connecting");
    this.#attempt();
  }

  /** Tries at once, where it would wait. */
  retry() {
    if (this.state === "down" && this.retryAt) this.#attempt();
  }

  /** Reads the list of streams now. */
  async refresh() {
    const begin = performance.now();
    const list = await api.streams(POLL_TIMEOUT_MS);
    this.#trips = [...this.#trips, performance.now() - begin].slice(-ROUND_TRIPS_KEPT);
    this.emit("streams", list);
  }

  async #attempt() {
    clearTimeout(this.#timer);
    this.retryAt = 0;
    try {
      await this.refresh();
      await this.#listen();
      this.#backoff.reset();
      this.known = true;
      this.#move("up");
      this.#poll();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Opens the socket of events; resolves once it is open. */
  #listen() {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(api.eventsAddress());
      this.#socket?.close();
      this.#socket = socket;
      socket.onopen = resolve;
      socket.onmessage = ({ data }) => this.#hear(data);
      socket.onclose = () => {
        reject(new Error("the socket of events closed"));
        if (this.#socket === socket && this.state === "up") this.#fail();
      };
    });
  }

  #hear(text) {
    let event;
    try {
      event = JSON.parse(text);
    } catch {
      return; // not for this page
    }
    this.emit("event", event);
    if (event.event === "streams") this.#again();
  }

  #poll() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), POLL_MS);
  }

  async #again() {
    try {
      await this.refresh();
      if (this.state === "up") this.#poll();
    } catch (error) {
      if (this.state === "up") this.#fail(error);
    }
  }

  #wake() {
    if (this.state === "up") this.#again();
    else this.retry();
  }

  #fail(error) {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#trips = [];
    if (error?.unauthorized) {
      this.#move("locked");
      return;
    }
    const wait = this.#backoff.next();
    this.retryAt = Date.now() + wait;
    this.#timer = setTimeout(() => this.#attempt(), wait);
    this.#move("down");
  }

  #move(state) {
    this.state = state;
    this.emit("state", state);
  }
}
