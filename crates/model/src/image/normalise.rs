//! Bytes to network input.

use rayon::prelude::*;

/// Mean of the pictures the network was trained on, red, green, blue.
pub(crate) const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// Their standard deviation.
pub(crate) const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];
/// Bytes handled together: whole pixels and whole vector registers.
const BLOCK: usize = 48;
/// Blocks of one task.
const BLOCKS: usize = 256;

/// `(byte / 255 - mean) / deviation` for each colour of an RGB picture, `[h, w, 3]`.
///
/// Computed in f32, in the order of `load_video_frames` in the reference's `utils/misc.py`.
pub fn normalise(rgb: &[u8]) -> Vec<f32> {
    let mut out = vec![0.0; rgb.len()];
    out.par_chunks_mut(BLOCK * BLOCKS)
        .zip(rgb.par_chunks(BLOCK * BLOCKS))
        .for_each(|(out, rgb)| normalise_part(rgb, out));
    out
}

/// Starts with a red byte.
fn normalise_part(rgb: &[u8], out: &mut [f32]) {
    let mean: [f32; BLOCK] = std::array::from_fn(|i| MEAN[i % 3]);
    let deviation: [f32; BLOCK] = std::array::from_fn(|i| DEVIATION[i % 3]);
    for (out, rgb) in out.chunks_mut(BLOCK).zip(rgb.chunks(BLOCK)) {
        for (i, (out, &byte)) in out.iter_mut().zip(rgb).enumerate() {
            *out = (f32::from(byte) / 255.0 - mean[i]) / deviation[i];
        }
    }
}
