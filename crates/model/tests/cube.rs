//! The kernels for GPUs against those for the processor, on the first Vulkan device there is; a software one will do.
#![cfg(feature = "vulkan")]

use burn_flex::{Flex, FlexDevice};
use burn_tensor::{DType, Tensor, TensorData};
use maskd_model::kernels::Curve;
use maskd_model::{Device, DeviceSpec, Kernels, OnBackend};

/// Largest difference from the processor, as a fraction of its largest value.
const F32: f32 = 1e-5;
/// The same where factors have 11 significant bits.
const F16: f32 = 2e-3;

/// A tensor on the GPU and the same on the processor.
type Both<B, const D: usize> = (Tensor<B, D>, Tensor<Flex, D>);

struct Pairs<B: Kernels> {
    device: B::Device,
    seed: u64,
}

impl<B: Kernels> Pairs<B> {
    /// Pseudo-random values in `[-scale, scale)`, the same on every machine.
    fn random<const D: usize>(&mut self, shape: [usize; D], scale: f32) -> Both<B, D> {
        self.seed += 1;
        let mut state = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 / (1 << 23) as f32 - 1.0) * scale
        };
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| next()).collect();
        let data = TensorData::new(values, shape);
        (Tensor::from_data(data.clone(), &self.device), Tensor::from_data(data, &FlexDevice))
    }
}

#[expect(clippy::unwrap_used, reason = "a test")]
fn values<B: Kernels, const D: usize>(tensor: Tensor<B, D>) -> Vec<f32> {
    tensor.try_into_data().unwrap().convert::<f32>().to_vec().unwrap()
}

#[track_caller]
fn assert_close<B: Kernels, const D: usize>(name: &str, ours: Tensor<B, D>, expected: Tensor<Flex, D>, tolerance: f32) {
    assert_eq!(ours.dims(), expected.dims(), "shape of {name}");
    let (ours, expected) = (values(ours), values(expected));
    let largest = expected.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let worst = ours.iter().zip(&expected).fold(0.0f32, |most, (a, b)| {
        let difference = (a - b).abs();
        if difference.is_nan() { f32::INFINITY } else { most.max(difference) }
    });
    println!("{name}: {:.1e}", worst / largest);
    assert!(worst <= tolerance * largest, "{name}: off by {} of {largest}", worst / largest);
}

/// A group of checks, on whichever backend.
trait Check {
    fn check<B: Kernels>(pairs: Pairs<B>);
}

struct Run<C>(std::marker::PhantomData<C>);

impl<C: Check> OnBackend for Run<C> {
    type Output = ();

    fn run<B: Kernels>(self, device: B::Device) {
        C::check(Pairs::<B> { device, seed: 0 });
    }
}

fn on_vulkan<C: Check>() {
    match Device::find(&DeviceSpec::Vulkan(0)) {
        Ok(device) => device.run(Run::<C>(std::marker::PhantomData)),
        Err(error) => eprintln!("SKIPPED: {error}"),
    }
}

struct Attention;

impl Check for Attention {
    fn check<B: Kernels>(mut pairs: Pairs<B>) {
        // Batch, heads, queries, keys, channels of queries and keys, channels of values: less than a block, several, ends that fit and do not.
        let cases = [
            [1, 1, 5, 3, 7, 9],
            [3, 2, 64, 64, 32, 32],
            [1, 8, 8, 300, 16, 16],
            [2, 1, 130, 200, 256, 64],
            [1, 1, 70, 65, 48, 256],
        ];
        for [b, h, n, m, d, e] in cases {
            let (q, q_cpu) = pairs.random([b, n, h * d], 2.0);
            let (k, k_cpu) = pairs.random([b, m, h * d], 2.0);
            let (v, v_cpu) = pairs.random([b, m, h * e], 1.0);
            let expected = <Flex as Kernels>::attend(q_cpu, k_cpu, v_cpu, h);
            let name = format!("attention {b}x{h}x{n}x{m}x{d}x{e}");
            assert_close(&name, <B as Kernels>::attend(q.clone(), k.clone(), v.clone(), h), expected.clone(), F32);
            let [q, k, v] = [q, k, v].map(|x| x.cast(DType::F16));
            assert_close(&name, <B as Kernels>::attend(q, k, v, h), expected, 2.0 * F16);
        }
        let (x, x_cpu) = pairs.random([1, 40, 3, 2, 24], 2.0);
        let part = |i: usize| x.clone().narrow(2, i, 1).squeeze_dim::<4>(2).swap_dims(1, 2);
        let part_cpu = |i: usize| x_cpu.clone().narrow(2, i, 1).squeeze_dim::<4>(2).swap_dims(1, 2);
        let ours = <B as Kernels>::attention(
            part(0).expand([3, 2, 40, 24]),
            part(1).expand([3, 2, 40, 24]),
            part(2).expand([3, 2, 40, 24]),
        );
        let alone = <Flex as Kernels>::attention(part_cpu(0), part_cpu(1), part_cpu(2));
        assert_close("attention of views", ours, alone.expand([3, 2, 40, 24]), F32);
    }
}

struct Linear;

impl Check for Linear {
    fn check<B: Kernels>(mut pairs: Pairs<B>) {
        for [rows, inputs, outputs] in [[1, 1, 1], [33, 20, 70], [130, 147, 96], [200, 64, 256]] {
            let (x, x_cpu) = pairs.random([2, rows, inputs], 1.0);
            let (weight, weight_cpu) = pairs.random([inputs, outputs], 1.0);
            let (bias, bias_cpu) = pairs.random([outputs], 1.0);
            let (before, before_cpu) = pairs.random([2, rows, outputs], 1.0);
            let plain = <Flex as Kernels>::linear(x_cpu, weight_cpu, Some(bias_cpu));
            let name = format!("linear {rows}x{inputs}x{outputs}");
            for (dtype, tolerance) in [(DType::F32, F32), (DType::F16, F16)] {
                let weight = weight.clone().cast(dtype);
                let through = |curve, out| {
                    <B as Kernels>::linear_curve(x.clone(), weight.clone(), Some(bias.clone()), curve, out)
                };
                assert_close(&name, through(Curve::Straight, DType::F32), plain.clone(), tolerance);
                assert_close(
                    &name,
                    through(Curve::Relu, dtype),
                    <Flex as Kernels>::curve(plain.clone(), Curve::Relu),
                    tolerance,
                );
                assert_close(&name, through(Curve::Gelu, dtype), <Flex as Kernels>::gelu(plain.clone()), tolerance);
                let added = <B as Kernels>::linear_add(x.clone(), weight, Some(bias.clone()), before.clone());
                assert_close(&name, added, plain.clone() + before_cpu.clone(), tolerance);
            }
        }
        for ([b, h, w, c], size) in [([2, 8, 8, 12], 4), ([1, 7, 10, 24], 4)] {
            let (x, x_cpu) = pairs.random([b, h, w, c], 1.0);
            let (weight, weight_cpu) = pairs.random([c, 16], 1.0);
            let (before, before_cpu) = pairs.random([b, h, w, 16], 1.0);
            let ours = <B as Kernels>::linear_add_windows(
                <B as Kernels>::window_partition(x, size),
                weight,
                None,
                before,
                size,
            );
            let expected = before_cpu + <Flex as Kernels>::linear(x_cpu, weight_cpu, None);
            assert_close("linear of windows", ours, expected, F32);
        }
    }
}

struct Norm;

impl Check for Norm {
    fn check<B: Kernels>(mut pairs: Pairs<B>) {
        for [rows, channels] in [[1, 2], [37, 4], [70, 96], [9, 1000]] {
            let (x, x_cpu) = pairs.random([rows, channels], 5.0);
            let (weight, weight_cpu) = pairs.random([channels], 1.0);
            let (bias, bias_cpu) = pairs.random([channels], 1.0);
            let expected = <Flex as Kernels>::layer_norm(x_cpu + 3.0, weight_cpu, bias_cpu, 1e-6);
            let x = x + 3.0;
            let ours = |dtype| <B as Kernels>::layer_norm_as(x.clone(), weight.clone(), bias.clone(), 1e-6, dtype);
            assert_close("layer norm", ours(DType::F32), expected.clone(), F32);
            assert_close("layer norm to f16", ours(DType::F16), expected, F16);
        }
        let (x, x_cpu) = pairs.random([2, 7, 10, 24], 1.0);
        let (weight, weight_cpu) = pairs.random([24], 1.0);
        let (bias, bias_cpu) = pairs.random([24], 1.0);
        let expected = <Flex as Kernels>::layer_norm_windows(x_cpu, weight_cpu, bias_cpu, 1e-6, 4, DType::F32);
        let ours = <B as Kernels>::layer_norm_windows(x, weight, bias, 1e-6, 4, DType::F32);
        assert_close("layer norm to windows", ours, expected, F32);
    }
}

struct Maps;

impl Check for Maps {
    fn check<B: Kernels>(mut pairs: Pairs<B>) {
        for ([kernel, stride, padding], [inputs, outputs]) in
            [([7, 4, 3], [3, 10]), ([3, 2, 1], [4, 16]), ([4, 4, 0], [1, 1])]
        {
            let (x, x_cpu) = pairs.random([2, 16, 20, inputs], 1.0);
            let (weight, weight_cpu) = pairs.random([kernel, kernel, inputs, outputs], 1.0);
            let (bias, bias_cpu) = pairs.random([outputs], 1.0);
            let expected = <Flex as Kernels>::conv2d(x_cpu, weight_cpu, bias_cpu, stride, padding);
            for (dtype, tolerance) in [(DType::F32, F32), (DType::F16, F16)] {
                let weight = weight.clone().cast(dtype);
                let ours = <B as Kernels>::conv2d(x.clone(), weight, bias.clone(), stride, padding);
                assert_close("conv", ours, expected.clone(), tolerance);
            }
        }
        let (x, x_cpu) = pairs.random([2, 9, 12, 20], 1.0);
        let (weight, weight_cpu) = pairs.random([7, 7, 20], 1.0);
        let (bias, bias_cpu) = pairs.random([20], 1.0);
        let odd = |x: Tensor<B, 4>| x.narrow(3, 1, 7);
        let odd_cpu = |x: Tensor<Flex, 4>| x.narrow(3, 1, 7);
        let expected = <Flex as Kernels>::depthwise_conv2d(
            odd_cpu(x_cpu.clone()),
            weight_cpu.clone().narrow(2, 0, 7),
            bias_cpu.clone().narrow(0, 0, 7),
            3,
        );
        let ours = <B as Kernels>::depthwise_conv2d(
            odd(x.clone()),
            weight.clone().narrow(2, 0, 7),
            bias.clone().narrow(0, 0, 7),
            3,
        );
        assert_close("depthwise of a view", ours, expected, F32);
        let expected = <Flex as Kernels>::depthwise_conv2d(x_cpu.clone(), weight_cpu, bias_cpu, 3);
        assert_close("depthwise", <B as Kernels>::depthwise_conv2d(x.clone(), weight, bias, 3), expected, F32);

        let windows = <B as Kernels>::window_partition(x.clone(), 5);
        assert_close("windows", windows.clone(), <Flex as Kernels>::window_partition(x_cpu.clone(), 5), 0.0);
        assert_close("windows back", <B as Kernels>::window_unpartition(windows, 5, [9, 12]), x_cpu.clone(), 0.0);
        let turned = <B as Kernels>::window_partition(x.clone().swap_dims(1, 2), 5);
        assert_close(
            "windows of a view",
            turned,
            <Flex as Kernels>::window_partition(x_cpu.clone().swap_dims(1, 2), 5),
            0.0,
        );
        assert_close(
            "max pool",
            <B as Kernels>::max_pool_2x2(x.clone()),
            <Flex as Kernels>::max_pool_2x2(x_cpu.clone()),
            0.0,
        );
        assert_close(
            "shuffle",
            <B as Kernels>::pixel_shuffle_2x2(x.clone()),
            <Flex as Kernels>::pixel_shuffle_2x2(x_cpu.clone()),
            0.0,
        );
        let turned = <B as Kernels>::gelu(x.clone().swap_dims(1, 3));
        assert_close("gelu of a view", turned, <Flex as Kernels>::gelu(x_cpu.clone().swap_dims(1, 3)), F32);
        let shaded = <B as Kernels>::shade(x.clone() * 9.0, 20.0, -10.0);
        assert_close("shade", shaded, <Flex as Kernels>::shade(x_cpu.clone() * 9.0, 20.0, -10.0), F32);
        assert_close("gelu", <B as Kernels>::gelu(x), <Flex as Kernels>::gelu(x_cpu), F32);

        let (plane, plane_cpu) = pairs.random([2, 6, 8], 3.0);
        let larger = <B as Kernels>::upsample_bilinear(plane, [24, 32]);
        assert_close("bilinear", larger, <Flex as Kernels>::upsample_bilinear(plane_cpu, [24, 32]), F32);
    }
}

struct Pictures;

impl Check for Pictures {
    /// One level of one colour more or less is some thousand times what is allowed.
    fn check<B: Kernels>(pairs: Pairs<B>) {
        // Larger and smaller than the square, as it is, with columns before lines, and of a number of bytes that fills no whole words.
        for [width, height] in [[50, 40], [33, 17], [32, 32], [20, 300], [301, 19]] {
            let rgb: Vec<u8> = (0..3 * width * height).map(|i| (i * i / 7 % 256) as u8).collect();
            let expected = <Flex as Kernels>::picture(&rgb, [width, height], 32, &FlexDevice);
            let ours = <B as Kernels>::picture(&rgb, [width, height], 32, &pairs.device);
            assert_close(&format!("picture of {width}x{height}"), ours, expected, F32);
        }
    }
}

struct Stacks;

impl Check for Stacks {
    fn check<B: Kernels>(mut pairs: Pairs<B>) {
        // Fewer than are copied at once, more, and rows of odd length; parts that are part of something else.
        for (count, width) in [(1, 8), (5, 64), (23, 64), (9, 3)] {
            let parts: Vec<_> = (0..count).map(|i| pairs.random([2 + i % 4, 2, width], 1.0)).collect();
            let (ours, expected): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            let cut = |x: Tensor<B, 3>| x.narrow(0, 1, 1);
            let joined = <B as Kernels>::stack(ours.iter().cloned().map(cut).collect());
            let cut = |x: Tensor<Flex, 3>| x.narrow(0, 1, 1);
            let all = <Flex as Kernels>::stack(expected.iter().cloned().map(cut).collect());
            assert_close("stack of views", joined, all, 0.0);
            assert_close("stack", <B as Kernels>::stack(ours), <Flex as Kernels>::stack(expected), 0.0);
        }
    }
}

struct Rope;

impl Check for Rope {
    fn check<B: Kernels>(mut pairs: Pairs<B>) {
        let (angle, angle_cpu) = pairs.random([6, 8], 3.0);
        let (x, x_cpu) = pairs.random([2, 15, 16], 1.0);
        for rotated in [12, 6] {
            let ours = <B as Kernels>::rope_first(x.clone(), angle.clone().cos(), angle.clone().sin(), rotated);
            let expected =
                <Flex as Kernels>::rope_first(x_cpu.clone(), angle_cpu.clone().cos(), angle_cpu.clone().sin(), rotated);
            assert_close("rope", ours, expected, F32);
        }
    }
}

struct Rounding;

impl Check for Rounding {
    fn check<B: Kernels>(pairs: Pairs<B>) {
        let ties = (0..1u32 << 7).map(|s| f32::from_bits(127 << 23 | s << 16 | 0x8000));
        let others = (0..1u32 << 23).step_by(1009).map(|s| -f32::from_bits(100 << 23 | s));
        let values: Vec<f32> = ties.chain(others).chain([0.0]).collect();
        let data = TensorData::new(values.clone(), [values.len()]);
        let ours = <B as Kernels>::round_bf16(Tensor::<B, 1>::from_data(data.clone(), &pairs.device) * 1.0);
        assert_close("bf16", ours, <Flex as Kernels>::round_bf16(Tensor::from_data(data, &FlexDevice)), 0.0);
    }
}

/// One test, for the threads of several would each set up the device.
#[test]
fn kernels_agree_with_the_processor() {
    on_vulkan::<Rounding>();
    on_vulkan::<Pictures>();
    on_vulkan::<Stacks>();
    on_vulkan::<Norm>();
    on_vulkan::<Rope>();
    on_vulkan::<Maps>();
    on_vulkan::<Linear>();
    on_vulkan::<Attention>();
}
