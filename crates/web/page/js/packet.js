/**
 * The binary message of the live socket.
 * @typedef {{id: number, state: string, name: string, score: number, iou: number, box: ?number[], runs: Uint32Array}} Outline
 * @typedef {{number: number, intact: boolean, cameraClock: boolean, capturedMs: number, encodeMs: number, trackMs: number, ageMs: number,
 *   trackedFps: number, width: number, height: number, viewWidth: number, viewHeight: number, ticket: number, jpeg: Uint8Array,
 *   objects: Outline[]}} Packet
 */
import { readRuns } from "./runs.js";

const MAGIC = 0x31444b4d; // "MKD1", little endian
const FRAME = 1;
const HEAD = 68;
const OBJECT_HEAD = 36;
const STATES = ["visible", "occluded", "lost", "reacquired"];
const utf8 = new TextDecoder();

/**
 * Reads one message; null for kinds that this page does not know.
 * @param {ArrayBuffer} buffer
 * @returns {?Packet}
 * @throws {RangeError} where it is cut short
 */
export function readPacket(buffer) {
  const view = new DataView(buffer);
  if (view.getUint32(0, true) !== MAGIC || view.getUint8(4) !== FRAME) return null;
  const flags = view.getUint8(5);
  const jpegBytes = view.getUint32(64, true);
  return {
    number: Number(view.getBigUint64(8, true)),
    intact: (flags & 1) !== 0,
    cameraClock: (flags & 2) !== 0,
    capturedMs: Number(view.getBigUint64(24, true)) / 1e6,
    encodeMs: view.getFloat32(32, true),
    trackMs: view.getFloat32(36, true),
    ageMs: view.getFloat32(40, true),
    trackedFps: view.getFloat32(44, true),
    width: view.getUint32(48, true),
    height: view.getUint32(52, true),
    viewWidth: view.getUint16(56, true),
    viewHeight: view.getUint16(58, true),
    ticket: view.getUint32(60, true),
    jpeg: new Uint8Array(buffer, HEAD, jpegBytes),
    objects: readObjects(buffer, view, HEAD + jpegBytes, view.getUint16(6, true)),
  };
}

function readObjects(buffer, view, start, count) {
  const objects = [];
  let at = start;
  for (let index = 0; index < count; index += 1) {
    const nameBytes = view.getUint8(at + 5);
    const maskBytes = view.getUint32(at + 32, true);
    const mask = at + OBJECT_HEAD + nameBytes;
    objects.push({
      id: view.getUint32(at, true),
      state: STATES[view.getUint8(at + 4)] ?? "visible",
      name: utf8.decode(new Uint8Array(buffer, at + OBJECT_HEAD, nameBytes)),
      score: view.getFloat32(at + 8, true),
      iou: view.getFloat32(at + 12, true),
      box: readBox(view, at + 16),
      runs: readRuns(new Uint8Array(buffer, mask, maskBytes)),
    });
    at = mask + maskBytes;
  }
  return objects;
}

/** All zeros stand for "no box". */
function readBox(view, at) {
  const box = [0, 4, 8, 12].map((offset) => view.getFloat32(at + offset, true));
  return box.some((edge) => edge !== 0) ? box : null;
}
