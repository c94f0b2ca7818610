//! Bicubic resizing: PyTorch's `F.interpolate(mode="bicubic", align_corners=False)`, for tables resized once at load time.

/// Four neighbouring inputs, repeated at the ends, and their weights.
type Taps = [(usize, f32); 4];

/// Keys' cubic with parameter -3/4, at distances up to 1 and from 1 to 2.
fn cubic(x: f32) -> f32 {
    const A: f32 = -0.75;
    if x <= 1.0 {
        ((A + 2.0).mul_add(x, -(A + 3.0)) * x).mul_add(x, 1.0)
    } else {
        A.mul_add(x, -5.0 * A).mul_add(x, 8.0 * A).mul_add(x, -4.0 * A)
    }
}

fn taps(from: usize, to: usize) -> Vec<Taps> {
    let scale = from as f32 / to as f32;
    (0..to)
        .map(|index| {
            let position = scale.mul_add(index as f32 + 0.5, -0.5);
            let part = position - position.floor();
            let weights = [cubic(part + 1.0), cubic(part), cubic(1.0 - part), cubic(2.0 - part)];
            std::array::from_fn(|i| {
                let input = position.floor() as isize + i.cast_signed() - 1;
                (input.clamp(0, from.cast_signed() - 1).cast_unsigned(), weights[i])
            })
        })
        .collect()
}

fn mix(taps: &Taps, value: impl Fn(usize) -> f32) -> f32 {
    taps.iter().map(|&(input, weight)| value(input) * weight).sum()
}

/// Resizes each map in `src`, `hw = [height, width]` values, to `to = [height, width]`.
///
/// # Panics
/// If `src` is not a whole number of maps or a size is zero.
pub fn resize_bicubic(src: &[f32], hw: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let map = hw[0] * hw[1];
    assert!(map.min(to[0]).min(to[1]) > 0, "no size may be zero");
    assert_eq!(src.len() % map, 0, "maps of {hw:?} values");
    let (down, across) = (taps(hw[0], to[0]), taps(hw[1], to[1]));
    let mut out = Vec::with_capacity(src.len() / map * to[0] * to[1]);
    for map in src.chunks_exact(map) {
        for vertical in &down {
            out.extend(across.iter().map(|horizontal| mix(vertical, |y| mix(horizontal, |x| map[y * hw[1] + x]))));
        }
    }
    out
}
