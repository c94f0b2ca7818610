use maskd_types::BinaryMask;

use super::disk;

/// How far contours may lie apart and still match, as a share of the image's diagonal; the benchmark's own value.
pub const TOLERANCE: f64 = 0.008;

/// Contour accuracy F of a mask, 0 to 1: the harmonic mean of the share of its contour that lies near the true one (precision) and of
/// the share of the true contour that lies near it (recall).
///
/// "Near" is `tolerance` times the image's diagonal, rounded up to whole pixels; 1 or more is taken as a number of pixels. Two
/// masks without a contour agree (1); with only one of them there is no match (0). Both masks must have one size.
///
/// The paper matches contours one to one; like the official evaluation this takes every pixel that has a counterpart nearby, which is what
/// published figures are made with (`davis2017/metrics.py`, `f_measure`).
pub fn contour_accuracy(mask: &BinaryMask, truth: &BinaryMask, tolerance: f64) -> f64 {
    let radius = radius(truth.width(), truth.height(), tolerance);
    let (mask, truth) = (Contour::of(mask), Contour::of(truth));
    match (mask.is_empty(), truth.is_empty()) {
        (true, true) => 1.0,
        (false, false) => {
            let precision = mask.share_near(&disk::dilate(&truth, radius));
            let recall = truth.share_near(&disk::dilate(&mask, radius));
            if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
        }
        _ => 0.0,
    }
}

fn radius(width: u32, height: u32, tolerance: f64) -> u32 {
    let pixels =
        if tolerance >= 1.0 { tolerance } else { (tolerance * f64::from(width).hypot(f64::from(height))).ceil() };
    // Images are far smaller than 2^32 pixels across.
    pixels as u32
}

/// Pixels that differ from the one to the right, the one below, or the one to the lower right: the benchmark's contour, which is one pixel
/// wide. Beyond the right and the lower edge the mask goes on as it is there.
pub(super) struct Contour {
    pub(super) width: u32,
    pub(super) height: u32,
    /// `[height, width]`
    pub(super) inside: Vec<bool>,
}

impl Contour {
    fn of(mask: &BinaryMask) -> Self {
        let (width, height) = (mask.width() as usize, mask.height() as usize);
        let at = |x: usize, y: usize| mask.data().get(y.min(height - 1) * width + x.min(width - 1));
        let differs = |x, y| {
            let here = at(x, y);
            here != at(x + 1, y) || here != at(x, y + 1) || here != at(x + 1, y + 1)
        };
        let inside = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| differs(x, y)).collect();
        Self { width: mask.width(), height: mask.height(), inside }
    }

    fn is_empty(&self) -> bool {
        !self.inside.contains(&true)
    }

    /// `(x, y)` of all pixels of the contour.
    pub(super) fn pixels(&self) -> impl Iterator<Item = (usize, usize)> {
        let width = self.width as usize;
        self.inside
            .iter()
            .enumerate()
            .filter(|(_, inside)| **inside)
            .map(move |(index, _)| (index % width, index / width))
    }

    fn share_near(&self, near: &[bool]) -> f64 {
        let (mut all, mut matched) = (0_u64, 0_u64);
        for (_, near) in self.inside.iter().zip(near).filter(|(inside, _)| **inside) {
            all += 1;
            matched += u64::from(*near);
        }
        matched as f64 / all as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture in which `#` is inside.
    fn mask(rows: &[&str]) -> BinaryMask {
        let bytes = rows.iter().flat_map(|row| row.bytes().map(|byte| u8::from(byte == b'#'))).collect();
        BinaryMask::new(rows[0].len() as u32, rows.len() as u32, bytes).unwrap()
    }

    fn contour(rows: &[&str]) -> Vec<String> {
        let contour = Contour::of(&mask(rows));
        let row = |row: &[bool]| row.iter().map(|inside| if *inside { '#' } else { '.' }).collect();
        contour.inside.chunks(contour.width as usize).map(row).collect()
    }

    #[test]
    fn a_contour_is_one_pixel_wide_and_half_a_pixel_to_the_upper_left() {
        assert_eq!(contour(&["......", "..##..", "..##..", "......"]), [".###..", ".#.#..", ".###..", "......"],);
    }

    #[test]
    fn what_reaches_the_edge_has_no_contour_there() {
        assert_eq!(contour(&["..##", "..##"]), [".#..", ".#.."]);
        assert_eq!(contour(&["##", "##"]), ["..", ".."]);
    }

    #[test]
    fn the_tolerance_is_a_share_of_the_diagonal_or_pixels() {
        assert_eq!(radius(854, 480, TOLERANCE), 8);
        assert_eq!(radius(1920, 1080, TOLERANCE), 18);
        assert_eq!(radius(3, 4, 0.2), 1);
        assert_eq!(radius(3, 4, 2.0), 2);
    }

    #[test]
    fn what_is_near_matches_and_what_is_far_does_not() {
        let square = |x: usize| {
            let row =
                |inside: bool| (0..40).map(|c| if inside && (x..x + 6).contains(&c) { '#' } else { '.' }).collect();
            let rows: Vec<String> = (0..20).map(|y| row((6..12).contains(&y))).collect();
            mask(&rows.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let score = |shift: usize, tolerance| contour_accuracy(&square(10 + shift), &square(10), tolerance);
        assert_eq!(score(0, 1.0), 1.0);
        assert_eq!(score(1, 1.0), 1.0);
        assert_eq!(score(20, 2.0), 0.0);
        // By hand: of the 24 pixels of the contour (7 columns by 7 rows), with a shift of 2 and a reach of 1, both sides of the square are
        // lost, 7 pixels each, but the ends of the right one have a neighbour above and below; and of the 5 + 5 in
        // between those that lie under the other's rim, or next to it, match.
        let (mut matched, all) = (0, 24);
        let rim: Vec<(i64, i64)> = (0..7)
            .flat_map(|y| (0..7).map(move |x| (x, y)))
            .filter(|(x, y)| [0, 6].contains(x) || [0, 6].contains(y))
            .collect();
        assert_eq!(rim.len(), all);
        for (x, y) in &rim {
            let near = |(a, b): &(i64, i64)| (x + 2 - a).pow(2) + (y - b).pow(2) <= 1;
            matched += i32::from(rim.iter().any(near));
        }
        assert!((score(2, 1.0) - f64::from(matched) / all as f64).abs() < 1e-12);
        assert!(score(2, 1.0) < 1.0 && score(2, 1.0) > 0.4);
    }

    #[test]
    fn nothing_against_nothing_agrees() {
        let (empty, dot) = (mask(&["....", "....", "...."]), mask(&["....", ".#..", "...."]));
        assert_eq!(contour_accuracy(&empty, &empty, TOLERANCE), 1.0);
        assert_eq!(contour_accuracy(&empty, &dot, TOLERANCE), 0.0);
        assert_eq!(contour_accuracy(&dot, &empty, TOLERANCE), 0.0);
    }
}
