//! Masks at the size of a picture, as run lengths along its rows.

use maskd_types::Rle;

/// A mask in a picture of that size: LEB128 run lengths row by row, the first one outside; what is missing at the end is outside too.
///
/// A pixel of the picture is inside where the source pixel under its centre is.
pub fn runs(mask: &Rle, width: u16, height: u16) -> Vec<u8> {
    let (width, height) = (usize::from(width), usize::from(height));
    let mut inside = vec![false; width * height];
    fill(mask, width, height, &mut inside);
    encode(&inside)
}

fn fill(mask: &Rle, width: usize, height: usize, inside: &mut [bool]) {
    // The picture's columns and rows, by the source's: which of them have their centre in a source pixel.
    let columns = Axis::new(mask.width() as usize, width);
    let rows = Axis::new(mask.height() as usize, height);
    for segment in mask.segments() {
        let (first, last) = (rows.start(segment.y0 as usize), rows.start(segment.y1 as usize));
        for x in columns.start(segment.x as usize)..columns.start(segment.x as usize + 1) {
            inside.iter_mut().skip(x + first * width).step_by(width).take(last - first).for_each(|pixel| *pixel = true);
        }
    }
}

/// One side of the source and of the picture.
struct Axis {
    source: usize,
    picture: usize,
}

impl Axis {
    fn new(source: usize, picture: usize) -> Self {
        Self { source, picture }
    }

    /// The first pixel of the picture whose centre is at or after the edge in front of a source pixel.
    fn start(&self, edge: usize) -> usize {
        // The centre of picture pixel i is at (2 i + 1) / (2 picture) of the side.
        let twice = 2 * edge * self.picture;
        let first = twice.saturating_sub(self.source).div_ceil(2 * self.source.max(1));
        first.min(self.picture)
    }
}

fn encode(inside: &[bool]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = inside;
    let mut value = false;
    while let Some(length) = rest.iter().position(|pixel| *pixel != value) {
        push(&mut bytes, length);
        value = !value;
        rest = rest.get(length..).unwrap_or_default();
    }
    if value {
        push(&mut bytes, rest.len());
    }
    bytes
}

/// LEB128: seven bits in every byte, the lowest first, the eighth says that there are more.
fn push(bytes: &mut Vec<u8>, mut number: usize) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// What [`runs`] says, pixel by pixel; `None` where it says more than `pixels`, or breaks off within a number.
pub fn unpack(runs: &[u8], pixels: usize) -> Option<Vec<bool>> {
    let mut inside = Vec::new();
    let mut value = false;
    read(runs, pixels, |length| {
        inside.extend(std::iter::repeat_n(value, length));
        value = !value;
    })?;
    inside.resize(pixels, false);
    Some(inside)
}

/// Whether [`unpack`] can read it, without taking memory for the pixels.
pub(crate) fn fits(runs: &[u8], pixels: usize) -> bool {
    read(runs, pixels, |_| ()).is_some()
}

/// Tells of every length; `None` where there are more than `pixels`, or it breaks off within a number.
fn read(runs: &[u8], pixels: usize, mut tell: impl FnMut(usize)) -> Option<()> {
    let (mut left, mut number, mut shift) = (pixels, 0_usize, 0);
    for byte in runs {
        number |= usize::from(byte & 0x7f).checked_shl(shift).filter(|_| shift < LONGEST_NUMBER)?;
        shift += 7;
        if byte & 0x80 == 0 {
            left = left.checked_sub(number)?;
            tell(number);
            (number, shift) = (0, 0);
        }
    }
    (shift == 0).then_some(())
}

/// Bits of a run's length: no picture has as many pixels.
const LONGEST_NUMBER: u32 = 35;

#[cfg(test)]
mod tests {
    use super::*;
    use maskd_types::BinaryMask;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_pixel_is_what_lies_under_its_centre(
            (width, height, data) in (1_usize..40, 1_usize..40)
                .prop_flat_map(|(w, h)| (Just(w), Just(h), prop::collection::vec(0_u8..2, w * h))),
            view in (1_u16..50, 1_u16..50),
        ) {
            let mask = BinaryMask::new(width as u32, height as u32, data.clone()).unwrap();
            let runs = runs(&Rle::encode(&mask), view.0, view.1);
            let (w, h) = (usize::from(view.0), usize::from(view.1));
            let seen = unpack(&runs, w * h).unwrap();
            for y in 0..h {
                for x in 0..w {
                    let (sx, sy) = ((2 * x + 1) * width / (2 * w), (2 * y + 1) * height / (2 * h));
                    prop_assert_eq!(seen[y * w + x], data[sy * width + sx] == 1, "{} {}", x, y);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn noise_is_taken_apart_without_harm(noise in prop::collection::vec(any::<u8>(), 0..60), pixels in 0_usize..5000) {
            prop_assert!(unpack(&noise, pixels).is_none_or(|inside| inside.len() == pixels));
        }
    }

    #[test]
    fn nothing_inside_is_nothing_to_say() {
        assert!(runs(&Rle::empty(30, 20), 15, 10).is_empty());
    }
}
