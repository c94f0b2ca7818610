//! The CPU versions of the network's operations against the portable ones, on the same backend.

use burn_flex::{Flex, FlexDevice};
use burn_tensor::{DType, Tensor, TensorData, activation};
use maskd_model::kernels::{Arrival, Curve, FeedForward, Kernels, LookBack, Mix, portable};
use proptest::prelude::*;

/// Pseudo-random values in `[-scale, scale)`, the same on every machine.
fn random<const D: usize>(seed: u64, shape: [usize; D], scale: f32) -> Tensor<Flex, D> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let values = (0..shape.iter().product())
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 / (1 << 23) as f32 - 1.0) * scale
        })
        .collect::<Vec<f32>>();
    Tensor::from_data(TensorData::new(values, shape), &FlexDevice)
}

#[expect(clippy::unwrap_used, reason = "every tensor here holds f32")]
fn values<const D: usize>(tensor: Tensor<Flex, D>) -> Vec<f32> {
    tensor.into_data().to_vec().unwrap()
}

/// Fails unless shapes agree and values differ by less than `1e-5` of the largest.
#[track_caller]
fn assert_close<const D: usize>(actual: Tensor<Flex, D>, expected: Tensor<Flex, D>) {
    assert_eq!(actual.dims(), expected.dims());
    let (actual, expected) = (values(actual), values(expected));
    let largest = expected.iter().fold(1e-3_f32, |a, b| a.max(b.abs()));
    for (i, (a, e)) in actual.iter().zip(&expected).enumerate() {
        assert!((a - e).abs() <= 1e-5 * largest, "element {i}: {a} instead of {e}");
    }
}

#[track_caller]
fn assert_equal<const D: usize>(actual: Tensor<Flex, D>, expected: Tensor<Flex, D>) {
    assert_eq!(actual.dims(), expected.dims());
    assert_eq!(values(actual), values(expected));
}

fn check_attention(q: Tensor<Flex, 4>, k: Tensor<Flex, 4>, v: Tensor<Flex, 4>) {
    let expected = portable::attention(q.clone(), k.clone(), v.clone());
    assert_close(Flex::attention(q, k, v), expected);
}

/// Cosines and sines of angles that grow with the column and, in the second half, with the row of a square map.
fn axial(side: usize, quarter: usize) -> [Tensor<Flex, 2>; 2] {
    let angles: Vec<f32> = (0..side * side)
        .flat_map(|cell| {
            let turn = move |place: usize| (0..quarter).map(move |i| place as f32 / (1.0 + i as f32));
            turn(cell % side).chain(turn(cell / side))
        })
        .collect();
    let angles = Tensor::from_data(TensorData::new(angles, [side * side, 2 * quarter]), &FlexDevice);
    [angles.clone().cos(), angles.sin()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn linear(seed in 0..1_000_000_u64, rows in 1..70_usize, inputs in 1..50_usize, outputs in 1..50_usize, biased: bool) {
        let x = random(seed, [2, rows, inputs], 1.0);
        let weight = random(seed + 1, [inputs, outputs], 1.0);
        let bias = biased.then(|| random(seed + 2, [outputs], 1.0));
        let expected = portable::linear(x.clone(), weight.clone(), bias.clone());
        assert_close(Flex::linear(x, weight, bias), expected);
    }

    #[test]
    fn linear_of_views(seed in 0..1_000_000_u64, rows in 1..30_usize, inputs in 1..30_usize, outputs in 1..30_usize) {
        let wide = random(seed, [2, rows, 3 * inputs], 1.0);
        let weight = random(seed + 1, [outputs, inputs], 1.0).swap_dims(0, 1);
        for x in [wide.clone().narrow(2, inputs, inputs), wide.narrow(2, 0, inputs).narrow(1, 0, rows.div_ceil(2))] {
            let expected = portable::linear(x.clone(), weight.clone(), None);
            assert_close(Flex::linear(x, weight.clone(), None), expected);
        }
        let x = random(seed + 2, [2, inputs, rows], 1.0).swap_dims(1, 2);
        assert_close(Flex::linear(x.clone(), weight.clone(), None), portable::linear(x, weight, None));
    }

    #[test]
    fn layer_norm(seed in 0..1_000_000_u64, rows in 1..90_usize, channels in 2..300_usize, scale in 0.01..100_f32) {
        let x = random(seed, [2, rows, channels], scale).add_scalar(scale);
        let (weight, bias) = (random(seed + 1, [channels], 2.0), random(seed + 2, [channels], 1.0));
        let expected = portable::layer_norm(x.clone(), weight.clone(), bias.clone(), 1e-6);
        assert_close(Flex::layer_norm(x, weight, bias, 1e-6), expected);
    }

    #[test]
    fn attention(
        seed in 0..1_000_000_u64, batch in 1..4_usize, heads in 1..4_usize, n in 1..140_usize, m in 1..140_usize, d in 1..40_usize,
        e in 1..40_usize, scale in 0.1..6_f32,
    ) {
        check_attention(
            random(seed, [batch, heads, n, d], scale),
            random(seed + 1, [batch, heads, m, d], scale),
            random(seed + 2, [batch, heads, m, e], 1.0),
        );
    }

    #[test]
    fn attention_of_views(seed in 0..1_000_000_u64, batch in 1..4_usize, heads in 1..4_usize, n in 1..70_usize, d in 1..20_usize) {
        let fused = random(seed, [batch, n, 3 * heads * d], 1.0).reshape([batch, n, 3, heads, d]);
        let [q, k, v] = [0, 1, 2].map(|i| fused.clone().narrow(2, i, 1).squeeze_dim::<4>(2).swap_dims(1, 2));
        check_attention(q.clone(), k.clone(), v.clone());
        let one = random(seed + 1, [1, heads, 5, d], 1.0);
        let expanded = one.clone().expand([batch, heads, 5, d]);
        check_attention(expanded.clone(), k, v);
        check_attention(q, expanded.clone(), expanded);
    }

    /// In one piece as layer by layer, whether the input is anyone else's too or not.
    #[test]
    fn feed_forward(
        seed in 0..1_000_000_u64, [height, width] in [1..20_usize, 1..20_usize], channels in 2..40_usize,
        hidden in 1..90_usize, window in prop::option::of(1..9_usize), arrives: bool, apart: bool, gelu: bool,
    ) {
        let before = random(seed, [2, height, width, channels], 3.0);
        let mixed = random(seed + 7, [2, height, width, hidden], 1.0);
        let arrival = Arrival {
            mixed: window.map_or(mixed.clone(), |size| portable::window_partition(mixed, size)),
            projection: (random(seed + 8, [hidden, channels], 1.0), random(seed + 9, [channels], 1.0)),
            windows: window,
        };
        let block = FeedForward {
            x: before,
            arrival: arrives.then_some(arrival),
            instead: apart.then(|| random(seed + 10, [2, width, height, channels], 3.0).swap_dims(1, 2)),
            norm: [random(seed + 1, [channels], 2.0), random(seed + 2, [channels], 1.0)],
            epsilon: 1e-5,
            widen: (random(seed + 3, [channels, hidden], 1.0), random(seed + 4, [hidden], 1.0)),
            curve: if gelu { Curve::Gelu } else { Curve::Relu },
            narrow: (random(seed + 5, [hidden, channels], 1.0), random(seed + 6, [channels], 1.0)),
            operand: DType::F32,
        };
        let expected = block.clone().layer_by_layer();
        assert_close(Flex::feed_forward(block.clone()), expected.clone());
        assert_close(Flex::feed_forward(block), expected);
    }

    /// In one piece as one operation after the other, of maps and of views of them.
    #[test]
    fn mix(
        seed in 0..1_000_000_u64, [height, width] in [1..30_usize, 1..30_usize], channels in 1..40_usize,
        heads in 1..4_usize, each in 1..20_usize, window in prop::option::of(1..9_usize), pools: bool, turned: bool,
    ) {
        let out = heads * each;
        let projection = |seed| (random(seed, [channels, out], 0.3), random(seed + 1, [out], 1.0));
        // Maps that are pooled have even sides.
        let halves = if pools { 2 } else { 1 };
        let x = random(seed, [2, halves * height, halves * width, channels], 3.0);
        let mix = Mix {
            x: if turned { x.swap_dims(1, 2) } else { x },
            norm: [random(seed + 1, [channels], 2.0), random(seed + 2, [channels], 1.0)],
            epsilon: 1e-5,
            operand: DType::F32,
            projections: [projection(seed + 3), projection(seed + 5), projection(seed + 7)],
            heads,
            window: if pools { window.map(|side| 2 * side) } else { window },
            pools,
        };
        // Nobody reads what windows show beyond the map.
        let [_, height, width, _] = mix.x.dims();
        let inside = |seen| match mix.window {
            Some(side) => portable::window_unpartition(seen, side / halves, [height / halves, width / halves]),
            None => seen,
        };
        assert_close(inside(Flex::mix(mix.clone())), inside(mix.clone().layer_by_layer()));
    }

    /// Without keys as with them.
    #[test]
    fn look_back(
        seed in 0..1_000_000_u64, objects in 1..3_usize, side in 1..12_usize, maps in 1..17_usize, placeless in 0..9_usize,
        width in 1..12_usize, quarter in 1..24_usize, shared: bool,
    ) {
        let (cells, tokens, channels) = (side * side, maps * side * side + placeless, 4 * quarter);
        let queries = random(seed, [if shared { 1 } else { objects }, cells, channels], 2.0).expand([objects, cells, channels]);
        let [cos, sin] = axial(side, quarter);
        let look = LookBack {
            queries,
            values: random(seed + 1, [objects, tokens, width], 1.0),
            located: random(seed + 2, [objects, tokens, width], 2.0),
            placeless,
            weight: random(seed + 3, [width, channels], 1.0),
            bias: random(seed + 4, [channels], 1.0),
            cos,
            sin,
        };
        assert_close(Flex::look_back(look.clone()), look.attend_to_keys());
    }

    #[test]
    fn rope(seed in 0..1_000_000_u64, batch in 1..3_usize, repeats in 1..4_usize, tokens in 1..40_usize, half in 1..40_usize) {
        let angles = random(seed, [tokens, half], 3.0);
        let (cos, sin) = (angles.clone().cos(), angles.sin());
        let x = random(seed + 1, [batch, repeats * tokens, 4 * half], 1.0);
        for x in [x.clone().narrow(2, half, 2 * half), x.narrow(2, 0, 2 * half).mul_scalar(2.0)] {
            let expected = portable::rope(x.clone(), cos.clone(), sin.clone());
            assert_close(Flex::rope(x.clone(), cos.clone(), sin.clone()), expected.clone());
            // Tokens that follow and have no place stay as they are.
            let behind = random(seed + 2, [batch, tokens, 2 * half], 1.0);
            let all = Tensor::cat(vec![x, behind.clone()], 1);
            let rotated = Flex::rope_first(all, cos.clone(), sin.clone(), repeats * tokens);
            assert_close(rotated, Tensor::cat(vec![expected, behind], 1));
        }
    }

    #[test]
    fn conv2d(
        seed in 0..1_000_000_u64, batch in 1..3_usize, h in 1..24_usize, w in 1..24_usize, inputs in 1..6_usize, outputs in 1..9_usize,
        (kh, kw) in (1..8_usize, 1..8_usize), stride in 1..5_usize, padding in 0..5_usize,
    ) {
        prop_assume!(kh <= h + 2 * padding && kw <= w + 2 * padding);
        let x = random(seed, [batch, h, w, inputs], 1.0);
        let weight = random(seed + 1, [kh, kw, inputs, outputs], 1.0);
        let bias = random(seed + 2, [outputs], 1.0);
        let expected = portable::conv2d(x.clone(), weight.clone(), bias.clone(), stride, padding);
        assert_close(Flex::conv2d(x.clone(), weight.clone(), bias.clone(), stride, padding), expected.clone());
        let norm = [random(seed + 3, [outputs], 2.0), random(seed + 4, [outputs], 1.0)];
        // Not the small constant of the network: two values that are nearly the same would be blown up, and with them what they are off.
        let [scale, shift] = norm.clone();
        let expected = portable::gelu(portable::layer_norm(expected, scale, shift, 1e-2));
        assert_close(Flex::conv2d_norm_gelu(x, weight, bias, [stride, padding], norm, 1e-2), expected);
    }

    #[test]
    fn shade(seed in 0..1_000_000_u64, count in 1..300_usize, scale in 0.1..100_f32) {
        let x = random(seed, [2, count], scale);
        assert_close(Flex::shade(x.clone(), 20.0, -10.0), activation::sigmoid(x) * 20.0 - 10.0);
    }

    #[test]
    fn depthwise_conv2d(
        seed in 0..1_000_000_u64, batch in 1..3_usize, h in 1..20_usize, w in 1..20_usize, channels in 1..80_usize, half in 0..4_usize,
    ) {
        let kernel = 2 * half + 1;
        let x = random(seed, [batch, h, w, channels], 1.0);
        let weight = random(seed + 1, [kernel, kernel, channels], 1.0);
        let bias = random(seed + 2, [channels], 1.0);
        let expected = portable::depthwise_conv2d(x.clone(), weight.clone(), bias.clone(), half);
        assert_close(Flex::depthwise_conv2d(x, weight, bias, half), expected);
    }

    #[test]
    fn windows(seed in 0..1_000_000_u64, batch in 1..3_usize, h in 1..20_usize, w in 1..20_usize, channels in 1..9_usize, size in 1..9_usize) {
        let x = random(seed, [batch, h, w, channels], 1.0);
        let windows = Flex::window_partition(x.clone(), size);
        assert_equal(windows.clone(), portable::window_partition(x.clone(), size));
        assert_equal(portable::window_unpartition(windows.clone(), size, [h, w]), x.clone());
        assert_equal(Flex::window_unpartition(windows, size, [h, w]), x.clone());
        let view = x.clone().swap_dims(1, 2);
        assert_equal(Flex::window_partition(view.clone(), size), portable::window_partition(view, size));
    }

    #[test]
    fn max_pool_2x2(seed in 0..1_000_000_u64, batch in 1..3_usize, h in 2..20_usize, w in 2..20_usize, channels in 1..70_usize) {
        let x = random(seed, [batch, h, w, channels], 1.0);
        assert_equal(Flex::max_pool_2x2(x.clone()), portable::max_pool_2x2(x.clone()));
        let view = x.narrow(3, channels / 2, 1);
        assert_equal(Flex::max_pool_2x2(view.clone()), portable::max_pool_2x2(view));
    }

    #[test]
    fn pixel_shuffle_2x2(seed in 0..1_000_000_u64, batch in 1..3_usize, h in 1..20_usize, w in 1..20_usize, channels in 1..20_usize) {
        let x = random(seed, [batch, h, w, 4 * channels], 1.0);
        assert_equal(Flex::pixel_shuffle_2x2(x.clone()), portable::pixel_shuffle_2x2(x));
    }

    #[test]
    fn upsample_bilinear(seed in 0..1_000_000_u64, h in 1..20_usize, w in 1..20_usize, oh in 1..50_usize, ow in 1..50_usize) {
        let x = random(seed, [2, h, w], 10.0);
        assert_close(Flex::upsample_bilinear(x.clone(), [oh, ow]), portable::upsample_bilinear(x, [oh, ow]));
    }
}

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
