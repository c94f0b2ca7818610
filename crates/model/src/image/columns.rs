//! Masks of picture size from small logit maps, column by column, as run-length encoding wants them.
//!
//! The values are those of [`resize_bilinear`](super::bilinear::resize_bilinear), without ever storing the big map.

use super::bilinear::{Blend, Tap, taps};
use pulp::Arch;
use rayon::prelude::*;
use std::ops::Range;

/// Columns of one task.
const BAND: usize = 64;

/// Upsamples logit maps of one size to pictures of one size.
#[derive(Clone, Debug)]
pub struct ColumnUpsampler {
    /// Width and height of the logit maps.
    low: [usize; 2],
    across: Vec<Tap>,
    down: Vec<Tap>,
    /// The outputs of a column that lie between logit line `i` and the next.
    intervals: Vec<Range<usize>>,
}

impl ColumnUpsampler {
    /// Prepares for logit maps of `low = [width, height]` and pictures of `to = [width, height]`.
    ///
    /// # Panics
    /// If a size is zero.
    pub fn new(low: [usize; 2], to: [usize; 2]) -> Self {
        assert!(low.into_iter().chain(to).all(|side| side > 0), "no size may be zero");
        let down = taps(low[1], to[1]);
        let starts_at = |line| down.partition_point(|tap| tap.low < line);
        let intervals = (0..low[1]).map(|line| starts_at(line)..starts_at(line + 1)).collect();
        Self { low, across: taps(low[0], to[0]), down, intervals }
    }

    /// Calls `f` with the number and the logits of each column, left to right.
    ///
    /// # Panics
    /// If `logits` is not a map of the size given to [`new`](Self::new).
    pub fn for_each_column(&self, logits: &[f32], mut f: impl FnMut(usize, &[f32])) {
        let mut column = vec![0.0; self.down.len()];
        self.for_each_narrow_column(&self.columns_of(logits), &self.across, |x, narrow| {
            for (out, tap) in column.iter_mut().zip(&self.down) {
                *out = tap.mix(narrow[tap.low], narrow[tap.high]);
            }
            f(x, &column);
        });
    }

    /// Calls `f` with the runs of the mask `logit > 0`, down each column, columns left to right: whether the run is inside,
    /// and its length. Neighbouring calls may agree on the side.
    ///
    /// Pixels between two logits of the same side are on that side, so that only few are computed.
    ///
    /// # Panics
    /// If `logits` is not a map of the size given to [`new`](Self::new).
    pub fn for_each_run(&self, logits: &[f32], mut f: impl FnMut(bool, u64)) {
        let columns = self.columns_of(logits);
        let runs_of = |taps: &[Tap]| {
            let mut runs = Vec::new();
            self.for_each_run_of(&columns, taps, |inside, length| runs.push((inside, length)));
            runs
        };
        let bands: Vec<_> = self.across.par_chunks(BAND).map(runs_of).collect();
        bands.into_iter().flatten().for_each(|(inside, length)| f(inside, length));
    }

    /// The same for some columns of the picture; `columns` is from [`columns_of`](Self::columns_of).
    fn for_each_run_of(&self, columns: &[f32], across: &[Tap], mut f: impl FnMut(bool, u64)) {
        let mut run = Run { inside: false, length: 0 };
        self.for_each_narrow_column(columns, across, |_, narrow| {
            for (line, interval) in self.intervals.iter().enumerate() {
                let next = narrow[(line + 1).min(narrow.len() - 1)];
                let this = narrow[line];
                if (this > 0.0) == (next > 0.0) && !this.is_nan() && !next.is_nan() {
                    run.extend(this > 0.0, interval.len(), &mut f);
                    continue;
                }
                for tap in &self.down[interval.clone()] {
                    run.extend(tap.mix(narrow[tap.low], narrow[tap.high]) > 0.0, 1, &mut f);
                }
            }
        });
        if run.length > 0 {
            f(run.inside, run.length);
        }
    }

    /// A logit map, column after column.
    fn columns_of(&self, logits: &[f32]) -> Vec<f32> {
        let [width, height] = self.low;
        assert_eq!(logits.len(), width * height, "a {width}x{height} map of logits");
        (0..width).flat_map(|x| logits.iter().copied().skip(x).step_by(width)).collect()
    }

    /// Calls `f` with the number of each of some columns of the picture and its values on the lines of the logit map.
    fn for_each_narrow_column(&self, columns: &[f32], across: &[Tap], mut f: impl FnMut(usize, &[f32])) {
        let height = self.low[1];
        let mut narrow = vec![0.0; height];
        for (x, &tap) in across.iter().enumerate() {
            let [low, high] = [tap.low, tap.high].map(|x| &columns[x * height..][..height]);
            Arch::new().dispatch(Blend { tap, low, high, out: &mut narrow });
            f(x, &narrow);
        }
    }
}

/// A run being counted.
struct Run {
    inside: bool,
    length: u64,
}

impl Run {
    /// Adds pixels; hands out the former run where the side changes.
    fn extend(&mut self, inside: bool, pixels: usize, f: &mut impl FnMut(bool, u64)) {
        if inside != self.inside && pixels > 0 {
            if self.length > 0 {
                f(self.inside, self.length);
            }
            *self = Self { inside, length: 0 };
        }
        self.length += pixels as u64;
    }
}
