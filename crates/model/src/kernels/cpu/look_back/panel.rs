//! Some queries with all memories of their object.

use super::memories::{Cells, Object};
use super::places::{COLUMNS, MAPS, Places};
use super::turned::Turned;
use crate::kernels::cpu::buffer::cut;
use crate::kernels::cpu::lanes::{Product, Running, WIDTH, Weigh, finish, turn};
use crate::kernels::cpu::matrix::{Matrix, Target};
use crate::kernels::cpu::vector::dispatch;

/// At most [`WIDTH`] queries.
pub struct Panel<'a> {
    /// Queries by channels, turned.
    pub queries: Matrix<'a>,
    /// How keys are made.
    pub turned: &'a Turned,
    /// Memories.
    pub object: &'a Object<'a>,
    /// Cells along a side of a map.
    pub side: usize,
}

/// What has been seen so far.
struct Seen<'a> {
    scores: &'a mut [f32],
    running: Running,
    mixed: &'a mut [f32],
    lanes: usize,
    /// Nothing so far.
    nothing: bool,
}

impl Seen<'_> {
    /// Weighs the first scores, as many as there are values.
    fn mix(&mut self, values: Matrix) {
        let scores = &mut self.scores[..values.size[0] * WIDTH];
        let mixed = if self.nothing { &mut [] } else { &mut *self.mixed };
        dispatch(Weigh { scores, running: &mut self.running, mixed, lanes: self.lanes });
        let target = if self.nothing { Target::Overwrite } else { Target::Accumulate };
        Product { left: values.transposed(), panel: scores, lanes: self.lanes, target }.write(self.mixed);
        self.nothing = false;
    }
}

impl Panel<'_> {
    /// Rows of [`WIDTH`] floats for: queries; parts of rows; parts of some columns; scores; mixtures.
    fn rows(&self) -> [usize; 5] {
        let each = self.turned.rows_of_one();
        let scores = (COLUMNS * MAPS).max(self.object.values.size[0]);
        [2 * self.turned.channels(), self.side * each, COLUMNS.min(self.side) * each, scores, each - 1]
    }

    /// Floats of memory that [`look_back`](Self::look_back) needs.
    pub fn memory(&self) -> usize {
        WIDTH * self.rows().iter().sum::<usize>()
    }

    /// Writes mixtures of values, a row for each query.
    pub fn look_back(&self, out: &mut [f32], memory: &mut [f32]) {
        let [queries, rows, columns, scores, mixed] = cut(memory, self.rows().map(|rows| rows * WIDTH));
        let lanes = self.queries.size[0];
        let mut seen = Seen { scores, running: Running::new(), mixed, lanes, nothing: true };
        let [for_columns, for_rows] = self.turn(queries);
        let parts = |left, panel| Product { left, panel, lanes, target: Target::Overwrite };
        parts(self.turned.for_rows(), for_rows).write(rows);
        for first in (0..self.side).step_by(COLUMNS) {
            let count = COLUMNS.min(self.side - first);
            parts(self.turned.for_columns(first, count), for_columns).write(columns);
            if first == 0 {
                self.see_placeless(columns, rows, &mut seen);
            }
            for maps in &self.object.maps {
                for (y, row) in rows.chunks_exact(self.turned.rows_of_one() * WIDTH).enumerate() {
                    see(&maps.cells(first, y), columns, row, &mut seen);
                }
            }
        }
        finish(seen.mixed, &seen.running, lanes, out, self.turned.rows_of_one() - 1);
    }

    /// Writes queries into lanes, those channels first that turn with columns.
    fn turn<'b>(&self, panel: &'b mut [f32]) -> [&'b [f32]; 2] {
        let channels = self.queries.size[1];
        // Scores are in units of powers of two.
        let scale = std::f32::consts::LOG2_E / (channels as f32).sqrt();
        let quarter = channels / 4;
        for (part, panel) in [0, 2, 1, 3].into_iter().zip(panel.chunks_exact_mut(WIDTH * quarter)) {
            turn(self.queries.columns(part * quarter, quarter), scale, panel);
        }
        let (columns, rows) = panel.split_at(2 * quarter * WIDTH);
        [columns, rows]
    }

    /// Tokens without a place are not turned, like the first cell.
    fn see_placeless(&self, columns: &[f32], rows: &[f32], seen: &mut Seen) {
        let each = self.turned.rows_of_one() * WIDTH;
        let sum: Vec<f32> = columns[..each].iter().zip(&rows[..each]).map(|(a, b)| a + b).collect();
        let (sum, shared) = sum.split_at(each - WIDTH);
        let count = self.object.values.size[0];
        if count == 0 {
            return;
        }
        let scores = &mut seen.scores[..count * WIDTH];
        scores.chunks_exact_mut(WIDTH).for_each(|row| row.copy_from_slice(shared));
        let (lanes, target) = (seen.lanes, Target::Accumulate);
        Product { left: self.object.located, panel: sum, lanes, target }.write(scores);
        seen.mix(self.object.values);
    }
}

/// Neighbouring cells, whose parts are in `columns` and `row`.
fn see(cells: &Cells, columns: &[f32], row: &[f32], seen: &mut Seen) {
    let values = cells.matrix(row.len() / WIDTH - 1);
    let memories = cells.located;
    Places { memories, maps: cells.maps, columns, row, lanes: seen.lanes, next: cells.values }
        .write(&mut seen.scores[..values.size[0] * WIDTH]);
    seen.mix(values);
}
