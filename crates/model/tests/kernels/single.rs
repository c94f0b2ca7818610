//! Single operations, of sizes and views at random.

use burn_flex::Flex;
use burn_tensor::{Tensor, activation};
use maskd_model::kernels::{Kernels, portable};
use proptest::prelude::*;

use super::{assert_close, assert_equal, check_attention, random};

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
