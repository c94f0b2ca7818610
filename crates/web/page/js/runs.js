/**
 * Masks as run lengths in row-major order: outside, inside, outside, ... What is missing at the end is outside.
 */

/**
 * Reads LEB128 numbers.
 * @param {Uint8Array} bytes
 * @returns {Uint32Array} run lengths, the first of them outside
 */
export function readRuns(bytes) {
  const runs = new Uint32Array(bytes.length);
  let count = 0;
  let value = 0;
  let shift = 0;
  for (const byte of bytes) {
    value |= (byte & 127) << shift;
    shift += 7;
    if (byte < 128) {
      runs[count] = value;
      count += 1;
      value = 0;
      shift = 0;
    }
  }
  return runs.subarray(0, count);
}

/**
 * Calls `each(row, from, to)` for every stretch of the mask, rows from top to bottom, `to` being outside.
 * @param {Uint32Array} runs
 * @param {number} width
 * @param {number} height
 * @param {(row: number, from: number, to: number) => void} each
 */
export function eachStretch(runs, width, height, each) {
  const size = width * height;
  let at = 0;
  for (let index = 0; index < runs.length && at < size; index += 1) {
    const end = Math.min(at + runs[index], size);
    if (index % 2 === 1) eachRow(at, end, width, each);
    at = end;
  }
}

function eachRow(from, to, width, each) {
  let at = from;
  while (at < to) {
    const row = Math.floor(at / width);
    const edge = Math.min(to, (row + 1) * width);
    each(row, at - row * width, edge - row * width);
    at = edge;
  }
}

/**
 * Whether a pixel is in the mask.
 * @param {Uint32Array} runs
 * @param {number} width
 * @param {number} x
 * @param {number} y
 * @returns {boolean}
 */
export function contains(runs, width, x, y) {
  const wanted = Math.floor(y) * width + Math.floor(x);
  let end = 0;
  for (let index = 0; index < runs.length; index += 1) {
    end += runs[index];
    if (wanted < end) return index % 2 === 1;
  }
  return false;
}
