/// The colour map of Pascal VOC, which DAVIS shares: the bits of an index, three at a time, are the highest, next and so
/// on bits of red, green and blue. Red, green, blue of all 256 indices.
pub(super) fn palette() -> Vec<u8> {
    (0..=255).flat_map(colour).collect()
}

/// The colour of one index.
pub(crate) fn colour(index: u8) -> [u8; 3] {
    [0, 1, 2].map(|channel| {
        // Red takes bits 0, 3 and 6 of the index, green 1, 4 and 7, blue 2 and 5.
        (0..3).fold(0, |value, step| {
            let bit = index.checked_shr(3 * step + channel).map_or(0, |bits| bits & 1);
            value | bit << (7 - step)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_colours_are_those_of_davis() {
        let expected = [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0], [0, 0, 128], [128, 0, 128], [0, 128, 128]];
        assert_eq!(palette().as_chunks::<3>().0[..7], expected);
        assert_eq!(colour(8), [64, 0, 0]);
        assert_eq!(colour(254), [96, 224, 192]);
        assert_eq!(colour(255), [224, 224, 192]);
    }
}
