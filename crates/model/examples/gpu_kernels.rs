//! Checks the kernels of a GPU against the processor and times them at the sizes of the network.
//!
//! `gpu_kernels DEVICE [PART ..]` with parts `attention`, `linear`, `norm`, `launch`; all of them without one, and
//! on demand `stock` and `network-tiny-f16`, `network-base-plus-f32` and the like. Each line names
//! an operation, the greatest difference from the processor's result as a fraction of its greatest value, and the time of one run.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use burn_flex::{Flex, FlexDevice};
use burn_tensor::ops::AttentionModuleOptions;
use burn_tensor::{DType, Tensor, TensorData, module};
use maskd_model::checkpoint::HostTensor;
use maskd_model::config::{Family, ModelConfig, Size};
use maskd_model::kernels::Curve;
use maskd_model::{
    Device, DeviceSpec, Kernels, MemoryMap, ModelError, ObjectMemory, OnBackend, Pointer, Precision, Sam2,
    TensorSource, read,
};

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
        for size in [Size::Tiny, Size::BasePlus] {
            for precision in [Precision::F16, Precision::F32] {
                let part = format!("network-{}-{precision}", size.as_str());
                if self.parts.contains(&part)
                    && let Err(error) = bench.network(size, precision)
                {
                    println!("{part} failed: {error}");
                }
            }
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

    /// Frames of a network with made-up weights and a full memory, as a tracker goes through them.
    fn network(&self, size: Size, precision: Precision) -> Result<(), ModelError> {
        let config = ModelConfig::official(Family::Sam21, size);
        let weights = Weights::of(&config);
        let begun = Instant::now();
        let model = Sam2::<B>::load_as(&config, &weights, &self.device, precision)?;
        println!("{}, {precision}: loaded in {:.1} s", config.full_name(), begun.elapsed().as_secs_f64());
        let picture = vec![100; 3 * 1280 * 720];
        let counts: &[usize] = if self.small { &[1] } else { &[1, 2, 4, 8] };
        for &objects in counts {
            let cells = config.feature_grid() * config.feature_grid();
            let memory = ObjectMemory {
                maps: (0..config.num_maskmem)
                    .map(|slot| MemoryMap { features: self.pair(20, [1, cells, config.mem_dim], 1.0).0, slot })
                    .collect(),
                pointers: (1..=16)
                    .map(|age| Pointer { vector: self.pair(21, [1, config.d_model], 1.0).0, age })
                    .collect(),
            };
            let memories = vec![memory; objects];
            let frames = if self.small { 2 } else { 30 };
            let mut times = Vec::new();
            for frame in 0..frames {
                let begun = Instant::now();
                if std::env::var_os("EMU_TRACE").is_some() {
                    eprintln!("FRAME {frame}");
                }
                let image = model.encode_image(&picture, 1280, 720)?;
                let encoded = begun.elapsed();
                let map = model.attend_memory(&vec![&image; objects], &memories, 15.0);
                let prediction = model.track(&image, map);
                let learned = model.encode_memory(&image, prediction.low_res.clone(), prediction.object_score, false);
                let issued = begun.elapsed();
                let masks = read(prediction.low_res)?;
                times.push([encoded, issued, begun.elapsed()].map(|t| t.as_secs_f64() * 1e3));
                drop((learned, masks));
            }
            let first = times[0][2];
            times.sort_by(|a, b| a[2].total_cmp(&b[2]));
            let [encoded, issued, whole] = times[times.len() / 2];
            println!(
                "{objects} object(s): {whole:.2} ms a frame ({:.1} frames/s), {encoded:.2} ms until the encoder was issued, {issued:.2} \
                 until all was; first {:.1} s",
                1e3 / whole,
                first / 1e3
            );
        }
        Ok(())
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

/// Made-up weights of every tensor that a network has.
struct Weights(HashMap<String, HostTensor>);

impl Weights {
    fn of(config: &ModelConfig) -> Self {
        let made_up = |(seed, spec): (usize, maskd_model::config::TensorSpec)| {
            let inputs = spec.shape.iter().skip(1).product::<usize>().max(1);
            let count = spec.shape.iter().product();
            let scale = if spec.shape.len() == 1 { 0.1 } else { 1.7 / (inputs as f32).sqrt() };
            let offset = if spec.name.contains("norm") && spec.name.ends_with("weight") { 1.0 } else { 0.0 };
            let data = values(seed as u64, count, scale).into_iter().map(|v| v + offset).collect();
            (spec.name, HostTensor { shape: spec.shape, data })
        };
        Self(config.tensor_table().into_iter().enumerate().map(made_up).collect())
    }
}

impl TensorSource for Weights {
    fn tensor(&self, name: &str) -> Result<&HostTensor, ModelError> {
        let missing = || ModelError::NoTensor { file: "made up".to_owned(), tensor: name.to_owned() };
        self.0.get(name).ok_or_else(missing)
    }
}
