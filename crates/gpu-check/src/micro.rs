//! `micro`: single operations at the sizes that SAM 2 has at 1024 pixels.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use burn_tensor::module;
use burn_tensor::ops::AttentionModuleOptions;
use burn_tensor::{DType, Distribution, Tensor, TensorData};
use maskd_model::{Device, Kernels, OnBackend};
use serde_json::{Value, json};

use crate::cli::MicroArgs;
use crate::events::{round, say};
use crate::panics;
use crate::stages::sync;
use crate::timing::{millis, summary};

const TYPES: [DType; 3] = [DType::F32, DType::BF16, DType::F16];
/// Products of the encoder and of memory attention, and one that is large enough to show what the device can do: rows, inner, columns
const PRODUCTS: [[usize; 3]; 5] =
    [[4096, 384, 1536], [4096, 256, 2048], [65536, 96, 384], [4096, 256, 28736], [8192, 8192, 8192]];
/// Batch, heads, queries, keys, width of keys, width of values: memory attention, its self attention, global and window attention of `tiny`
const ATTENTIONS: [(&str, [usize; 6]); 4] = [
    ("memory", [1, 1, 4096, 28736, 256, 64]),
    ("self", [1, 1, 4096, 4096, 256, 256]),
    ("global", [1, 4, 4096, 4096, 96, 96]),
    ("window", [1024, 1, 64, 64, 96, 96]),
];

/// Times operations.
pub fn run(args: &MicroArgs) -> anyhow::Result<()> {
    let device = Device::find(&args.device)?;
    panics::watch(&device, true);
    device.run(Micro { args });
    Ok(())
}

struct Micro<'a> {
    args: &'a MicroArgs,
}

impl OnBackend for Micro<'_> {
    type Output = ();

    fn run<B: Kernels>(self, device: B::Device) {
        let bench = Bench::<B> { args: self.args, device };
        bench.transfers();
        bench.memory_bandwidth();
        bench.launches();
        // What is asked most comes first: there may not be time for all.
        let (first, rest) = PRODUCTS.split_at(2);
        bench.products(first);
        bench.attentions();
        bench.row_operations();
        bench.products(rest);
    }
}

struct Bench<'a, B: Kernels> {
    args: &'a MicroArgs,
    device: B::Device,
}

impl<B: Kernels> Bench<'_, B> {
    fn shrunk(&self, length: usize) -> usize {
        (length / self.args.shrink).max(64)
    }

    fn random<const D: usize>(&self, shape: [usize; D], dtype: DType) -> Tensor<B, D> {
        let values: Tensor<B, D> = Tensor::random(shape, Distribution::Normal(0.0, 1.0), &self.device);
        values.cast(dtype)
    }

    /// Times `work` and says so with what `describe` makes of the median in milliseconds. A panic is said and forgotten.
    fn time<T>(&self, name: &str, work: impl Fn() -> T, describe: impl Fn(f64) -> Value) {
        if !name.contains(&self.args.only) {
            return;
        }
        let first = Instant::now();
        let measured = catch_unwind(AssertUnwindSafe(|| -> anyhow::Result<(f64, Vec<f64>)> {
            drop(work());
            sync::<B>(&self.device)?;
            let first = millis(first);
            let mut times = Vec::new();
            for _ in 0..self.args.rounds.get() {
                let started = Instant::now();
                let result = work();
                sync::<B>(&self.device)?;
                times.push(millis(started));
                drop(result);
            }
            Ok((first, times))
        }));
        match measured {
            Ok(Ok((first, mut times))) => {
                times.sort_by(f64::total_cmp);
                let median = times[times.len() / 2];
                let fields =
                    json!({ "name": name, "first_ms": round(first), "ms": summary(times), "is": describe(median) });
                say("micro", fields);
            }
            Ok(Err(error)) => say("micro", json!({ "name": name, "failed": error.to_string() })),
            Err(_) => say("micro", json!({ "name": name, "failed": "panic" })),
        }
    }

    fn transfers(&self) {
        let side = self.shrunk(1024);
        let values = TensorData::new(vec![0.5_f32; side * side * 3], [side * side * 3]);
        let rate = |bytes: usize| move |ms: f64| json!({ "GB_per_s": round(bytes as f64 / ms / 1e6) });
        let up = || Tensor::<B, 1>::from_data(values.clone(), &self.device);
        self.time("upload f32 picture", up, rate(side * side * 12));
        let logits = self.random([1, 256, 256], DType::F32);
        let down = || maskd_model::read(logits.clone());
        self.time("read 256x256 f32", down, rate(256 * 256 * 4));
        self.time("nothing but a sync", || (), |_| Value::Null);
    }

    fn memory_bandwidth(&self) {
        let count = self.shrunk(1 << 26);
        let x = self.random([count], DType::F32);
        let bytes = count * 8;
        self.time(
            "add a number to 256 MiB",
            || x.clone() + 1.0,
            |ms| json!({ "GB_per_s": round(bytes as f64 / ms / 1e6) }),
        );
    }

    /// Small products in a row: each is a launch, and none can be fused with the next.
    fn launches(&self) {
        const COUNT: usize = 500;
        let a = self.random([64, 64], DType::F32) * 0.01;
        let work = || (0..COUNT).fold(a.clone(), |x, _| x.matmul(a.clone()));
        self.time("500 products 64x64", work, |ms| json!({ "us_per_launch": round(ms * 1e3 / COUNT as f64) }));
    }

    fn products(&self, sizes: &[[usize; 3]]) {
        for size in sizes {
            let size = size.map(|length| self.shrunk(length));
            let [rows, inner, columns] = size;
            let flop = 2.0 * (rows * inner * columns) as f64;
            for dtype in TYPES {
                let (a, b) = (self.random([rows, inner], dtype), self.random([inner, columns], dtype));
                let name = format!("product {rows}x{inner}x{columns} {dtype:?}");
                self.time(&name, || a.clone().matmul(b.clone()), |ms| json!({ "TFLOP_per_s": round(flop / ms / 1e9) }));
            }
        }
    }

    fn row_operations(&self) {
        for [rows, width] in [[65536, 96], [4096, 1536], [4096, 256]] {
            let x = self.random([1, self.shrunk(rows), width], DType::F32);
            let (weight, bias) = (self.random([width], DType::F32), self.random([width], DType::F32));
            let bytes = self.shrunk(rows) * width * 8;
            let rate = |ms: f64| json!({ "GB_per_s": round(bytes as f64 / ms / 1e6) });
            let norm = || <B as Kernels>::layer_norm(x.clone(), weight.clone(), bias.clone(), 1e-6);
            self.time(&format!("layer norm {rows}x{width}"), norm, rate);
            self.time(&format!("gelu {rows}x{width}"), || <B as Kernels>::gelu(x.clone()), rate);
        }
    }

    fn attentions(&self) {
        for (what, [batch, heads, queries, keys, width, value_width]) in ATTENTIONS {
            let (batch, queries, keys) =
                (batch.div_ceil(self.args.shrink.get()), self.shrunk(queries), self.shrunk(keys));
            let flop = 2.0 * (batch * heads * queries * keys * (width + value_width)) as f64;
            let rate = |ms: f64| json!({ "TFLOP_per_s": round(flop / ms / 1e9) });
            for dtype in TYPES {
                let q = self.random([batch, heads, queries, width], dtype);
                let k = self.random([batch, heads, keys, width], dtype);
                let v = self.random([batch, heads, keys, value_width], dtype);
                let burn = || {
                    let options = AttentionModuleOptions::default();
                    module::attention(q.clone(), k.clone(), v.clone(), None, None, options)
                };
                self.time(&format!("attention of Burn, {what} {dtype:?}"), burn, rate);
                if dtype == DType::F32 {
                    let ours = || <B as Kernels>::attention(q.clone(), k.clone(), v.clone());
                    self.time(&format!("attention of ours, {what} {dtype:?}"), ours, rate);
                }
            }
        }
    }
}
