//! Image operations against values computed by Pillow 13.0 and PyTorch 2.11 from the same pseudo-random inputs.

use maskd_model::image::antialias::resize_antialiased;
use maskd_model::image::bicubic::resize_bicubic;
use maskd_model::image::bilinear::resize_bilinear;
use maskd_model::image::columns::ColumnUpsampler;
use maskd_model::image::normalise::normalise;
use maskd_model::image::resize::resize_rgb_bicubic;
use proptest::prelude::*;

#[path = "image/expected.rs"]
mod expected;

/// Bytes of a small linear congruential generator, as the script that made the expectations drew them.
fn bytes(count: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

/// The bytes spread over `[-2, 2)`.
fn map(count: usize, seed: u32) -> Vec<f32> {
    bytes(count, seed).into_iter().map(|byte| f32::from(byte) / 64.0 - 2.0).collect()
}

#[test]
fn pictures_are_resized_with_pillows_bits() {
    for case in expected::PICTURES {
        let ([w, h], [to_w, to_h]) = (case.from, case.to);
        let actual = resize_rgb_bicubic(&bytes(3 * w * h, case.seed), w, h, to_w, to_h);
        assert_eq!(actual, case.expected, "{}", case.name);
    }
}

#[track_caller]
fn check(cases: &[expected::MapCase], resize: impl Fn(&[f32], [usize; 2], [usize; 2]) -> Vec<f32>) {
    for case in cases {
        let actual = resize(&map(case.from[0] * case.from[1], case.seed), case.from, case.to);
        assert_eq!(actual.len(), case.expected.len());
        for (i, (a, e)) in actual.iter().zip(case.expected).enumerate() {
            assert!((a - e).abs() <= 1e-6, "{:?} to {:?}, value {i}: {a} instead of {e}", case.from, case.to);
        }
    }
}

#[test]
fn antialiased_maps_match() {
    check(expected::ANTIALIASED, |map, [w, h], [to_w, to_h]| resize_antialiased(map, w, h, to_w, to_h));
}

#[test]
fn bilinear_maps_match() {
    check(expected::BILINEAR, |map, [w, h], [to_w, to_h]| resize_bilinear(map, [h, w], [to_h, to_w]));
}

#[test]
fn bicubic_maps_match() {
    check(expected::BICUBIC, |map, [w, h], [to_w, to_h]| resize_bicubic(map, [h, w], [to_h, to_w]));
}

#[test]
fn several_maps_are_resized_one_by_one() {
    let both = map(24, 5);
    let resize = |maps| [resize_bilinear(maps, [3, 4], [5, 7]), resize_bicubic(maps, [3, 4], [5, 7])].concat();
    let (first, second, all) = (resize(&both[..12]), resize(&both[12..]), resize(&both));
    assert_eq!(all[..35], first[..35]);
    assert_eq!(all[35..70], second[..35]);
    assert_eq!(all[70..105], first[35..]);
    assert_eq!(all[105..], second[35..]);
}

/// Darkest, a middle and the brightest level of each colour.
#[test]
fn normalising_follows_the_reference() {
    let actual = normalise(&[0, 0, 0, 128, 128, 128, 255, 255, 255]);
    let expected = expected::NORMALISED;
    assert_eq!(actual, expected);
}

#[test]
fn normalising_keeps_colours_apart_across_blocks() {
    let level = |i: usize| ((i / 3) % 256) as u8;
    let picture = (0..3 * 50_000).map(level).collect::<Vec<_>>();
    for (i, value) in normalise(&picture).into_iter().enumerate() {
        assert_eq!(value, normalise(&[level(i); 3])[i % 3], "value {i}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_and_runs_are_those_of_the_whole_map(
        seed: u32, lw in 1..20_usize, lh in 1..20_usize, width in 1..60_usize, height in 1..60_usize, holes: bool,
    ) {
        let mut logits = map(lw * lh, seed);
        if holes {
            logits[lw * lh / 2] = f32::NAN;
            logits[0] = 0.0;
        }
        let whole = resize_bilinear(&logits, [lh, lw], [height, width]);
        let upsampler = ColumnUpsampler::new([lw, lh], [width, height]);
        let mut columns = 0;
        upsampler.for_each_column(&logits, |x, column| {
            columns += 1;
            for (y, value) in column.iter().enumerate() {
                assert_eq!(value.to_bits(), whole[y * width + x].to_bits());
            }
        });
        prop_assert_eq!(columns, width);
        let mut pixels = Vec::new();
        upsampler.for_each_run(&logits, |inside, length| {
            pixels.extend(std::iter::repeat_n(inside, usize::try_from(length).unwrap()));
        });
        let expected = (0..width).flat_map(|x| (0..height).map(move |y| (x, y)));
        prop_assert_eq!(pixels, expected.map(|(x, y)| whole[y * width + x] > 0.0).collect::<Vec<_>>());
    }

    #[test]
    fn lines_and_columns_are_resized_independently(
        seed: u32, w in 1..100_usize, h in 1..40_usize, to in 1..100_usize,
    ) {
        let picture = bytes(3 * w * h, seed);
        let lower = resize_rgb_bicubic(&picture, w, h, w, to);
        for x in 0..w {
            let column = |picture: &[u8]| picture.chunks(3 * w).flat_map(|line| line[3 * x..][..3].to_vec()).collect::<Vec<_>>();
            prop_assert_eq!(resize_rgb_bicubic(&column(&picture), 1, h, 1, to), column(&lower));
        }
        let narrower = resize_rgb_bicubic(&picture, w, h, to, h);
        for (line, resized) in picture.chunks(3 * w).zip(narrower.chunks(3 * to)) {
            prop_assert_eq!(&resize_rgb_bicubic(line, w, 1, to, 1), resized);
        }
    }

    #[test]
    fn a_flat_picture_stays_flat(
        level: u8, w in 1..40_usize, h in 1..40_usize, to_w in 1..40_usize, to_h in 1..40_usize,
    ) {
        let resized = resize_rgb_bicubic(&vec![level; 3 * w * h], w, h, to_w, to_h);
        prop_assert_eq!(resized, vec![level; 3 * to_w * to_h]);
        let flat = resize_antialiased(&vec![f32::from(level); w * h], w, h, to_w, to_h);
        prop_assert!(flat.iter().all(|value| (value - f32::from(level)).abs() < 1e-3));
    }
}
