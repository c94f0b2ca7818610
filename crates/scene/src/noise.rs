//! Value noise that repeats at the edges, so that tiles made of it have no seams.

use crate::math::{mix, smoothstep, whole};
use crate::rng::Rng;

/// A square of numbers from 0 to 1, side a power of two.
pub(crate) struct Field {
    side: usize,
    values: Vec<f32>,
}

impl Field {
    /// Sums octaves of noise, the first with `cells` cells across, each next twice as fine and `gain` times as strong.
    pub(crate) fn fractal(side: usize, cells: usize, octaves: u32, gain: f32, rng: &mut Rng) -> Self {
        let mut field = Self { side, values: vec![0.0; side * side] };
        let (mut strength, mut total) = (1.0, 0.0);
        for octave in 0..octaves {
            let cells = cells << octave;
            if cells > side {
                break;
            }
            field.add_octave(cells, strength, rng);
            total += strength;
            strength *= gain;
        }
        field.spread(total);
        field
    }

    fn add_octave(&mut self, cells: usize, strength: f32, rng: &mut Rng) {
        let lattice: Vec<f32> = (0..cells * cells).map(|_| rng.unit()).collect();
        let per_cell = self.side / cells;
        let weights: Vec<f32> = (0..per_cell).map(|step| smoothstep(0.0, 1.0, step as f32 / per_cell as f32)).collect();
        for (y, row) in self.values.chunks_exact_mut(self.side).enumerate() {
            let (top, down) = (y / per_cell, weights[y % per_cell]);
            let upper = &lattice[top * cells..][..cells];
            let lower = &lattice[(top + 1) % cells * cells..][..cells];
            let column = |x: usize| mix(upper[x], lower[x], down);
            for (cell, pixels) in row.chunks_exact_mut(per_cell).enumerate() {
                let (left, right) = (column(cell), column((cell + 1) % cells));
                for (pixel, &weight) in pixels.iter_mut().zip(&weights) {
                    *pixel += strength * mix(left, right, weight);
                }
            }
        }
    }

    /// Sums of many octaves crowd around the middle: stretches them over 0 to 1.
    fn spread(&mut self, total: f32) {
        for value in &mut self.values {
            *value = ((*value / total - 0.5) * 1.7 + 0.5).clamp(0.0, 1.0);
        }
    }

    /// The value nearest to a place; places beyond the edge wrap around.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let mask = self.side as i32 - 1;
        let (column, row) = (whole(x) & mask, whole(y) & mask);
        self.values[row as usize * self.side + column as usize]
    }
}
