import { eachStretch } from "./runs.js";

/**
 * A mask as the API takes it: COCO's compressed run lengths, column by column, in source pixels.
 * @param {Uint32Array} runs of the view
 * @param {{viewWidth: number, viewHeight: number, width: number, height: number}} frame
 * @returns {{size: number[], counts: string}}
 */
export function cocoMask(runs, frame) {
  const view = columnMajor(runs, frame.viewWidth, frame.viewHeight);
  return { size: [frame.height, frame.width], counts: write(enlarge(view, frame)) };
}

function columnMajor(runs, width, height) {
  const mask = new Uint8Array(width * height);
  eachStretch(runs, width, height, (row, from, to) => {
    for (let column = from; column < to; column += 1) mask[column * height + row] = 1;
  });
  return mask;
}

/** Run lengths of the mask at the size of the source; every pixel takes the nearest one of the view. */
function enlarge(view, { viewWidth, viewHeight, width, height }) {
  const counts = [];
  let value = 0;
  let length = 0;
  for (let x = 0; x < width; x += 1) {
    const column = Math.floor(((x + 0.5) * viewWidth) / width) * viewHeight;
    for (let y = 0; y < height; y += 1) {
      const next = view[column + Math.floor(((y + 0.5) * viewHeight) / height)];
      if (next !== value) {
        counts.push(length);
        value = next;
        length = 0;
      }
      length += 1;
    }
  }
  counts.push(length);
  return counts;
}

/** From the fourth on, every run as its difference from the run two before; groups of five bits and a "more" bit, from "0". */
function write(counts) {
  return counts.map((count, index) => number(index > 2 ? count - counts[index - 2] : count)).join("");
}

function number(value) {
  let text = "";
  let rest = value;
  let more = true;
  while (more) {
    const group = rest & 31;
    rest >>= 5;
    more = group & 16 ? rest !== -1 : rest !== 0;
    text += String.fromCharCode(48 + (more ? group | 32 : group));
  }
  return text;
}
