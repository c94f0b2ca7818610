use std::f32::consts::TAU;

const TEMPERATURE: f32 = 10_000.0;

/// Sine encoding of a square map, `[grid * grid, channels]`: the first half of the channels encodes y, the second x, sines and
/// cosines interleaved (`PositionEmbeddingSine` in `modeling/position_encoding.py` with `normalize`).
pub(crate) fn sine_2d(grid: usize, channels: usize) -> Vec<f32> {
    let axis: Vec<Vec<f32>> = (0..grid).map(|i| encode_axis(i, grid, channels / 2)).collect();
    let mut values = Vec::with_capacity(grid * grid * channels);
    for y in &axis {
        for x in &axis {
            values.extend_from_slice(y);
            values.extend_from_slice(x);
        }
    }
    values
}

fn encode_axis(index: usize, count: usize, channels: usize) -> Vec<f32> {
    let position = (index + 1) as f32 / (count as f32 + 1e-6) * TAU;
    (0..channels)
        .map(|c| {
            let phase = position / wavelength(c, channels);
            if c % 2 == 0 { phase.sin() } else { phase.cos() }
        })
        .collect()
}

/// Sine encoding of one number, `[channels]`: all sines, then all cosines (`get_1d_sine_pe` in `modeling/sam2_utils.py`).
pub(crate) fn sine_1d(position: f32, channels: usize) -> Vec<f32> {
    let half = channels / 2;
    let phases: Vec<f32> = (0..half).map(|c| position / wavelength(c, half)).collect();
    phases.iter().map(|p| p.sin()).chain(phases.iter().map(|p| p.cos())).collect()
}

/// Channels come in pairs that share a wavelength.
fn wavelength(channel: usize, channels: usize) -> f32 {
    TEMPERATURE.powf(2.0 * (channel / 2) as f32 / channels as f32)
}
