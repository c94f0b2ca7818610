use maskd_types::Rle;

use crate::Picture;
use crate::picture::blend;

/// Strength of a mask's colour over the picture, of 256.
const FILL: u16 = 115;
/// Room around a mask's box for the outer half of its outline and a neighbour.
const MARGIN: u32 = 2;

pub(super) fn fill(picture: &mut Picture, mask: &Rle, colour: [u8; 3]) {
    for segment in mask.segments() {
        for pixel in picture.column_mut(segment.x, segment.y0, segment.y1) {
            blend(pixel, colour, FILL);
        }
    }
}

/// Two pixels wide: the mask's outermost pixels, and those they touch.
pub(super) fn outline(picture: &mut Picture, mask: &Rle, colour: [u8; 3]) {
    let Some(patch) = Patch::of(mask) else { return };
    for (column, lines) in (1_u32..).zip(patch.columns.windows(3)) {
        let [left, middle, right] = lines else {
            continue;
        };
        for (row, ((a, b), c)) in (1_u32..).zip(left.windows(3).zip(middle.windows(3)).zip(right.windows(3))) {
            let inside: u8 = a.iter().chain(b).chain(c).sum();
            if (1..9).contains(&inside) {
                let place = patch.in_picture(column, row);
                if let Some(pixel) = place.and_then(|[x, y]| picture.pixel_mut(x, y)) {
                    *pixel = colour;
                }
            }
        }
    }
}

/// A mask's box with a margin, as columns of bytes.
struct Patch {
    columns: Vec<Vec<u8>>,
    left: u32,
    top: u32,
}

impl Patch {
    fn of(mask: &Rle) -> Option<Self> {
        let [left, top, right, bottom] = mask.bbox()?;
        let rows = (bottom - top + 2 * MARGIN) as usize;
        let mut columns = vec![vec![0; rows]; (right - left + 2 * MARGIN) as usize];
        for segment in mask.segments() {
            let column = columns.get_mut((segment.x - left + MARGIN) as usize)?;
            let pixels = column.iter_mut().skip((segment.y0 - top + MARGIN) as usize);
            for pixel in pixels.take((segment.y1 - segment.y0) as usize) {
                *pixel = 1;
            }
        }
        Some(Self { columns, left, top })
    }

    /// Where a cell lies in the picture; `None` beyond its left and upper edges.
    fn in_picture(&self, column: u32, row: u32) -> Option<[u32; 2]> {
        Some([(self.left + column).checked_sub(MARGIN)?, (self.top + row).checked_sub(MARGIN)?])
    }
}
