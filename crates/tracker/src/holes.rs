//! Small holes in masks (`fill_holes_in_mask_scores` in `utils/misc.py`).

/// Logit that a filled pixel gets: just inside.
const FILLED: f32 = 0.1;

/// Fills connected regions of the background (8 neighbours) of at most `max_area` pixels in logits `[side, side]`.
pub(crate) fn fill_holes(logits: &[f32], side: usize, max_area: u32) -> Vec<f32> {
    let mut filled = logits.to_vec();
    let mut seen = vec![false; logits.len()];
    let mut region = Vec::new();
    for start in 0..logits.len() {
        if seen[start] || logits[start] > 0.0 {
            continue;
        }
        collect_region(logits, side, start, &mut seen, &mut region);
        if region.len() as u64 <= u64::from(max_area) {
            region.iter().for_each(|&pixel| filled[pixel] = FILLED);
        }
    }
    filled
}

/// Puts all background pixels connected to `start` into `region`.
fn collect_region(logits: &[f32], side: usize, start: usize, seen: &mut [bool], region: &mut Vec<usize>) {
    region.clear();
    region.push(start);
    seen[start] = true;
    let mut next = 0;
    while let Some(&pixel) = region.get(next) {
        next += 1;
        for neighbour in neighbours(pixel, side) {
            if !seen[neighbour] && logits[neighbour] <= 0.0 {
                seen[neighbour] = true;
                region.push(neighbour);
            }
        }
    }
}

fn neighbours(pixel: usize, side: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (pixel % side, pixel / side);
    let rows = y.saturating_sub(1)..(y + 2).min(side);
    rows.flat_map(move |row| (x.saturating_sub(1)..(x + 2).min(side)).map(move |column| row * side + column))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logits(rows: [&str; 5]) -> Vec<f32> {
        rows.iter().flat_map(|row| row.chars().map(|c| if c == '#' { 5.0 } else { -5.0 })).collect()
    }

    #[test]
    fn only_small_regions_are_filled() {
        let before = logits(["#####", "#.#.#", "##..#", "#####", "....."]);
        let inside = |area| fill_holes(&before, 5, area).iter().map(|&l| l > 0.0).collect::<Vec<_>>();
        let expected = |rows| logits(rows).iter().map(|&l| l > 0.0).collect::<Vec<_>>();
        assert_eq!(inside(3), expected(["#####", "#.#.#", "##..#", "#####", "....."]));
        assert_eq!(inside(4), expected(["#####", "#####", "#####", "#####", "....."]));
        assert_eq!(inside(5), expected(["#####"; 5]));
    }

    #[test]
    fn what_is_filled_is_just_inside() {
        let before = logits(["#####", "#####", "##.##", "#####", "#####"]);
        assert_eq!(fill_holes(&before, 5, 1)[12], FILLED);
    }
}
