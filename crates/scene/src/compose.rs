//! Lays objects over the ground, lowest first, and keeps account of whose colour each pixel shows.
//!
//! A pixel belongs to the layer (an object or the ground) that contributes most to its colour after everything has been
//! laid over everything; where two contribute alike, to the upper one. Shadows colour a layer, they are not one.

use maskd_types::{Rle, RleBuilder};

use crate::painter::PlacedPart;
use crate::palette::Rgb;

/// An object where it stands in the frame.
pub(crate) struct Layer<'a> {
    /// What the owners' map says of its pixels; never 0, which is the ground.
    pub(crate) owner: u8,
    pub(crate) parts: Vec<PlacedPart<'a>>,
    /// The size of its shadow's offset and softness, in pixels.
    pub(crate) height: f32,
}

/// One row of the frame while it is being made.
pub(crate) struct Row {
    pub(crate) rgb: Vec<Rgb>,
    /// Contribution of the strongest layer so far.
    strongest: Vec<f32>,
    shadow: Vec<f32>,
    object: Vec<[f32; 4]>,
}

const SHADOW: f32 = 0.42;

impl Row {
    pub(crate) fn new(width: usize) -> Self {
        Self {
            rgb: vec![[0.0; 3]; width],
            strongest: vec![1.0; width],
            shadow: vec![0.0; width],
            object: vec![[0.0; 4]; width],
        }
    }

    /// Forgets the last row's layers; the ground owns everything.
    pub(crate) fn restart(&mut self, owners: &mut [u8]) {
        self.strongest.fill(1.0);
        owners.fill(0);
    }

    /// Adds a layer and returns how many pixels it would own were it alone over the ground.
    pub(crate) fn add(&mut self, y: usize, layer: &Layer<'_>, owners: &mut [u8]) -> u64 {
        self.darken(y, layer);
        let columns = layer.columns(y, self.rgb.len(), 0.0);
        if columns.is_empty() {
            return 0;
        }
        for part in &layer.parts {
            part.paint(y, &mut self.object);
        }
        let mut alone = 0;
        let (skip, take) = (columns.start, columns.len());
        let pixels = self.rgb.iter_mut().zip(&mut self.strongest).zip(&mut self.object).zip(owners);
        for (((rgb, strongest), object), owner) in pixels.skip(skip).take(take) {
            let [r, g, b, cover] = std::mem::take(object);
            let rest = 1.0 - cover;
            *rgb = [rgb[0] * rest + r, rgb[1] * rest + g, rgb[2] * rest + b];
            *strongest *= rest;
            if cover >= *strongest {
                (*strongest, *owner) = (cover, layer.owner);
            }
            alone += u64::from(cover >= rest);
        }
        alone
    }

    fn darken(&mut self, y: usize, layer: &Layer<'_>) {
        let columns = layer.columns(y, self.rgb.len(), 3.0 * layer.height);
        if columns.is_empty() {
            return;
        }
        let shift = [0.8 * layer.height, 1.2 * layer.height];
        for part in layer.parts.iter().filter(|part| part.casts_shadow) {
            part.cast(y, shift, layer.height, &mut self.shadow);
        }
        let (skip, take) = (columns.start, columns.len());
        for (rgb, shadow) in self.rgb.iter_mut().zip(&mut self.shadow).skip(skip).take(take) {
            let light = 1.0 - SHADOW * std::mem::take(shadow);
            *rgb = rgb.map(|channel| channel * light);
        }
    }
}

impl Layer<'_> {
    /// The columns of a row that any part comes within `reach` pixels of.
    fn columns(&self, y: usize, width: usize, reach: f32) -> std::ops::Range<usize> {
        let centre = y as f32 + 0.5;
        let (mut from, mut to) = (f32::MAX, f32::MIN);
        for [x0, y0, x1, y1] in self.parts.iter().map(PlacedPart::bounds) {
            if centre >= y0 - reach && centre <= y1 + reach {
                (from, to) = (from.min(x0 - reach), to.max(x1 + reach));
            }
        }
        let (from, to) = (from.floor().max(0.0) as usize, to.ceil().max(0.0) as usize);
        from.min(width)..to.min(width).max(from.min(width))
    }
}

/// Every owner's mask from the map of owners `[height, width]`; the mask of owner `n` is at `n - 1`.
pub(crate) fn masks(width: u32, height: u32, owners: &[u8], count: usize) -> Vec<Rle> {
    let mut builders = vec![(RleBuilder::new(width, height), 0_u64); count];
    let rows = height as usize;
    let stride = width as usize;
    let mut column = vec![0; rows];
    for x in 0..stride {
        for (target, owner) in column.iter_mut().zip(owners.iter().skip(x).step_by(stride)) {
            *target = *owner;
        }
        let mut from = (x * rows) as u64;
        for run in column.chunk_by(|a, b| a == b) {
            let to = from + run.len() as u64;
            let owner = run.first().copied().map(usize::from).and_then(|owner| owner.checked_sub(1));
            if let Some((builder, done)) = owner.and_then(|owner| builders.get_mut(owner)) {
                builder.push(false, from - *done);
                builder.push(true, to - from);
                *done = to;
            }
            from = to;
        }
    }
    let pixels = u64::from(width) * u64::from(height);
    let finish = |(mut builder, done): (RleBuilder, u64)| {
        builder.push(false, pixels - done);
        // Every run was counted, so the sum is right and the fallback is never taken.
        builder.finish().unwrap_or_else(|_| Rle::empty(width, height))
    };
    builders.into_iter().map(finish).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::affine::Affine;
    use crate::outline::Outline;
    use crate::profile::Profile;
    use crate::tile::Tile;

    const SIDE: usize = 80;
    const GROUND: Rgb = [0.0, 0.0, 1.0];

    struct Stage {
        outlines: Vec<Outline>,
        tiles: Vec<Tile>,
        poses: Vec<Affine>,
    }

    /// A red disc and a green star, the second over the first, both partly outside of the frame.
    fn stage() -> Stage {
        let profiles = [Profile::Disc, Profile::Star { tips: 5.0, depth: 0.5 }];
        Stage {
            outlines: profiles.iter().map(|profile| Outline::tabulate(profile, 0.0)).collect(),
            tiles: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]].map(|colour| Tile::paint(4, |_, _| colour)).into(),
            poses: vec![Affine::pose([30.3, 35.1], 0.4, [33.0, 21.5]), Affine::pose([52.7, 44.2], 1.1, [36.2, 30.9])],
        }
    }

    impl Stage {
        fn layers(&self, height: f32) -> Vec<Layer<'_>> {
            let looks = self.poses.iter().zip(&self.outlines).zip(&self.tiles);
            let layer = |(owner, ((pose, outline), tile))| Layer {
                owner,
                parts: vec![PlacedPart::new(pose, outline, tile, true)],
                height,
            };
            (1..).zip(looks).map(layer).collect()
        }
    }

    /// Who contributes how much to a pixel, the ground first, by the definition: own opacity times what all above let pass.
    fn contributions(covers: &[f32]) -> Vec<f32> {
        let all: Vec<f32> = std::iter::once(1.0).chain(covers.iter().copied()).collect();
        let through = |index: usize| all[index + 1..].iter().map(|cover| 1.0 - cover).product::<f32>();
        (0..all.len()).map(|index| all[index] * through(index)).collect()
    }

    #[test]
    fn a_pixel_belongs_to_the_layer_that_shows_most() {
        let stage = stage();
        let layers = stage.layers(4.0);
        let (mut mixed, mut counted, mut expected_alone) = (0, [0; 2], [0; 2]);
        for y in 0..SIDE {
            let mut row = Row::new(SIDE);
            let mut owners = vec![9; SIDE];
            row.restart(&mut owners);
            row.rgb.fill(GROUND);
            for (layer, counted) in layers.iter().zip(&mut counted) {
                *counted += row.add(y, layer, &mut owners);
            }
            let covers: Vec<Vec<f32>> = layers
                .iter()
                .map(|layer| {
                    let mut alone = vec![[0.0; 4]; SIDE];
                    layer.parts[0].paint(y, &mut alone);
                    alone.iter().map(|pixel| pixel[3]).collect()
                })
                .collect();
            for x in 0..SIDE {
                let shares = contributions(&[covers[0][x], covers[1][x]]);
                let best = shares.iter().copied().fold(0.0, f32::max);
                let own = shares[usize::from(owners[x])];
                assert!(own >= best - 1e-6, "pixel {x}, {y}: owner {} of {shares:?}", owners[x]);
                if best > 0.8 {
                    let channel = [2, 0, 1][usize::from(owners[x])];
                    let most = row.rgb[x].iter().copied().fold(0.0, f32::max);
                    assert_eq!(row.rgb[x][channel], most, "pixel {x}, {y} shows another layer than it belongs to");
                }
                mixed += u32::from(best < 0.99);
                for (sum, cover) in expected_alone.iter_mut().zip(&covers) {
                    *sum += u64::from(cover[x] >= 0.5);
                }
            }
        }
        assert!(mixed > 100, "only {mixed} pixels lie on an edge: nothing was tested");
        assert_eq!(counted, expected_alone);
    }

    #[test]
    fn shadows_belong_to_nobody() {
        let stage = stage();
        let owned = |height| {
            let layers = stage.layers(height);
            let mut map = vec![0; SIDE * SIDE];
            let mut row = Row::new(SIDE);
            for (y, owners) in map.chunks_exact_mut(SIDE).enumerate() {
                row.restart(owners);
                for layer in &layers {
                    row.add(y, layer, owners);
                }
            }
            map
        };
        assert_eq!(owned(0.01), owned(9.0));
    }

    #[test]
    fn masks_are_the_map() {
        let owners: Vec<u8> = (0..35_u8).map(|i| i * i % 5 % 4).collect();
        for (mask, owner) in masks(7, 5, &owners, 3).iter().zip(1..) {
            let expected: Vec<u8> = owners.iter().map(|&o| u8::from(o == owner)).collect();
            assert_eq!(mask.decode().data(), expected);
        }
    }
}
