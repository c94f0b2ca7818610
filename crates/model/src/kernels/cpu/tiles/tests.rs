use half::bf16;

use super::*;
use crate::kernels::cpu::matrix::{Matrix, Target};
use crate::kernels::cpu::product::narrowed;

/// Rows, depth, columns: with and without remainders of tiles, pairs and panels.
const SIZES: [[usize; 3]; 5] = [[1, 1, 1], [12, 64, 32], [13, 7, 33], [25, 130, 64], [5, 257, 95]];

fn wave(count: usize) -> Vec<f32> {
    (0..count).map(|i| (i as f32 * 1.7).sin()).collect()
}

fn known() -> bool {
    if !are_known() {
        eprintln!("SKIPPED: this processor has no AVX512-BF16");
    }
    are_known()
}

/// As a factor is after packing.
fn kept(value: f32) -> f64 {
    bf16::from_f32(value).to_f64()
}

#[track_caller]
fn check(found: &[f32], expected: impl Fn(usize) -> f64) {
    for (i, &value) in found.iter().enumerate() {
        assert!((f64::from(value) - expected(i)).abs() < 2e-5, "value {i}: {value} instead of {}", expected(i));
    }
}

fn multiply(panels: Panels, left: &[f32], depth: usize, out: &mut [f32], target: Target) {
    let (rows, columns) = (left.len() / depth, out.len() / (left.len() / depth));
    let left = Matrix::dense(left, [rows, depth]);
    let mut words = vec![0; rows * words(depth)];
    let left = narrowed(left, 1.0, &mut words);
    panels.multiply(left, out, columns, target);
}

#[test]
fn products_are_those_of_the_kept_factors() {
    if !known() {
        return;
    }
    for [rows, depth, columns] in SIZES {
        let (a, b) = (wave(rows * depth), wave(depth * columns));
        let product = |i: usize| -> f64 {
            let (row, column) = (i / columns, i % columns);
            let term = |t: usize| kept(a[row * depth + t]) * kept(b[t * columns + column]);
            (0..depth).map(term).sum()
        };
        let transposed: Vec<f32> = (0..columns * depth).map(|i| b[i % depth * columns + i / depth]).collect();
        let sources = [Matrix::dense(&b, [depth, columns]), Matrix::dense(&transposed, [columns, depth]).transposed()];
        for source in sources {
            // What was in the memory must not matter.
            let mut words = vec![u32::MAX; Panels::words([depth, columns])];
            pack_into(&mut words, Source::Singles(source));
            assert_eq!(words, pack(Source::Singles(source)));
            let panels = Panels::new(&words, [depth, columns]);
            let mut out = vec![f32::NAN; rows * columns];
            multiply(panels, &a, depth, &mut out, Target::Overwrite);
            check(&out, product);
            multiply(panels, &a, depth, &mut out, Target::Accumulate);
            check(&out, |i| 2.0 * product(i));
        }
    }
}

#[test]
fn parts_are_those_of_the_matrix() {
    if !known() {
        return;
    }
    let (rows, [depth, columns]) = (3, [50, 70]);
    let b = wave(depth * columns);
    let words = pack(Source::Singles(Matrix::dense(&b, [depth, columns])));
    let part = Panels::new(&words, [depth, columns]).rows(8, 21).columns(32, 37);
    let a = wave(rows * 21);
    let mut out = vec![0.0; rows * 37];
    multiply(part, &a, 21, &mut out, Target::Overwrite);
    check(&out, |i| {
        let term = |t: usize| kept(a[i / 37 * 21 + t]) * kept(b[(8 + t) * columns + 32 + i % 37]);
        (0..21).map(term).sum()
    });
}

#[test]
fn numbers_of_16_bits_are_packed_as_they_are() {
    for [_, depth, columns] in SIZES {
        let values: Vec<bf16> = wave(depth * columns).into_iter().map(bf16::from_f32).collect();
        let wide: Vec<f32> = values.iter().map(|value| value.to_f32()).collect();
        let of_wide = pack(Source::Singles(Matrix::dense(&wide, [depth, columns])));
        assert_eq!(pack(Source::Halves(&values, [depth, columns])), of_wide);
    }
}

#[test]
fn rounding_is_that_of_bfloat16() {
    let values =
        [0.0, -0.0, 1.0, 1.003_906_2, 1.011_718_8, f32::MAX, f32::INFINITY, f32::NEG_INFINITY, 1e-40, f32::NAN, 3.0];
    let mut words = vec![u32::MAX; values.len().div_ceil(2)];
    narrow(&values, 1.0, &mut words);
    let halves: &[u16] = bytemuck::cast_slice(&words);
    for (&half, value) in halves.iter().zip(values) {
        let (found, expected) = (bf16::from_bits(half), bf16::from_f32(value));
        assert!(found == expected || (found.is_nan() && expected.is_nan()), "{value}: {found} instead of {expected}");
    }
    assert_eq!(halves.last(), Some(&0), "filled with a zero");
}
