/** Requests to the daemon, and what can go wrong with them. */

const TIMEOUT_MS = 20_000;

/** What went wrong, in words for a person: what (`message`), why (`detail`) and what to do (`help`). */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status; 0 when there was no answer
   * @param {{type?: string, title?: string, detail?: string, help?: string, findings?: {key: string, found: string, accepted: string}[]}} problem
   */
  constructor(status, problem) {
    super(problem.title || `maskd answered with status ${status}`);
    this.status = status;
    this.type = problem.type ?? "";
    const findings = (problem.findings ?? []).map(({ key, found, accepted }) => sentence(`${key}: ${found}; ${accepted} is accepted`));
    this.detail = findings.length ? findings.join("\n") : sentence(problem.detail);
    this.help = sentence(problem.help);
  }

  /** Whether a token is asked for. */
  get unauthorized() {
    return this.status === 401;
  }

  /** Whether the frame that a prompt named has left the daemon's memory. */
  get frameGone() {
    return this.status === 410 || this.type.endsWith("/frame-gone");
  }

  /** Whether the daemon could not be reached at all. */
  get unreachable() {
    return this.status === 0;
  }
}

/** Programs read the daemon's words as well; people get sentences. @param {string} [text] @returns {string} */
function sentence(text = "") {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) || !begun ? begun : `${begun}.`;
}

/**
 * An address of the API, relative to the page, so that the page also works below a path of a proxy.
 * @param {string} path without a leading slash
 * @returns {string}
 */
export function address(path) {
  return new URL(`api/v1/${path}`, document.baseURI).href;
}

/**
 * The same for a WebSocket.
 * @param {string} path
 * @returns {string}
 */
export function socketAddress(path) {
  return address(path).replace(/^http/, "ws");
}

/**
 * Sends a request; resolves to the JSON of the answer, or to null where it has none.
 * @param {string} method
 * @param {string} path
 * @param {{json?: any, file?: Blob, timeout?: number}} [options]
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export async function call(method, path, { json, file, timeout = TIMEOUT_MS } = {}) {
  const init = { method, signal: AbortSignal.timeout(timeout), cache: "no-store", credentials: "same-origin" };
  if (json !== undefined || file !== undefined) {
    init.body = file ?? JSON.stringify(json);
    init.headers = { "content-type": file ? "application/octet-stream" : "application/json" };
  }
  const response = await fetch(address(path), init).catch((error) => {
    throw noAnswer(error);
  });
  if (!response.ok) throw new ApiError(response.status, await problem(response));
  if (response.status === 204 || response.status === 202) return null;
  return response.json().catch((error) => {
    throw noAnswer(error);
  });
}

function noAnswer(error) {
  const late = error?.name === "TimeoutError";
  return new ApiError(0, {
    title: late ? "maskd took too long to answer" : "maskd cannot be reached",
    detail: late ? "" : "The connection failed.",
    help: "Check that maskd is running and that this device is still on its network.",
  });
}

async function problem(response) {
  const body = await response.json().catch(() => null);
  return body && typeof body === "object" ? body : { title: `${response.status} ${response.statusText}` };
}
