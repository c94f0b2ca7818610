//! Checks the kernels of a GPU against the processor and times them at the sizes of the network.
//!
//! `gpu_kernels DEVICE [PART ..]` with parts `attention`, `linear`, `norm`, `launch`; all of them without one. Each line names
//! an operation, the greatest difference from the processor's result as a fraction of its greatest value, and the time of one run.

use std::time::{Duration, Instant};

use burn_flex::{Flex, FlexDevice};
use burn_tensor::ops::AttentionModuleOptions;
use burn_tensor::{DType, Tensor, TensorData, module};
use maskd_model::kernels::Curve;
use maskd_model::{Device, DeviceSpec, Kernels, OnBackend};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let spec = arguments.next().unwrap_or_else(|| "auto".to_owned()).parse::<DeviceSpec>();
    let parts: Vec<String> = arguments.collect();
    match spec.and_then(|spec| Device::find(&spec)) {
        Ok(device) => {
            println!("{device}");
            device.run(Checks { parts });
        }
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}

struct Checks {
    parts: Vec<String>,
}

impl OnBackend for Checks {
    type Output = ();

    fn run<B: Kernels>(self, device: B::Device) {
        let wanted = |part: &str| self.parts.is_empty() || self.parts.iter().any(|p| p == part);
        let small = self.parts.iter().any(|p| p == "small");
        let bench = Bench::<B> { device, small };
        println!("{:<52} {:>10} {:>10} {:>9}", "operation", "off by", "ms", "TFLOP/s");
        if wanted("attention") {
            bench.attention();
        }
        if wanted("linear") {
            bench.linear();
        }
        if wanted("norm") {
            bench.norm();
        }
        if wanted("launch") {
            bench.launch();
        }
        if self.parts.iter().any(|p| p == "stock") {
            bench.stock();
        }
    }
}

/// Pseudo-random values in `[-scale, scale)`, the same on every machine.
fn values(seed: u64, count: usize, scale: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1 << 23) as f32 - 1.0) * scale
    };
    (0..count).map(|_| next()).collect()
}

struct Bench<B: Kernels> {
    device: B::Device,
    small: bool,
}

impl<B: Kernels> Bench<B> {
    fn pair<const D: usize>(&self, seed: u64, shape: [usize; D], scale: f32) -> (Tensor<B, D>, Tensor<Flex, D>) {
        let data = TensorData::new(values(seed, shape.iter().product(), scale), shape);
        (Tensor::from_data(data.clone(), &self.device), Tensor::from_data(data, &FlexDevice))
    }

    /// Runs, compares where there is something to compare with, and times.
    fn report<const D: usize>(
        &self,
        name: &str,
        gflop: f64,
        expected: Option<&Tensor<Flex, D>>,
        mut run: impl FnMut() -> Tensor<B, D>,
    ) {
        let begun = Instant::now();
        let first = match run().cast(DType::F32).try_into_data() {
            Ok(data) => data.to_vec::<f32>().unwrap_or_default(),
            Err(error) => {
                println!("{name:<52} failed: {error}");
                return;
            }
        };
        let compiled = begun.elapsed();
        let error = expected.map(|tensor| {
            let expected = tensor.to_data().to_vec::<f32>().unwrap_or_default();
            let greatest = expected.iter().fold(0.0f32, |most, value| most.max(value.abs()));
            let pairs = expected.iter().zip(&first);
            let worst =
                pairs.fold(0.0f32, |most, (a, b)| if b.is_nan() { f32::INFINITY } else { most.max((a - b).abs()) });
            if first.len() == expected.len() { worst / greatest } else { f32::INFINITY }
        });
        let (mut runs, mut taken) = (1, Duration::ZERO);
        while taken < Duration::from_millis(200) && runs < 1000 {
            runs *= 3;
            let begun = Instant::now();
            let mut last = None;
            for _ in 0..runs {
                last = Some(run());
            }
            drop(last);
            if let Err(error) = B::sync(&self.device) {
                println!("{name:<52} failed: {error}");
                return;
            }
            taken = begun.elapsed();
            if self.small {
                break;
            }
        }
        let ms = taken.as_secs_f64() * 1e3 / f64::from(runs);
        let error = error.map_or("-".to_owned(), |error| format!("{error:.1e}"));
        println!("{name:<52} {error:>10} {ms:>10.3} {:>9.1}   first {:.2} s", gflop / ms, compiled.as_secs_f64());
    }

    fn attention(&self) {
        let cases: &[(&str, [usize; 6])] = if self.small {
            &[
                ("small", [2, 2, 100, 300, 32, 16]),
                ("windows", [9, 2, 64, 64, 32, 32]),
                ("wide", [1, 1, 130, 200, 256, 64]),
            ]
        } else {
            &[
                ("memory, full bank", [1, 1, 4096, 28_736, 256, 64]),
                ("memory, full bank, 8 objects", [8, 1, 4096, 28_736, 256, 64]),
                ("map to itself", [1, 1, 4096, 4096, 256, 256]),
                ("trunk, whole map", [1, 4, 4096, 4096, 96, 96]),
                ("trunk, windows of 8", [1024, 1, 64, 64, 96, 96]),
                ("trunk, windows of 14", [25, 4, 196, 196, 96, 96]),
                ("base+, windows of 8", [1024, 2, 64, 64, 56, 56]),
                ("tokens to image", [1, 8, 8, 4096, 16, 16]),
                ("image to tokens", [1, 8, 4096, 8, 16, 16]),
            ]
        };
        for &(name, [b, h, n, m, d, e]) in cases {
            let (q, q_cpu) = self.pair(1, [b, n, h * d], 1.5);
            let (k, k_cpu) = self.pair(2, [b, m, h * d], 1.5);
            let (v, v_cpu) = self.pair(3, [b, m, h * e], 1.0);
            let gflop = 2e-9 * (b * h * n * m * (d + e)) as f64;
            let expected = (gflop < 200.0).then(|| <Flex as Kernels>::attend(q_cpu, k_cpu, v_cpu, h));
            for (kind, dtype) in [("f16", DType::F16), ("bf16", DType::BF16), ("f32", DType::F32)] {
                if dtype == DType::BF16 && self.small {
                    continue;
                }
                let [q, k, v] = [&q, &k, &v].map(|x| x.clone().cast(dtype));
                self.report(&format!("attention {kind}: {name}"), gflop, expected.as_ref(), || {
                    <B as Kernels>::attend(q.clone(), k.clone(), v.clone(), h)
                });
            }
        }
    }

    fn linear(&self) {
        let cases: &[[usize; 3]] = if self.small {
            &[[100, 32, 48], [300, 147, 130]]
        } else {
            &[
                [65_536, 96, 288],
                [65_536, 96, 384],
                [65_536, 384, 96],
                [16_384, 192, 768],
                [4096, 384, 1152],
                [4096, 384, 1536],
                [4096, 1536, 384],
                [1024, 768, 3072],
                [4096, 256, 256],
                [4096, 256, 2048],
                [4096, 2048, 256],
                [28_736, 64, 256],
                [32_768, 256, 2048],
            ]
        };
        for &[m, k, n] in cases {
            let (x, x_cpu) = self.pair(4, [m, k], 1.0);
            let (w, w_cpu) = self.pair(5, [k, n], 1.0);
            let (bias, bias_cpu) = self.pair(6, [n], 1.0);
            let gflop = 2e-9 * (m * k * n) as f64;
            let expected = <Flex as Kernels>::gelu(<Flex as Kernels>::linear(x_cpu, w_cpu, Some(bias_cpu)));
            for (kind, dtype) in [("f16", DType::F16), ("f32", DType::F32)] {
                let (x, w) = (x.clone().cast(dtype), w.clone().cast(dtype));
                self.report(&format!("linear, gelu {kind}: {m}x{k}x{n}"), gflop, Some(&expected), || {
                    <B as Kernels>::linear_curve(x.clone(), w.clone(), Some(bias.clone()), Curve::Gelu, dtype)
                });
            }
        }
    }

    fn norm(&self) {
        let cases: &[[usize; 2]] =
            if self.small { &[[37, 96]] } else { &[[65_536, 96], [4096, 256], [4096, 384], [1024, 768]] };
        for &[m, c] in cases {
            let (x, x_cpu) = self.pair(7, [m, c], 3.0);
            let (w, w_cpu) = self.pair(8, [c], 1.0);
            let (bias, bias_cpu) = self.pair(9, [c], 1.0);
            let expected = <Flex as Kernels>::layer_norm(x_cpu, w_cpu, bias_cpu, 1e-6);
            for (kind, dtype) in [("f32", DType::F32), ("f16", DType::F16)] {
                self.report(&format!("layer norm to {kind}: {m}x{c}"), 0.0, Some(&expected), || {
                    <B as Kernels>::layer_norm_as(x.clone(), w.clone(), bias.clone(), 1e-6, dtype)
                });
            }
        }
    }

    /// What a launch costs.
    fn launch(&self) {
        let (x, _) = self.pair(10, [1, 8], 1.0);
        let (w, _) = self.pair(11, [8], 1.0);
        self.report("one small norm", 0.0, None, || <B as Kernels>::layer_norm(x.clone(), w.clone(), w.clone(), 1e-6));
        self.report("chain of 100 small norms", 0.0, None, || {
            (0..100).fold(x.clone(), |x, _| <B as Kernels>::layer_norm(x, w.clone(), w.clone(), 1e-6))
        });
    }

    /// Burn's own operations, with all that it tries before it decides.
    fn stock(&self) {
        for dtype in [DType::F16, DType::F32] {
            let [q, k, v] = [(1, [1, 1, 4096, 256]), (2, [1, 1, 28_736, 256]), (3, [1, 1, 28_736, 64])]
                .map(|(seed, shape)| self.pair(seed, shape, 1.5).0.cast(dtype));
            let gflop = 2e-9 * (4096.0 * 28_736.0 * 320.0);
            self.report(&format!("stock attention {dtype:?}: memory, full bank"), gflop, None, || {
                module::attention(q.clone(), k.clone(), v.clone(), None, None, AttentionModuleOptions::default())
            });
            let (x, _) = self.pair(4, [4096, 384], 1.0);
            let (w, _) = self.pair(5, [384, 1536], 1.0);
            let (x, w) = (x.cast(dtype), w.cast(dtype));
            self.report(
                &format!("stock product {dtype:?}: 4096x384x1536"),
                2e-9 * (4096.0 * 384.0 * 1536.0),
                None,
                || x.clone().matmul(w.clone()),
            );
        }
    }
}
