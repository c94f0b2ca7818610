use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use burn_tensor::{DType, Tensor, TensorData};
use maskd_model::kernels::Curve;
use maskd_model::{Device, Kernels, OnBackend};

use super::{Difference, Measurement, millis, sync};

/// What to measure of single operations.
#[derive(Clone, Debug)]
pub struct KernelOptions {
    /// Only operations whose name contains this.
    pub only: String,
    /// Lengths of sequences and maps are divided by this, for slow devices.
    pub shrink: usize,
    /// How many in a row are timed; that is done three times.
    pub rounds: usize,
}

/// Compares operations of the network, at the sizes of `tiny` at 1024 pixels, with the processor, and times them. Each is told
/// once it is done.
pub fn measure_kernels(device: &Device, options: &KernelOptions, say: &mut dyn FnMut(Measurement)) {
    device.run(Bench { options, say });
}

/// An operation and its sizes.
enum Operation {
    /// Batch, heads, queries, keys, width of keys, width of values.
    Attention([usize; 6]),
    /// Rows, inner, columns; with a gelu behind.
    Product([usize; 3]),
    /// Rows, inner, columns; added to what was there.
    ProductAdd([usize; 3]),
    /// Side of the map, channels, channels of the result, side of a window.
    WindowsProductAdd([usize; 4]),
    /// Rows, channels.
    Norm([usize; 2]),
    /// Side of the map, channels, side of a window.
    NormWindows([usize; 3]),
    /// Tokens, channels.
    Rope([usize; 2]),
    /// Side of the map, channels, channels of the result, side of the filter, stride, padding.
    Convolution([usize; 6]),
    /// Side of the map, channels.
    Depthwise([usize; 2]),
    /// Filters, pixels, channels.
    FilterMap([usize; 3]),
    /// Side of the map, channels.
    Pool([usize; 2]),
    /// Side of the map, channels of the result.
    Shuffle([usize; 2]),
    /// Side before and after.
    Upsample([usize; 2]),
    /// Side of the square that a picture of 1280 by 720 pixels becomes.
    Picture(usize),
    /// Norms of one row, each after the other, and channels: what a launch costs.
    Chain([usize; 2]),
}

use Operation::{
    Attention, Chain, Convolution, Depthwise, FilterMap, Norm, NormWindows, Picture, Pool, Product, ProductAdd, Rope,
    Shuffle, Upsample, WindowsProductAdd,
};

/// What is asked most comes first: there may not be time for all.
const OPERATIONS: [(&str, Operation); 26] = [
    ("memory attention, full bank", Attention([1, 1, 4096, 28_736, 256, 64])),
    ("norm of 96", Norm([65_536, 96])),
    ("norm of 384", Norm([4096, 384])),
    ("norm of 256", Norm([4096, 256])),
    ("norm of 96 to windows of 8", NormWindows([256, 96, 8])),
    ("norm of 384 to windows of 14", NormWindows([64, 384, 14])),
    ("product and gelu, first stage", Product([65_536, 96, 384])),
    ("product and gelu, third stage", Product([4096, 384, 1536])),
    ("product and gelu, memory", Product([4096, 256, 2048])),
    ("product and sum, memory", ProductAdd([4096, 2048, 256])),
    ("product of windows and sum", WindowsProductAdd([64, 384, 384, 14])),
    ("attention of the map to itself", Attention([1, 1, 4096, 4096, 256, 256])),
    ("attention of the trunk, whole map", Attention([1, 4, 4096, 4096, 96, 96])),
    ("attention of the trunk, windows of 8", Attention([1024, 1, 64, 64, 96, 96])),
    ("attention of the trunk, windows of 14", Attention([25, 4, 196, 196, 96, 96])),
    ("attention of tokens to the map", Attention([1, 8, 8, 4096, 16, 16])),
    ("rotation of keys", Rope([4096, 256])),
    ("patches", Convolution([1024, 3, 96, 7, 4, 3])),
    ("convolution of masks", Convolution([512, 4, 16, 3, 2, 1])),
    ("depthwise convolution", Depthwise([64, 256])),
    ("masks of filters", FilterMap([4, 65_536, 32])),
    ("pool", Pool([256, 192])),
    ("pixel shuffle", Shuffle([64, 64])),
    ("masks made larger", Upsample([256, 1024])),
    ("picture to the device", Picture(1024)),
    ("100 small norms in a row", Chain([100, 8])),
];

/// What an operation makes.
enum Made<B: Kernels> {
    Sequence(Tensor<B, 3>),
    Map(Tensor<B, 4>),
}

impl<B: Kernels> Made<B> {
    fn read(self) -> Result<Vec<f32>, String> {
        let data = match self {
            Self::Sequence(tensor) => tensor.cast(DType::F32).try_into_data(),
            Self::Map(tensor) => tensor.cast(DType::F32).try_into_data(),
        };
        data.map_err(|error| format!("the device failed: {error:?}"))?.to_vec().map_err(|error| format!("{error:?}"))
    }
}

/// Makes inputs: pseudo-random, the same ones on every backend.
struct Source<'a, B: Kernels> {
    device: &'a B::Device,
    shrink: usize,
    seed: Cell<u64>,
    bytes: Cell<usize>,
}

impl<'a, B: Kernels> Source<'a, B> {
    fn new(device: &'a B::Device, shrink: usize) -> Self {
        Self { device, shrink, seed: Cell::new(1), bytes: Cell::new(0) }
    }

    fn shrunk(&self, length: usize) -> usize {
        // Sides of maps are halved and cut into windows.
        (length / self.shrink).max(length.min(32))
    }

    fn f32<const D: usize>(&self, shape: [usize; D]) -> Tensor<B, D> {
        let count = shape.iter().product();
        self.seed.set(self.seed.get() + 1);
        self.bytes.set(self.bytes.get() + 4 * count);
        let mut state = self.seed.get().wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        Tensor::from_data(TensorData::new((0..count).map(|_| next()).collect(), shape), self.device)
    }

    fn of<const D: usize>(&self, shape: [usize; D], dtype: DType) -> Tensor<B, D> {
        let values = self.f32(shape);
        let count: usize = shape.iter().product();
        self.bytes.set(self.bytes.get() - count * (4 - dtype.size()));
        values.cast(dtype)
    }
}

impl Operation {
    /// The precisions that the network asks of it on such a device.
    fn dtypes<B: Kernels>(&self) -> &'static [DType] {
        match self {
            _ if !B::HALF => &[DType::F32],
            Attention(_) | Product(_) | ProductAdd(_) | WindowsProductAdd(_) | Norm(_) | NormWindows(_) => {
                &[DType::F16, DType::F32]
            }
            _ => &[DType::F32],
        }
    }

    /// Floating-point operations, where they are what takes the time.
    fn flop(&self, shrunk: impl Fn(usize) -> usize) -> Option<f64> {
        match *self {
            Attention([batch, heads, n, m, d, e]) => {
                Some(2.0 * (shrunk(batch) * heads * shrunk(n) * shrunk(m) * (d + e)) as f64)
            }
            Product([rows, inner, columns]) | ProductAdd([rows, inner, columns]) => {
                Some(2.0 * (shrunk(rows) * inner * columns) as f64)
            }
            _ => None,
        }
    }

    /// Inputs, and what is to be done with them.
    fn prepare<B: Kernels>(&self, from: &Source<B>, dtype: DType) -> Box<dyn Fn() -> Made<B>> {
        let short = |length| from.shrunk(length);
        match *self {
            Attention([batch, heads, n, m, d, e]) => {
                let (batch, n, m) = (short(batch), short(n), short(m));
                let (q, k) = (from.of([batch, n, heads * d], dtype), from.of([batch, m, heads * d], dtype));
                let v = from.of([batch, m, heads * e], dtype);
                Box::new(move || Made::Sequence(B::attend(q.clone(), k.clone(), v.clone(), heads)))
            }
            Product([rows, inner, columns]) => {
                let (x, w) = (from.of([1, short(rows), inner], dtype), from.of([inner, columns], dtype));
                let bias = from.f32([columns]);
                Box::new(move || {
                    let bias = Some(bias.clone());
                    Made::Sequence(B::linear_curve(x.clone(), w.clone(), bias, Curve::Gelu, dtype))
                })
            }
            ProductAdd([rows, inner, columns]) => {
                let (x, w) = (from.of([1, short(rows), inner], dtype), from.of([inner, columns], dtype));
                let (bias, before) = (from.f32([columns]), from.f32([1, short(rows), columns]));
                Box::new(move || {
                    Made::Sequence(B::linear_add(x.clone(), w.clone(), Some(bias.clone()), before.clone()))
                })
            }
            WindowsProductAdd([side, channels, out, size]) => {
                let side = short(side);
                let count = side.div_ceil(size) * side.div_ceil(size);
                let x = from.of([count, size, size, channels], dtype);
                let (w, bias) = (from.of([channels, out], dtype), from.f32([out]));
                let before = from.f32([1, side, side, out]);
                Box::new(move || {
                    let bias = Some(bias.clone());
                    Made::Map(B::linear_add_windows(x.clone(), w.clone(), bias, before.clone(), size))
                })
            }
            Norm([rows, channels]) => {
                let x = from.f32([1, short(rows), channels]);
                let (w, b) = (from.f32([channels]), from.f32([channels]));
                Box::new(move || Made::Sequence(B::layer_norm_as(x.clone(), w.clone(), b.clone(), 1e-6, dtype)))
            }
            NormWindows([side, channels, size]) => {
                let x = from.f32([1, short(side), short(side), channels]);
                let (w, b) = (from.f32([channels]), from.f32([channels]));
                Box::new(move || Made::Map(B::layer_norm_windows(x.clone(), w.clone(), b.clone(), 1e-6, size, dtype)))
            }
            Rope([tokens, channels]) => {
                let x = from.f32([1, short(tokens), channels]);
                let [cos, sin] = [(); 2].map(|()| from.f32([short(tokens), channels / 2]));
                Box::new(move || Made::Sequence(B::rope(x.clone(), cos.clone(), sin.clone())))
            }
            Convolution([side, channels, out, filter, stride, padding]) => {
                let x = from.f32([1, short(side), short(side), channels]);
                let (w, b) = (from.f32([filter, filter, channels, out]), from.f32([out]));
                Box::new(move || Made::Map(<B as Kernels>::conv2d(x.clone(), w.clone(), b.clone(), stride, padding)))
            }
            Depthwise([side, channels]) => {
                let x = from.f32([1, short(side), short(side), channels]);
                let (w, b) = (from.f32([7, 7, channels]), from.f32([channels]));
                Box::new(move || Made::Map(<B as Kernels>::depthwise_conv2d(x.clone(), w.clone(), b.clone(), 3)))
            }
            FilterMap([filters, pixels, channels]) => {
                let (f, map) = (from.f32([1, filters, channels]), from.f32([1, short(pixels), channels]));
                Box::new(move || Made::Sequence(B::filter_map(f.clone(), map.clone())))
            }
            Pool([side, channels]) => {
                let x = from.f32([1, short(side), short(side), channels]);
                Box::new(move || Made::Map(B::max_pool_2x2(x.clone())))
            }
            Shuffle([side, channels]) => {
                let x = from.f32([1, short(side), short(side), 4 * channels]);
                Box::new(move || Made::Map(B::pixel_shuffle_2x2(x.clone())))
            }
            Upsample([before, after]) => {
                let (x, to) = (from.f32([1, short(before), short(before)]), [short(after); 2]);
                Box::new(move || Made::Sequence(B::upsample_bilinear(x.clone(), to)))
            }
            Picture(side) => {
                let (side, device, [width, height]) = (short(side), from.device.clone(), [1280, 720].map(short));
                let rgb: Vec<u8> = (0..3 * width * height).map(|i| (i % 251) as u8).collect();
                Box::new(move || Made::Map(B::picture(&rgb, [width, height], side, &device)))
            }
            Chain([count, channels]) => {
                let x = from.f32([1, 1, channels]);
                let (w, b) = (from.f32([channels]), from.f32([channels]));
                let step = move |x, _| <B as Kernels>::layer_norm(x, w.clone(), b.clone(), 1e-6);
                Box::new(move || Made::Sequence((0..count).fold(x.clone(), &step)))
            }
        }
    }
}

struct Bench<'a> {
    options: &'a KernelOptions,
    say: &'a mut dyn FnMut(Measurement),
}

/// What the processor makes of it.
struct Expected<'a> {
    operation: &'a Operation,
    shrink: usize,
}

impl OnBackend for Expected<'_> {
    type Output = Result<Vec<f32>, String>;

    fn run<B: Kernels>(self, device: B::Device) -> Self::Output {
        self.operation.prepare::<B>(&Source::new(&device, self.shrink), DType::F32)().read()
    }
}

impl OnBackend for Bench<'_> {
    type Output = ();

    fn run<B: Kernels>(self, device: B::Device) {
        for (name, operation) in OPERATIONS.iter().filter(|(name, _)| name.contains(&self.options.only)) {
            let shrink = self.options.shrink.max(1);
            let expected = Device::Cpu.run(Expected { operation, shrink });
            for &dtype in operation.dtypes::<B>() {
                let source = Source::<B>::new(&device, shrink);
                let mut found = Measurement {
                    name: format!("{name}, {dtype:?}").to_lowercase(),
                    flop: operation.flop(|length| source.shrunk(length)),
                    ..Measurement::default()
                };
                // What one operation fails with need not be the end of the others.
                let outcome = catch_unwind(AssertUnwindSafe(|| {
                    let expected = expected.as_ref().map_err(Clone::clone)?;
                    measure::<B>(operation, &source, dtype, expected, self.options.rounds.max(1), &mut found)
                }));
                found.failed = outcome.unwrap_or_else(|_| Err("it panicked".to_owned())).err();
                (self.say)(found);
            }
        }
    }
}

fn measure<B: Kernels>(
    operation: &Operation,
    source: &Source<B>,
    dtype: DType,
    expected: &[f32],
    rounds: usize,
    found: &mut Measurement,
) -> Result<(), String> {
    let work = operation.prepare(source, dtype);
    sync::<B>(source.device)?;
    let started = Instant::now();
    let result = work().read()?;
    found.first_ms = millis(started);
    found.off_by = Some(Difference::new(expected, &result, dtype));
    found.bytes = Some((source.bytes.get() + result.len() * dtype.size()) as f64);
    for _ in 0..3 {
        sync::<B>(source.device)?;
        let started = Instant::now();
        // Held until the device is idle: what nobody holds need not be computed.
        let results: Vec<_> = (0..rounds).map(|_| work()).collect();
        found.asked_ms.push(millis(started) / rounds as f64);
        sync::<B>(source.device)?;
        found.ms.push(millis(started) / rounds as f64);
        drop(results);
    }
    Ok(())
}
