use maskd_types::{Point, Prompt, Rle};

/// How an object is pointed at before it is followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PromptKind {
    /// By its exact mask, as the semi-supervised track of DAVIS does.
    #[default]
    Mask,
    /// By the box around its mask.
    Box,
    /// By one click, on the pixel of the mask that is farthest from everything outside.
    Point,
}

/// The prompt for an object of this mask; `None` where nothing is in sight.
pub fn prompt(kind: PromptKind, mask: &Rle) -> Option<Prompt> {
    let edges = mask.bbox()?;
    let shapes = |points, bbox| Some(Prompt::Shapes { points, bbox });
    match kind {
        PromptKind::Mask => Some(Prompt::Mask(mask.clone())),
        PromptKind::Box => shapes(Vec::new(), Some(edges.map(|edge| edge as f32))),
        PromptKind::Point => {
            let (x, y) = innermost(mask);
            shapes(vec![Point { x: x as f32 + 0.5, y: y as f32 + 0.5, positive: true }], None)
        }
    }
}

/// The pixel that is farthest from the outside, in steps to one of the eight neighbours; what lies beyond the image is outside. The first
/// such pixel in reading order.
fn innermost(mask: &Rle) -> (usize, usize) {
    let (width, height) = (mask.width() as usize, mask.height() as usize);
    let bits = mask.decode();
    // One pixel of outside all around.
    let stride = width + 2;
    let mut depth = vec![0_u32; stride * (height + 2)];
    for (row, pixels) in bits.data().chunks(width).enumerate() {
        for (column, inside) in pixels.iter().enumerate() {
            if let Some(depth) = depth.get_mut((row + 1) * stride + column + 1) {
                *depth = if *inside == 0 { 0 } else { u32::MAX };
            }
        }
    }
    // Two passes are exact for this distance (Rosenfeld and Pfaltz, 1966): each takes what the neighbours already visited have.
    let inner: Vec<usize> = (0..depth.len()).filter(|index| depth.get(*index) == Some(&u32::MAX)).collect();
    let visited = [stride + 1, stride, stride - 1, 1];
    for index in &inner {
        shorten(&mut depth, *index, visited.map(|step| index - step));
    }
    for index in inner.iter().rev() {
        shorten(&mut depth, *index, visited.map(|step| index + step));
    }
    let deepest =
        (0..depth.len()).max_by_key(|index| (depth.get(*index).copied(), std::cmp::Reverse(*index))).unwrap_or(0);
    ((deepest % stride).saturating_sub(1), (deepest / stride).saturating_sub(1))
}

fn shorten(depth: &mut [u32], index: usize, neighbours: [usize; 4]) {
    let least = neighbours.iter().filter_map(|neighbour| depth.get(*neighbour)).min().copied();
    if let (Some(least), Some(depth)) = (least, depth.get_mut(index)) {
        *depth = (*depth).min(least.saturating_add(1));
    }
}

#[cfg(test)]
mod tests {
    use maskd_types::BinaryMask;
    use proptest::prelude::*;

    use super::*;

    fn mask(width: u32, height: u32, inside: impl Fn(u32, u32) -> bool) -> Rle {
        let bytes = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| u8::from(inside(x, y)));
        Rle::encode(&BinaryMask::new(width, height, bytes.collect()).unwrap())
    }

    #[test]
    fn boxes_and_clicks_follow_from_the_mask() {
        let square = mask(20, 10, |x, y| (4..9).contains(&x) && (2..7).contains(&y));
        let shapes = |points, bbox| Some(Prompt::Shapes { points, bbox });
        assert_eq!(prompt(PromptKind::Box, &square), shapes(vec![], Some([4.0, 2.0, 9.0, 7.0])));
        let centre = Point { x: 6.5, y: 4.5, positive: true };
        assert_eq!(prompt(PromptKind::Point, &square), shapes(vec![centre], None));
        assert_eq!(prompt(PromptKind::Mask, &square), Some(Prompt::Mask(square)));
        assert_eq!(prompt(PromptKind::Mask, &Rle::empty(3, 3)), None);
    }

    #[test]
    fn a_click_is_not_put_on_a_thin_part() {
        // A ball on a long stick.
        let ball = mask(40, 20, |x, y| (x < 30 && y == 10) || ((30..39).contains(&x) && (6..15).contains(&y)));
        assert_eq!(innermost(&ball), (34, 10));
        let everything = mask(7, 5, |_, _| true);
        assert_eq!(innermost(&everything), (2, 2));
    }

    proptest! {
        #[test]
        fn clicks_are_inside(bytes in prop::collection::vec(0_u8..2, 63)) {
            let rle = Rle::encode(&BinaryMask::new(9, 7, bytes.clone()).unwrap());
            if !rle.is_empty() {
                let (x, y) = innermost(&rle);
                prop_assert_eq!(bytes[y * 9 + x], 1);
            }
        }
    }
}
