import { eachStretch } from "./runs.js";

/**
 * The outline of a mask as lines: crisp at any size of the picture, however small the mask came.
 *
 * Every stretch of a row has a left and a right edge, one pixel high. On the line between two rows, the ends of the edges above
 * and below, sorted and taken in pairs, are the ends of the horizontal pieces of the outline: one pair joins two edges. So every
 * edge has one neighbour at its top and one at its bottom, and following neighbours gives closed loops.
 * @param {Uint32Array} runs
 * @param {number} width
 * @param {number} height
 * @returns {Path2D} in pixels of the mask; fill it by the even-odd rule
 */
export function contour(runs, width, height) {
  const edges = collect(runs, width, height);
  const links = join(edges);
  return trace(edges, links);
}

/** Columns of all edges, sorted by row, and where each row begins. */
function collect(runs, width, height) {
  const columns = [];
  const rows = [];
  eachStretch(runs, width, height, (row, from, to) => {
    columns.push(from, to);
    rows.push(row, row);
  });
  return { columns, rows };
}

/** For every edge, its neighbour at the top (2 i) and at the bottom (2 i + 1), as edge * 2 + side. */
function join({ columns, rows }) {
  const links = new Int32Array(columns.length * 2).fill(-1);
  let above = [0, 0];
  let at = 0;
  while (at < columns.length || above[0] < above[1]) {
    const line = above[0] < above[1] ? rows[above[0]] + 1 : rows[at];
    const begin = at;
    while (at < columns.length && rows[at] === line) at += 1;
    pair(columns, links, above, [begin, at]);
    above = [begin, at];
  }
  return links;
}

/** Joins the edges that end on one line: bottoms of those above with tops of those below, from left to right. */
function pair(columns, links, [a, aEnd], [b, bEnd]) {
  let open = -1;
  while (a < aEnd || b < bEnd) {
    const upper = b >= bEnd || (a < aEnd && columns[a] <= columns[b]);
    const end = upper ? a * 2 + 1 : b * 2;
    if (upper) a += 1;
    else b += 1;
    if (open < 0) {
      open = end;
      continue;
    }
    links[open] = end;
    links[end] = open;
    open = -1;
  }
}

function trace({ columns, rows }, links) {
  const path = new Path2D();
  const seen = new Uint8Array(columns.length);
  for (let first = 0; first < columns.length; first += 1) {
    if (seen[first]) continue;
    let edge = first;
    let side = 1;
    let begun = false;
    do {
      seen[edge] = 1;
      const end = links[edge * 2 + side];
      const next = end >> 1;
      begun = corner(path, begun, columns[edge], columns[next], rows[edge] + side);
      edge = next;
      side = 1 - (end & 1);
    } while (edge !== first);
    path.closePath();
  }
  return path;
}

/** The piece along a line between rows; corners are cut by half a pixel, which makes stairs into slopes. */
function corner(path, begun, from, to, line) {
  if (from === to) return begun;
  const cut = Math.sign(to - from) / 2;
  if (begun) path.lineTo(from + cut, line);
  else path.moveTo(from + cut, line);
  if (from + cut !== to - cut) path.lineTo(to - cut, line);
  return true;
}
