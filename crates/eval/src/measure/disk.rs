use super::contour::Contour;

/// All pixels within `radius` of a pixel of the contour, by the distance between their centres: dilation with a disk.
pub(super) fn dilate(contour: &Contour, radius: u32) -> Vec<bool> {
    let (width, height) = (contour.width as usize, contour.height as usize);
    let spans = half_widths(radius);
    let mut near = vec![false; width * height];
    for (x, y) in contour.pixels() {
        for (step, reach) in spans.iter().enumerate() {
            let columns = x.saturating_sub(*reach)..(x + reach + 1).min(width);
            let above = y.checked_sub(step);
            let below = Some(y + step).filter(|row| *row < height);
            for row in above.into_iter().chain(below) {
                if let Some(pixels) = near.get_mut(row * width + columns.start..row * width + columns.end) {
                    pixels.fill(true);
                }
            }
        }
    }
    near
}

/// How far the disk reaches to either side, 0, 1, ... `radius` rows from its centre.
fn half_widths(radius: u32) -> Vec<usize> {
    let square = u64::from(radius) * u64::from(radius);
    (0..=u64::from(radius)).map(|row| (square - row * row).isqrt() as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_round() {
        assert_eq!(half_widths(0), [0]);
        assert_eq!(half_widths(3), [3, 2, 2, 0]);
        let point = Contour { width: 9, height: 5, inside: (0..45).map(|index| index == 2 * 9 + 1).collect() };
        let near = dilate(&point, 3);
        for (index, near) in near.iter().enumerate() {
            let (dx, dy) = ((index % 9) as i64 - 1, (index / 9) as i64 - 2);
            assert_eq!(*near, dx * dx + dy * dy <= 9, "{dx} {dy}");
        }
    }
}
