//! Attention of some queries of one head to all of its keys.

use super::{Product, Running, WIDTH, Weigh, finish, turn};
use crate::kernels::cpu::attention::Head;
use crate::kernels::cpu::matrix::Target;
use crate::kernels::cpu::vector::dispatch;

/// Keys taken at a time: their scores fill a third of a first-level cache.
const KEYS: usize = 64;

/// Some queries of one head with all its keys and values.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a>(pub Head<'a>);

impl Look<'_> {
    /// Floats of memory that [`attend`](Self::attend) needs.
    pub fn memory(&self) -> usize {
        let Head { q, v, .. } = self.0;
        let panels = q.size[0].div_ceil(WIDTH);
        WIDTH * (panels * (q.size[1] + v.size[1]) + KEYS)
    }

    /// Writes `softmax(q k^T / sqrt(channels)) v` to `out`, whose rows are `stride` floats apart.
    ///
    /// All queries look at a block of keys before the next one is fetched.
    pub fn attend(&self, out: &mut [f32], stride: usize, memory: &mut [f32]) {
        let Head { k, v, .. } = self.0;
        let keys = k.size[0];
        let (scores, memory) = memory.split_at_mut(WIDTH * KEYS);
        let mut panels = self.panels(memory);
        for first in (0..keys).step_by(KEYS) {
            let count = KEYS.min(keys - first);
            let (k, v) = (k.rows(first, count), v.rows(first, count).transposed());
            let target = if first == 0 { Target::Overwrite } else { Target::Accumulate };
            for panel in &mut panels {
                let scores = &mut scores[..WIDTH * count];
                let lanes = panel.lanes;
                Product { left: k, panel: panel.queries, lanes, target: Target::Overwrite }.write(scores);
                dispatch(Weigh {
                    scores,
                    running: &mut panel.running,
                    mixed: if first == 0 { &mut [] } else { panel.mixed },
                    lanes,
                });
                Product { left: v, panel: scores, lanes, target }.write(panel.mixed);
            }
        }
        for (panel, out) in panels.iter().zip(out.chunks_mut(WIDTH * stride)) {
            finish(panel.mixed, &panel.running, panel.lanes, out, stride);
        }
    }

    fn panels<'b>(&self, memory: &'b mut [f32]) -> Vec<Panel<'b>> {
        let Head { q, v, .. } = self.0;
        let ([queries, channels], width) = (q.size, v.size[1]);
        // Scores are in units of powers of two.
        let scale = std::f32::consts::LOG2_E / (channels as f32).sqrt();
        let each = WIDTH * (channels + width);
        let firsts = (0..queries).step_by(WIDTH);
        let panel = |(first, memory): (usize, &'b mut [f32])| {
            let lanes = WIDTH.min(queries - first);
            let (panel, mixed) = memory.split_at_mut(WIDTH * channels);
            turn(q.rows(first, lanes), scale, panel);
            Panel { lanes, queries: panel, mixed, running: Running::new() }
        };
        firsts.zip(memory.chunks_exact_mut(each)).map(panel).collect()
    }
}

/// At most [`WIDTH`] queries.
struct Panel<'a> {
    lanes: usize,
    /// A row for each channel.
    queries: &'a [f32],
    /// A row for each channel of values.
    mixed: &'a mut [f32],
    running: Running,
}
