/** What the states of streams and objects are called, and what can be done about them. */

const STREAM = {
  connecting: { word: "Connecting", tone: "wait", text: "Waiting for the first picture" },
  live: { word: "Live", tone: "good", text: "" },
  stalled: { word: "Stalled", tone: "wait", text: "No new pictures come; maskd keeps listening" },
  backoff: { word: "Reconnecting", tone: "wait", text: "The source was lost; maskd tries again by itself" },
  auth_failed: { word: "Not let in", tone: "bad", text: "The camera refused the user name or password" },
  unlinked: { word: "Not connected", tone: "off", text: "This page has no connection to maskd" },
  ended: { word: "Ended", tone: "off", text: "The source has come to its end" },
};

const OBJECT = {
  visible: { word: "in sight", tone: "good" },
  reacquired: { word: "found again", tone: "good" },
  occluded: { word: "hidden", tone: "wait" },
  lost: { word: "lost", tone: "bad" },
};

/** @param {string} state @returns {{word: string, tone: string, text: string}} */
export function streamState(state) {
  return STREAM[state] ?? { word: state, tone: "wait", text: "" };
}

/** @param {string} state @returns {{word: string, tone: string}} */
export function objectState(state) {
  return OBJECT[state] ?? { word: state, tone: "wait" };
}

/**
 * What is said aloud of an event; empty for those that are not worth it.
 * @param {{event: string, stream: string, kind?: string, state?: string, reason?: ?string}} event
 * @param {string} title of the object
 * @returns {string}
 */
export function spoken(event, title) {
  if (event.event === "status") {
    return `${event.stream}: ${streamState(event.state).word}${event.reason ? `, ${event.reason}` : ""}`;
  }
  const words = { lost: "lost", occluded: "hidden", reacquired: "found again" };
  return words[event.kind] ? `${title} ${words[event.kind]}` : "";
}
