/**
 * Every request that the page makes.
 * @typedef {{name: string, source: string, origin: string, state: string, reason: ?string, live: boolean, frame: ?number,
 *   width: ?number, height: ?number, fps: number, objects: number}} Stream
 * @typedef {{id: number, name?: string, state: string, score: number, iou: number, box: ?number[]}} Tracked
 * @typedef {{frame?: number, name?: string, points?: number[][], box?: number[], mask?: {size: number[], counts: string}}} Prompt
 * @typedef {{id: number, name: ?string, applied_frame: number, behind_frames: number, caught_up_frame: number,
 *   catch_up_ms: number, object: Tracked}} Outlined
 */
import { address, call, socketAddress } from "./http.js";

const part = encodeURIComponent;
const stream = (name) => `streams/${part(name)}`;
const object = (name, id) => `${stream(name)}/objects/${part(id)}`;

/** @param {string} token @returns {Promise<null>} */
export const login = (token) => call("POST", "login", { json: { token } });

/** @param {number} [timeout] milliseconds @returns {Promise<Stream[]>} */
export const streams = async (timeout) => (await call("GET", "streams", { timeout })).streams;

/** @param {Object<string, any>} settings name, source and more @returns {Promise<Stream>} */
export const addStream = (settings) => call("POST", "streams", { json: settings });

/** @param {string} name @returns {Promise<null>} */
export const removeStream = (name) => call("DELETE", stream(name));

/** @param {string} name @returns {Promise<null>} */
export const restartStream = (name) => call("POST", `${stream(name)}/restart`);

/** @param {string} name of the stream @returns {Promise<{frame: number, objects: Tracked[]}>} */
export const objects = (name) => call("GET", `${stream(name)}/objects`);

/** @param {string} name of the stream @param {Prompt} prompt @returns {Promise<Outlined>} */
export const addObject = (name, prompt) => call("POST", `${stream(name)}/objects`, { json: prompt });

/** @param {string} name of the stream @param {number} id @param {Prompt} prompt @returns {Promise<Outlined>} */
export const refine = (name, id, prompt) => call("POST", `${object(name, id)}/prompts`, { json: prompt });

/** @param {string} name of the stream @param {number} id @param {?string} to @returns {Promise<any>} */
export const rename = (name, id, to) => call("PATCH", object(name, id), { json: { name: to } });

/** @param {string} name of the stream @param {number} id @returns {Promise<null>} */
export const removeObject = (name, id) => call("DELETE", object(name, id));

/** @param {string} name of the stream @param {Blob} file saved before @returns {Promise<{objects: number[]}>} */
export const loadTracks = (name, file) => call("PUT", `${stream(name)}/tracks`, { file });

/** @param {string} name of the stream @param {number} id @param {number} turn changes with every picture @returns {string} */
export const thumbnailAddress = (name, id, turn) => address(`${object(name, id)}/thumbnail?size=96&turn=${turn}`);

/** @param {string} name of the stream @returns {string} */
export const snapshotAddress = (name) => address(`${stream(name)}/snapshot?format=png&overlay=true`);

/** @param {string} name of the stream @returns {string} */
export const tracksAddress = (name) => address(`${stream(name)}/tracks`);

/** @param {string} name of the stream @returns {string} */
export const liveAddress = (name) => socketAddress(`${stream(name)}/live`);

/** @returns {string} */
export const eventsAddress = () => socketAddress("events/ws");
