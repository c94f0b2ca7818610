//! Every instruction set that the machine has must give what the widest one gives, the scalar fallback included.

use super::attention::{Heads, attention};
use super::bf16::round_in_place;
use super::conv::Shape;
use super::depthwise::depthwise_conv2d;
use super::gelu::gelu_in_place;
use super::layer_norm::{Affine, layer_norm_in_place};
use super::look_back::LookBack;
use super::matrix::Matrix;
use super::pixels::max_pool_2x2;
use super::product::Factors;
use super::rope::{Tables, rotate_in_place};
use super::rows::Rows;
use super::sigmoid::shade_in_place;
use pulp::Arch;
use std::cell::Cell;

thread_local! {
    static CHOICE: Cell<usize> = const { Cell::new(0) };
}

/// The widest instruction set first, then narrower ones.
fn all() -> Vec<Arch> {
    let mut all = vec![Arch::new()];
    #[cfg(target_arch = "x86_64")]
    all.extend(pulp::x86::V3::try_new().map(Arch::V3));
    all.push(Arch::Scalar);
    all
}

pub fn chosen() -> Arch {
    all()[CHOICE.get()]
}

/// Runs `work` on a thread of its own, which computes with the given instruction set; other tests are not concerned.
fn run_with(choice: usize, work: impl Fn() -> Vec<f32> + Sync) -> Vec<f32> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    pool.install(|| {
        CHOICE.set(choice);
        work()
    })
}

#[track_caller]
fn check(tolerance: f32, work: impl Fn() -> Vec<f32> + Sync) {
    let expected = run_with(0, &work);
    for choice in 1..all().len() {
        let actual = run_with(choice, &work);
        assert_eq!(actual.len(), expected.len());
        for (i, (a, e)) in actual.iter().zip(&expected).enumerate() {
            assert!((a - e).abs() <= tolerance, "choice {choice}, value {i}: {a} instead of {e}");
        }
    }
}

/// Values in `[-scale, scale]` without a short period.
fn wave(count: usize, scale: f32) -> Vec<f32> {
    (0..count).map(|i| (i as f32 * 1.7).sin() * scale).collect()
}

#[test]
fn gelu() {
    check(5e-7, || {
        let mut values = wave(1003, 6.0);
        gelu_in_place(&mut values);
        values
    });
}

#[test]
fn shading() {
    check(5e-6, || {
        let mut values = wave(1003, 30.0);
        shade_in_place(&mut values, 20.0, -10.0);
        values
    });
}

#[test]
fn bf16() {
    check(0.0, || {
        let mut values = wave(1003, 6.0);
        round_in_place(&mut values);
        values
    });
}

#[test]
fn layer_norm() {
    let (weight, bias) = (wave(83, 2.0), wave(83, 1.0));
    check(1e-5, || {
        let mut rows = wave(83 * 9, 5.0);
        layer_norm_in_place(&mut rows, Affine { weight: &weight, bias: &bias, eps: 1e-6 });
        rows
    });
}

#[test]
fn rope() {
    let (cos, sin) = (wave(7 * 21, 1.0), wave(7 * 21, 0.9));
    check(1e-6, || {
        let mut rows = wave(14 * 42, 2.0);
        rotate_in_place(&mut rows, 3, Tables { cos: &cos, sin: &sin, half: 21 });
        rows
    });
}

#[test]
fn pooling() {
    let map = wave(6 * 4 * 37, 1.0);
    check(0.0, || max_pool_2x2(&Rows::of_length(&map, 37), [6, 4]));
}

#[test]
fn depthwise() {
    let shape = Shape { hw: [9, 11], channels: 75, kernel: [3, 3], stride: 1, padding: 1 };
    let (map, weight, bias) = (wave(9 * 11 * 75, 1.0), wave(9 * 75, 1.0), wave(75, 1.0));
    check(1e-5, || depthwise_conv2d(&map, shape, &weight, &bias));
}

#[test]
fn attending() {
    let (q, k) = (wave(2 * 50 * 12, 3.0), wave(2 * 333 * 12, 3.0));
    let heads = |data, tokens: usize| Heads { data, start: 0, size: [1, 2, tokens, 12], strides: [0, 12, 24] };
    check(1e-5, || attention(heads(&q, 50), heads(&k, 333), heads(&k, 333), Factors::F32));
}

#[test]
fn looking_back() {
    const SIDE: usize = 7;
    let tokens = 3 * SIDE * SIDE + 5;
    let (queries, memories, weight) = (wave(SIDE * SIDE * 24, 2.0), wave(tokens * 9, 1.5), wave(9 * 24, 0.8));
    let angles = wave(SIDE * SIDE * 12, 3.0);
    let [cos, sin] = [f32::cos, f32::sin].map(|f| angles.iter().copied().map(f).collect::<Vec<_>>());
    let heads = |data, tokens: usize, channels: usize| Heads {
        data,
        start: 0,
        size: [1, 1, tokens, channels],
        strides: [0, 0, channels.cast_signed()],
    };
    let look = LookBack {
        queries: heads(&queries, SIDE * SIDE, 24),
        values: heads(&memories, tokens, 9),
        located: heads(&memories, tokens, 9),
        placeless: 5,
        weight: Matrix::dense(&weight, [9, 24]),
        bias: &weight[..24],
        cos: &cos,
        sin: &sin,
    };
    check(1e-5, || look.mix());
}
