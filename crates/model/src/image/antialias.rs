//! Bilinear resizing that averages when it shrinks: PyTorch's `F.interpolate(mode="bilinear", antialias=True)`.

use super::filter::Window;
use rayon::prelude::*;

/// Windows and weights for each of `to` outputs from `from` inputs, in f32 like the reference.
fn windows(from: usize, to: usize) -> Vec<Window<f32>> {
    let scale = from as f32 / to as f32;
    let widening = scale.max(1.0);
    (0..to)
        .map(|index| {
            let centre = scale * (index as f32 + 0.5);
            // Casts truncate and saturate: what lies left of the map becomes 0.
            let first = (centre - widening + 0.5) as usize;
            let end = ((centre + widening + 0.5) as usize).min(from);
            let weight = |x: usize| {
                let distance = (x as f32 - centre + 0.5) * (1.0 / widening);
                (1.0 - distance.abs()).max(0.0)
            };
            let sum = (first..end).map(weight).sum::<f32>();
            Window { first, weights: (first..end).map(|x| weight(x) / sum).collect() }
        })
        .collect()
}

/// Resizes a map of `width` by `height` values to `to_w` by `to_h`.
///
/// # Panics
/// If `src` is not `width * height` values or a size is zero.
pub fn resize_antialiased(src: &[f32], width: usize, height: usize, to_w: usize, to_h: usize) -> Vec<f32> {
    assert_eq!(src.len(), width * height, "a {width}x{height} map");
    assert!(src.len().min(to_w).min(to_h) > 0, "no size may be zero");
    let (across, down) = (windows(width, to_w), windows(height, to_h));
    let mut lines = vec![0.0; height * to_w];
    lines.par_chunks_mut(to_w).zip(src.par_chunks(width)).for_each(|(out, line)| {
        for (out, window) in out.iter_mut().zip(&across) {
            let inputs = line[window.inputs()].iter();
            *out = inputs.zip(&window.weights).map(|(value, weight)| value * weight).sum();
        }
    });
    let mut out = vec![0.0; to_h * to_w];
    out.par_chunks_mut(to_w).zip(&down).for_each(|(out, window)| {
        for (line, weight) in lines[to_w * window.first..].chunks_exact(to_w).zip(&window.weights) {
            out.iter_mut().zip(line).for_each(|(out, value)| *out += value * weight);
        }
    });
    out
}
