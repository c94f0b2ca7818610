//! What vectorised loops share: dispatch to the machine's vector units, fused multiply-add, powers of two.

use pulp::{Arch, Simd, WithSimd};

/// Independent partial results in reductions: four 512-bit registers of f32.
const LANES: usize = 64;
/// For what is left: rows are often a multiple of this, seldom of [`LANES`].
const NARROW: usize = 16;

/// Runs `op` compiled for the widest vector units of this machine.
///
/// `op` holds a plain loop marked `#[inline(always)]`; the compiler vectorises it once for each instruction set.
pub fn dispatch<Op: WithSimd>(op: Op) -> Op::Output {
    arch().dispatch(op)
}

/// The vector units that are used.
#[cfg(not(test))]
pub fn arch() -> Arch {
    Arch::new()
}

#[cfg(test)]
pub fn arch() -> Arch {
    super::instruction_set_tests::chosen()
}

/// Has floats brought into the first-level cache, or only into the second unless `NEAR`; they need not exist.
#[inline(always)]
pub fn fetch<const NEAR: bool>(first: *const f32, count: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..count).step_by(16) {
        use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};
        let at = first.wrapping_add(line).cast();
        // SAFETY: a hint, which may be of any address.
        unsafe { if NEAR { _mm_prefetch::<_MM_HINT_T0>(at) } else { _mm_prefetch::<_MM_HINT_T1>(at) } };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (first, count);
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
    let larger = |a, b| if b > a { b } else { a };
    reduce(values, f32::NEG_INFINITY, larger, larger)
}

/// Sum of `f` over the values.
#[inline(always)]
pub fn sum_of(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    reduce(values, 0.0, |sum, value| sum + f(value), |a, b| a + b)
}

/// Combines partial results of [`LANES`] and then [`NARROW`] interleaved shares of the values, last of what is left.
///
/// `take` adds a value to a partial result that starts at `start`, `join` adds two partial results.
#[inline(always)]
fn reduce(values: &[f32], start: f32, take: impl Fn(f32, f32) -> f32, join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut wide = [start; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    blocks.iter().for_each(|block| combine(&mut wide, block, &take));
    let mut narrow = halved::<LANES, NARROW>(wide, &join);
    let (blocks, rest) = rest.as_chunks::<NARROW>();
    blocks.iter().for_each(|block| combine(&mut narrow, block, &take));
    let [one] = halved::<NARROW, 1>(narrow, &join);
    rest.iter().fold(one, |partial, &value| take(partial, value))
}

#[inline(always)]
fn combine<const N: usize>(lanes: &mut [f32; N], values: &[f32; N], f: impl Fn(f32, f32) -> f32) {
    for (lane, &value) in lanes.iter_mut().zip(values) {
        *lane = f(*lane, value);
    }
}

/// Combines the first half of the lanes with the second until `M` are left.
#[inline(always)]
fn halved<const N: usize, const M: usize>(mut lanes: [f32; N], f: impl Fn(f32, f32) -> f32) -> [f32; M] {
    let mut half = N / 2;
    while half >= M {
        for i in 0..half {
            lanes[i] = f(lanes[i], lanes[i + half]);
        }
        half /= 2;
    }
    std::array::from_fn(|i| lanes[i])
}
