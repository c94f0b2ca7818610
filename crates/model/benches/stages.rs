//! What each stage of the network takes: the built-in model on the processor, by size of the picture, by number of objects and by
//! what they remember. `cargo bench -p maskd-model --bench stages [-- FILTER]`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made has failed")]

use std::cell::LazyCell;
use std::time::Duration;

use burn_flex::{Flex, FlexDevice};
use burn_tensor::Tensor;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode};
use maskd_model::{
    Checkpoint, ImageFeatures, Kernels, MemoryMap, ObjectMemory, PointLabel, Pointer, Prediction, PromptPoint, Sam2,
};

/// Sides of the square that the network sees; the built-in model was trained with the first.
const SIZES: [usize; 3] = [256, 512, 1024];
const OBJECTS: [usize; 5] = [1, 2, 4, 8, 16];
/// Frames after which an object remembers as much as it ever will: seven maps and sixteen pointers.
const FULL: usize = 16;
/// Width and height of the source.
const SOURCE: [u32; 2] = [1280, 720];

/// A disc on a ground that gets lighter to the right.
fn picture() -> Vec<u8> {
    let [width, height] = SOURCE;
    let pixel = |x: u32, y: u32| {
        let inside = (f64::from(x) - 640.0).hypot(f64::from(y) - 360.0) < 150.0;
        if inside { [214, 62, 40] } else { [60, 80 + (x / 16) as u8, 90 + (y / 16) as u8] }
    };
    (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect()
}

fn network(size: usize) -> Sam2<Flex> {
    let checkpoint = Checkpoint::builtin().unwrap();
    let mut config = checkpoint.config.clone();
    config.image_size = size;
    Sam2::load(&config, &checkpoint, &FlexDevice).unwrap()
}

/// An object that was clicked on, and what it left behind.
struct Clicked {
    model: Sam2<Flex>,
    image: ImageFeatures<Flex>,
    prediction: Prediction<Flex>,
    memory: Tensor<Flex, 3>,
}

impl Clicked {
    fn new(size: usize) -> Self {
        let model = network(size);
        let image = model.encode_image(&picture(), SOURCE[0], SOURCE[1]).unwrap();
        let middle = size as f32 / 2.0;
        let point = PromptPoint { x: middle, y: middle, label: PointLabel::Positive };
        let prediction = model.prompt(&image, model.without_memory(&image), &[point], None);
        let memory = model.encode_memory(&image, prediction.low_res.clone(), prediction.object_score.clone(), true);
        Self { model, image, prediction, memory }
    }

    /// What the object remembers so many frames after the click, in the order of the reference.
    fn remembered(&self, frames: usize) -> ObjectMemory<Flex> {
        let config = self.model.config();
        let slots = config.num_maskmem;
        let recent = (0..frames.min(slots) - 1).rev();
        let map = |slot| MemoryMap { features: self.memory.clone(), slot };
        let ages = std::iter::once(frames).chain(1..frames.min(config.max_obj_ptrs));
        let pointer = |age: usize| Pointer { vector: self.prediction.pointer.clone(), age: age as u64 };
        ObjectMemory {
            maps: std::iter::once(slots - 1).chain(recent).map(map).collect(),
            pointers: ages.map(pointer).collect(),
        }
    }

    /// The frame's map for so many objects, each with all its memories: `[objects, cells, d_model]`.
    fn attend(&self, memories: &[ObjectMemory<Flex>]) -> Tensor<Flex, 3> {
        let span = self.model.config().max_obj_ptrs as f32 - 1.0;
        self.model.attend_memory(&vec![&self.image; memories.len()], memories, span)
    }

    fn attended(&self, objects: usize) -> Tensor<Flex, 3> {
        self.attend(&vec![self.remembered(FULL); objects])
    }
}

/// Ten times are few, but one may take seconds.
fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    group
}

/// From the source's pixels to features.
fn image_encoding(criterion: &mut Criterion) {
    let mut group = group(criterion, "image_encoding/size");
    for size in SIZES {
        let network = LazyCell::new(|| (network(size), picture()));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            let (model, rgb) = &*network;
            bencher.iter(|| model.encode_image(rgb, SOURCE[0], SOURCE[1]).unwrap());
        });
    }
}

/// A stage by the number of objects at the model's own size, and by the size for one object. `prepare` makes what the stage starts from.
fn by_objects_and_size<T>(
    criterion: &mut Criterion,
    stage: &str,
    prepare: impl Fn(&Clicked, usize) -> T,
    run: impl Fn(&Clicked, &T) -> Tensor<Flex, 3>,
) {
    let measure = |group: &mut BenchmarkGroup<'_, WallTime>, parameter: usize, size: usize, objects: usize| {
        // Criterion calls the closure for every sample, or never where the filter leaves it out.
        let start = LazyCell::new(|| {
            let clicked = Clicked::new(size);
            let prepared = prepare(&clicked, objects);
            (clicked, prepared)
        });
        group.bench_function(BenchmarkId::from_parameter(parameter), |bencher| {
            let (clicked, prepared) = &*start;
            bencher.iter(|| run(clicked, prepared));
        });
    };
    let mut objects = group(criterion, &format!("{stage}/objects"));
    OBJECTS.into_iter().for_each(|count| measure(&mut objects, count, SIZES[0], count));
    objects.finish();
    let mut sizes = group(criterion, &format!("{stage}/size"));
    SIZES.into_iter().for_each(|size| measure(&mut sizes, size, size, 1));
}

/// Looking back at everything that is remembered.
fn memory_attention(criterion: &mut Criterion) {
    by_objects_and_size(
        criterion,
        "memory_attention",
        |clicked, objects| vec![clicked.remembered(FULL); objects],
        |clicked, memories| clicked.attend(memories),
    );
}

/// The same from the first frame after the click until all seven maps are there.
fn memory_fill(criterion: &mut Criterion) {
    let mut group = group(criterion, "memory_attention/maps");
    let clicked = LazyCell::new(|| Clicked::new(SIZES[0]));
    for maps in 1..=7 {
        group.bench_function(BenchmarkId::from_parameter(maps), |bencher| {
            let clicked = &*clicked;
            let memory = [clicked.remembered(maps)];
            bencher.iter(|| clicked.attend(&memory));
        });
    }
}

/// From the frame with its memories to masks.
fn mask_decoding(criterion: &mut Criterion) {
    by_objects_and_size(criterion, "mask_decoding", Clicked::attended, |clicked, map| {
        clicked.model.track(&clicked.image, map.clone()).low_res
    });
}

/// From masks to what later frames remember.
fn memory_encoding(criterion: &mut Criterion) {
    by_objects_and_size(
        criterion,
        "memory_encoding",
        |clicked, objects| clicked.model.track(&clicked.image, clicked.attended(objects)),
        |clicked, tracked| {
            let (low_res, score) = (tracked.low_res.clone(), tracked.object_score.clone());
            clicked.model.encode_memory(&clicked.image, low_res, score, false)
        },
    );
}

fn main() {
    // On a thread of the pool, as the tracker does.
    Flex::together(|| {
        let mut criterion = Criterion::default().configure_from_args();
        image_encoding(&mut criterion);
        memory_attention(&mut criterion);
        memory_fill(&mut criterion);
        mask_decoding(&mut criterion);
        memory_encoding(&mut criterion);
        criterion.final_summary();
    });
}
