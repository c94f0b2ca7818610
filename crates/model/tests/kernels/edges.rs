//! Values at the edges of what numbers can be, and memory that is someone's.

use burn_flex::{Flex, FlexDevice};
use burn_tensor::{Tensor, TensorData};
use maskd_model::kernels::{Kernels, portable};

use super::{assert_equal, check_attention, random, values};

/// Values of `x * (1 + erf(x / sqrt 2)) / 2` from a 40-digit computation.
#[test]
fn gelu_is_exact() {
    let table = [
        (-9.0, -1.015_729_3e-18),
        (-4.0, -1.266_849_6e-4),
        (-1.5, -0.100_210_8),
        (-0.75, -0.169_970_4),
        (-1e-3, -4.996_010_8e-4),
        (0.0, 0.0),
        (0.3, 0.185_373_42),
        (1.0, 0.841_344_8),
        (3.0, 2.995_950_3),
        (1e30, 1e30),
        (f32::INFINITY, f32::INFINITY),
    ];
    let x = Tensor::<Flex, 1>::from_floats(table.map(|(x, _)| x), &FlexDevice);
    for (actual, (x, expected)) in values(Flex::gelu(x)).into_iter().zip(table) {
        assert!(actual == expected || (actual - expected).abs() <= 2.5e-7, "gelu({x}) = {actual}");
    }
    let edge = Tensor::<Flex, 1>::from_floats([f32::NEG_INFINITY, f32::NAN, -1e30], &FlexDevice);
    let edge = values(Flex::gelu(edge));
    assert!(edge[0].abs() < 1e-30 && edge[1].is_nan() && edge[2].abs() < 1e-30, "{edge:?}");
}

#[test]
fn gelu_matches_the_portable_version_everywhere() {
    let x = Tensor::<Flex, 1, burn_tensor::Int>::arange(-70_000..70_000, &FlexDevice).float() / 5000.0;
    let expected = portable::gelu(x.clone());
    let worst = (Flex::gelu(x) - expected).abs().max().into_scalar();
    assert!(worst <= 1e-6, "{worst}");
}

#[test]
fn unique_memory_is_reused_and_shared_memory_is_not_touched() {
    let x = random(1, [40, 50], 3.0);
    let before = values(x.clone());
    let kept = x.clone();
    let shared = values(Flex::gelu(x));
    assert_eq!(values(kept.clone()), before);
    let address = |x: &Tensor<Flex, 2>| x.clone().into_primitive().tensor().bytes().as_ptr();
    let unique = kept.mul_scalar(1.0);
    let place = address(&unique);
    let result = Flex::gelu(unique);
    assert_eq!(address(&result), place);
    assert_eq!(values(result), shared);
}

#[test]
fn attention_survives_extreme_scores() {
    for seed in 0..4 {
        let q = random(seed, [1, 1, 50, 4], 200.0);
        let k = random(seed + 10, [1, 1, 300, 4], 200.0);
        let v = random(seed + 20, [1, 1, 300, 8], 1.0);
        let out = values(Flex::attention(q.clone(), k.clone(), v.clone()));
        assert!(out.iter().all(|x| x.abs() <= 1.0 + 1e-5), "weights do not sum to one");
        let expected = values(portable::attention(q, k, v));
        let near = out.iter().zip(expected).filter(|(a, e)| (*a - e).abs() < 1e-2).count();
        assert_eq!(near, out.len());
    }
}

/// Enough keys for many blocks, with the largest score in a late one.
#[test]
fn attention_carries_state_over_blocks_of_keys() {
    let q = random(1, [1, 1, 600, 8], 1.0);
    let k = random(2, [1, 1, 5000, 8], 1.0);
    let k = Tensor::cat(vec![k.clone(), k.clone() * 8.0, k], 2);
    let v = random(3, [1, 1, 15_000, 24], 1.0);
    check_attention(q, k, v);
}

#[test]
fn attention_result_is_free_to_merge_heads() {
    let x = random(1, [2, 3, 40, 8], 1.0);
    let out = Flex::attention(x.clone(), x.clone(), x);
    let place = out.clone().into_primitive().tensor().bytes().as_ptr();
    let merged = out.swap_dims(1, 2).reshape([2, 40, 24]).into_primitive().tensor();
    assert_eq!(merged.bytes().as_ptr(), place);
}

#[test]
fn attention_of_nothing_is_nothing() {
    let x = Tensor::<Flex, 4>::zeros([0, 2, 4, 8], &FlexDevice);
    assert_eq!(Flex::attention(x.clone(), x.clone(), x).dims(), [0, 2, 4, 8]);
}

#[test]
fn max_pool_passes_nan_on() {
    for i in 0..4 {
        let mut block = [1.0; 4];
        block[i] = f32::NAN;
        let x = Tensor::<Flex, 1>::from_floats(block, &FlexDevice).reshape([1, 2, 2, 1]);
        assert!(values(Flex::max_pool_2x2(x))[0].is_nan(), "position {i}");
    }
}

#[test]
fn bf16_rounds_to_nearest_even() {
    let ulp = 2.0_f32.powi(-7);
    let table = [
        (1.0 + 0.49 * ulp, 1.0),
        (1.0 + 0.5 * ulp, 1.0),
        (1.0 + 1.5 * ulp, 1.0 + 2.0 * ulp),
        (-1.0 - 0.51 * ulp, -1.0 - ulp),
        (1.999_999, 2.0),
        (0.0, 0.0),
        (f32::INFINITY, f32::INFINITY),
    ];
    let x = Tensor::<Flex, 1>::from_floats(table.map(|(x, _)| x), &FlexDevice);
    assert_eq!(values(Flex::round_bf16(x)), table.map(|(_, rounded)| rounded));
    let nan = Tensor::<Flex, 1>::from_floats([f32::NAN], &FlexDevice);
    assert!(values(Flex::round_bf16(nan))[0].is_nan());
}

/// Every significand of 24 bits, several exponents.
#[test]
fn portable_bf16_rounding_is_exact() {
    for exponent in [1_u32, 64, 127, 190] {
        let all = (0..1_u32 << 23).step_by(7).map(|s| f32::from_bits(exponent << 23 | s)).collect::<Vec<_>>();
        let ties = (0..1_u32 << 7).map(|s| f32::from_bits(exponent << 23 | s << 16 | 0x8000)).collect::<Vec<_>>();
        let x = [all, ties].concat();
        let shape = [x.len()];
        let x = Tensor::<Flex, 1>::from_data(TensorData::new(x, shape), &FlexDevice);
        assert_equal(portable::round_bf16(x.clone()), Flex::round_bf16(x));
    }
}
