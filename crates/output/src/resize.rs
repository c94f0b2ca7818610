//! Resampling with a triangle filter: bilinear when a picture grows, an average of all it covers when it shrinks.

use crate::Picture;

/// The source pixels that one target pixel is made of: the first, and their weights (sum 1).
struct Mixture {
    first: usize,
    weights: Vec<f32>,
}

pub(crate) fn resize(picture: &Picture, width: u32, height: u32) -> Picture {
    let mut target = Picture::new(width, height, [0; 3]);
    if picture.width() == 0 || picture.height() == 0 || width == 0 || height == 0 {
        return target;
    }
    let columns = mixtures(picture.width(), width);
    let rows: Vec<Vec<[f32; 3]>> = picture
        .pixels()
        .chunks_exact(picture.width() as usize)
        .map(|row| columns.iter().map(|mixture| mixture.of(row.iter().map(|pixel| pixel.map(f32::from)))).collect())
        .collect();
    let vertical = mixtures(picture.height(), height);
    let lines = target.pixels_mut().chunks_exact_mut(width as usize);
    for (line, mixture) in lines.zip(&vertical) {
        for (x, pixel) in line.iter_mut().enumerate() {
            let column = rows.iter().map(|row| row.get(x).copied().unwrap_or_default());
            *pixel = mixture.of(column).map(|channel| (channel + 0.5) as u8);
        }
    }
    target
}

impl Mixture {
    fn of(&self, pixels: impl Iterator<Item = [f32; 3]>) -> [f32; 3] {
        let mut sum = [0.0; 3];
        for (pixel, weight) in pixels.skip(self.first).zip(&self.weights) {
            for (sum, channel) in sum.iter_mut().zip(pixel) {
                *sum += channel * weight;
            }
        }
        sum
    }
}

fn mixtures(from: u32, to: u32) -> Vec<Mixture> {
    let scale = f64::from(from) / f64::from(to);
    let reach = scale.max(1.0);
    let mixture = |target: u32| {
        let centre = (f64::from(target) + 0.5) * scale;
        let first = (centre - reach).floor().max(0.0) as usize;
        let end = ((centre + reach).ceil() as usize).min(from as usize);
        let weight = |source: usize| (1.0 - (source as f64 + 0.5 - centre).abs() / reach).max(0.0);
        let total: f64 = (first..end).map(weight).sum();
        Mixture { first, weights: (first..end).map(|source| (weight(source) / total) as f32).collect() }
    };
    (0..to).map(mixture).collect()
}

/// The largest size of the same shape that fits into a box, and where to put it so that it is in the middle.
pub(crate) fn fit(width: u32, height: u32, into: [u32; 2]) -> ([u32; 2], [u32; 2]) {
    let scale = (f64::from(into[0]) / f64::from(width.max(1))).min(f64::from(into[1]) / f64::from(height.max(1)));
    let size = [width, height].map(|length| (f64::from(length) * scale).round().max(1.0) as u32);
    let size = [size[0].min(into[0]), size[1].min(into[1])];
    (size, [(into[0] - size[0]) / 2, (into[1] - size[1]) / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_picture_stays_even() {
        let picture = Picture::new(31, 17, [10, 200, 90]);
        for (width, height) in [(31, 17), (7, 5), (64, 90), (1, 1)] {
            assert_eq!(resize(&picture, width, height), Picture::new(width, height, [10, 200, 90]));
        }
    }

    #[test]
    fn shrinking_averages_and_the_same_size_changes_nothing() {
        let mut picture = Picture::new(4, 2, [0; 3]);
        for (index, pixel) in (0_u8..).zip(picture.pixels_mut()) {
            *pixel = [index * 20; 3];
        }
        assert_eq!(resize(&picture, 4, 2), picture);
        let [pixel] = resize(&picture, 1, 1).pixels().to_vec()[..] else { panic!("one pixel") };
        assert_eq!(pixel, [70; 3]);
    }

    #[test]
    fn fitting_keeps_the_shape() {
        assert_eq!(fit(640, 480, [320, 320]), ([320, 240], [0, 40]));
        assert_eq!(fit(100, 400, [320, 320]), ([80, 320], [120, 0]));
        assert_eq!(fit(10_000, 1, [64, 64]), ([64, 1], [0, 31]));
    }
}
