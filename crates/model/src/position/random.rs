use std::f32::consts::TAU;

use crate::Kernels;
use crate::ModelError;
use crate::nn::Weights;

/// Encoding of coordinates by fixed random frequencies (`PositionEmbeddingRandom` in `modeling/position_encoding.py`).
#[derive(Debug)]
pub(crate) struct RandomPosition {
    /// `[2, channels / 2]`: frequencies along x, then along y.
    frequencies: Vec<f32>,
}

impl RandomPosition {
    pub(crate) fn load<B: Kernels>(weights: &Weights<B>, channels: usize) -> Result<Self, ModelError> {
        let frequencies = weights.host("positional_encoding_gaussian_matrix", &[2, channels / 2])?;
        Ok(Self { frequencies: frequencies.to_vec() })
    }

    /// `[channels]` for a point given as fractions of the image's width and height.
    pub(crate) fn encode(&self, x: f32, y: f32) -> Vec<f32> {
        let (along_x, along_y) = self.frequencies.split_at(self.frequencies.len() / 2);
        let (x, y) = (2.0 * x - 1.0, 2.0 * y - 1.0);
        let phases: Vec<f32> = along_x.iter().zip(along_y).map(|(fx, fy)| TAU * (x * fx + y * fy)).collect();
        phases.iter().map(|p| p.sin()).chain(phases.iter().map(|p| p.cos())).collect()
    }

    /// `[grid * grid, channels]`: the centres of the cells of a square map, row by row.
    pub(crate) fn encode_grid(&self, grid: usize) -> Vec<f32> {
        let centre = |i: usize| (i as f32 + 0.5) / grid as f32;
        (0..grid * grid).flat_map(|cell| self.encode(centre(cell % grid), centre(cell / grid))).collect()
    }
}
