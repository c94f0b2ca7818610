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
