use crate::math::{cos, mix};
use crate::rng::Rng;

/// Red, green, blue; 0 to 1, sRGB.
pub(crate) type Rgb = [f32; 3];

/// A colour of a hue (in turns), a saturation and a lightness, each 0 to 1.
pub(crate) fn colour(hue: f32, saturation: f32, lightness: f32) -> Rgb {
    [0.0, 1.0 / 3.0, 2.0 / 3.0].map(|shift| {
        let wave = cos(std::f32::consts::TAU * (hue - shift));
        (lightness + 0.5 * saturation * wave).clamp(0.0, 1.0)
    })
}

pub(crate) fn blend(a: Rgb, b: Rgb, t: f32) -> Rgb {
    [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)]
}

pub(crate) fn scaled(colour: Rgb, factor: f32) -> Rgb {
    colour.map(|channel| (channel * factor).clamp(0.0, 1.0))
}

/// The colours of one object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    pub(crate) main: Rgb,
    pub(crate) second: Rgb,
    pub(crate) dark: Rgb,
    pub(crate) light: Rgb,
}

impl Palette {
    /// Colours for the `index`-th object of a scene: hues a golden angle apart never come close for the first few.
    pub(crate) fn of_object(first_hue: f32, index: usize, rng: &mut Rng) -> Self {
        let hue = first_hue + 0.618_034 * index as f32 + rng.range(-0.03, 0.03);
        let other = hue + rng.sign() * rng.range(0.08, 0.45);
        Self {
            main: colour(hue, rng.range(0.55, 0.9), rng.range(0.42, 0.6)),
            second: colour(other, rng.range(0.4, 0.85), rng.range(0.45, 0.72)),
            dark: colour(hue, 0.3, 0.2),
            light: colour(other, 0.18, 0.86),
        }
    }
}
