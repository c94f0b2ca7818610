//! What vectorised loops share: dispatch to the machine's vector units, fused multiply-add, powers of two.

use pulp::{Arch, Simd, WithSimd};

/// Independent partial results in reductions: four 512-bit registers of f32.
pub const LANES: usize = 64;

/// Runs `op` compiled for the widest vector units of this machine.
///
/// `op` holds a plain loop marked `#[inline(always)]`; the compiler vectorises it once for each instruction set.
pub fn dispatch<Op: WithSimd>(op: Op) -> Op::Output {
    Arch::new().dispatch(op)
}

/// `a * b + c`, fused where the machine can: the scalar fallback would call a slow library function.
#[inline(always)]
pub fn multiply_add<S: Simd>(a: f32, b: f32, c: f32) -> f32 {
    if S::IS_SCALAR { a * b + c } else { a.mul_add(b, c) }
}

/// Evaluates the polynomial with these coefficients, constant term first.
#[inline(always)]
pub fn polynomial<S: Simd, const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut value = coefficients[N - 1];
    for i in (0..N - 1).rev() {
        value = multiply_add::<S>(value, x, coefficients[i]);
    }
    value
}

/// `2^f` on `[-1/2, 1/2]` within 7.5e-8 relative: an own minimax fit, by least squares with weights
/// raised where the error was largest, over 4001 Chebyshev-spaced points in f64.
const EXP2: [f32; 6] = [1.000_000_1, 0.693_146_94, 0.240_221_2, 0.055_507_13, 0.009_675_542, 0.001_327_647_1];

/// `2^x` for `x <= 127` within 2.1e-7 relative; below -126 it stays at `2^-126`. NaN stays NaN.
#[inline(always)]
pub fn exp2<S: Simd>(x: f32) -> f32 {
    // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
    const ROUND: f32 = 12_582_912.0;
    let x = if x < -126.0 { -126.0 } else { x };
    let shifted = x + ROUND;
    let fraction = x - (shifted - ROUND);
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    polynomial::<S, 6>(fraction, EXP2) * power
}

/// Largest value, negative infinity for none; NaNs are passed over.
#[inline(always)]
pub fn maximum(values: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for (lane, &value) in lanes.iter_mut().zip(block) {
            *lane = if value > *lane { value } else { *lane };
        }
    }
    rest.iter().chain(&lanes).fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a })
}

/// Sum of `f` over the values, in [`LANES`] partial sums.
#[inline(always)]
pub fn sum_of(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for (lane, &value) in lanes.iter_mut().zip(block) {
            *lane += f(value);
        }
    }
    fold_lanes(lanes) + rest.iter().map(|&value| f(value)).sum::<f32>()
}

/// Adds partial sums pairwise.
#[inline(always)]
pub fn fold_lanes(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
        half /= 2;
    }
    lanes[0]
}
