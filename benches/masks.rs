//! What masks take outside of the network: from logits to run lengths, to text, and onto the picture.
//! `cargo bench --bench masks [-- FILTER]`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made has failed")]

use std::cell::LazyCell;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use maskd_model::image::columns::ColumnUpsampler;
use maskd_output::overlay;
use maskd_types::{
    BinaryMask, Frame, Latency, ObjectId, ObjectState, Rle, RleBuilder, Stamp, TrackedFrame, TrackedObject,
};

/// Widths and heights of sources.
const SOURCES: [[u32; 2]; 3] = [[640, 360], [1280, 720], [1920, 1080]];
/// Sides of the maps of logits that the network gives for images of 256, 512 and 1024 pixels.
const LOGITS: [usize; 3] = [64, 128, 256];

/// How far a place, from 0 to 1 in both directions, is inside a flower with nine petals; negative outside.
fn depth(x: f32, y: f32) -> f32 {
    let (dx, dy) = (x - 0.5, (y - 0.5) * 0.6);
    0.2 + 0.03 * (dy.atan2(dx) * 9.0).sin() - dx.hypot(dy)
}

fn mask([width, height]: [u32; 2]) -> BinaryMask {
    let inside = |x: u32, y: u32| u8::from(depth(x as f32 / width as f32, y as f32 / height as f32) > 0.0);
    BinaryMask::new(width, height, (0..height).flat_map(|y| (0..width).map(move |x| inside(x, y))).collect()).unwrap()
}

fn logits(side: usize) -> Vec<f32> {
    let place = |index: usize| (index as f32 + 0.5) / side as f32;
    (0..side * side).map(|cell| 40.0 * depth(place(cell % side), place(cell / side))).collect()
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group
}

fn shown([width, height]: [u32; 2]) -> BenchmarkId {
    BenchmarkId::from_parameter(format_args!("{width}x{height}"))
}

/// As the tracker makes every mask: from the network's logits, without ever having its pixels.
fn from_logits(criterion: &mut Criterion) {
    let mut group = group(criterion, "mask/from_logits");
    let [width, height] = SOURCES[1];
    for side in LOGITS {
        group.bench_function(BenchmarkId::from_parameter(side), |bencher| {
            let logits = logits(side);
            bencher.iter(|| {
                let mut builder = RleBuilder::new(width, height);
                let upsampler = ColumnUpsampler::new([side; 2], [width as usize, height as usize]);
                upsampler.for_each_run(&logits, |inside, length| builder.push(inside, length));
                builder.finish().unwrap()
            });
        });
    }
}

/// From pixels, as mask prompts and other people's masks come.
fn encode(criterion: &mut Criterion) {
    let mut group = group(criterion, "mask/rle_encode");
    for source in SOURCES {
        let mask = LazyCell::new(|| mask(source));
        group.bench_function(shown(source), |bencher| {
            let mask = &*mask;
            bencher.iter(|| Rle::encode(mask));
        });
    }
}

/// The text that is in JSON lines.
fn to_text(criterion: &mut Criterion) {
    let mut group = group(criterion, "mask/rle_text");
    for source in SOURCES {
        let rle = LazyCell::new(|| Rle::encode(&mask(source)));
        group.bench_function(shown(source), |bencher| {
            let rle = &*rle;
            bencher.iter(|| rle.to_coco_string());
        });
    }
}

/// The same mask for every object: each is drawn for itself.
fn tracked([width, height]: [u32; 2], objects: u32) -> TrackedFrame {
    let mask = Rle::encode(&mask([width, height]));
    let object = |id| TrackedObject {
        id: ObjectId::new(id).unwrap(),
        name: None,
        state: ObjectState::Visible,
        score: 0.98,
        iou: 0.9,
        bbox: mask.bbox(),
        area: mask.area(),
        centroid: mask.centroid(),
        mask: mask.clone(),
    };
    let rgb = vec![96; (width * height * 3) as usize].into();
    let frame = Frame { number: 0, stamp: Stamp::arriving(0), width, height, intact: true, rgb };
    TrackedFrame {
        stream: "bench".into(),
        frame,
        objects: (1..=objects).map(object).collect(),
        latency: Latency::default(),
    }
}

fn draw(criterion: &mut Criterion) {
    let measure = |group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, source: [u32; 2], objects: u32| {
        let frame = LazyCell::new(|| tracked(source, objects));
        group.bench_function(id, |bencher| {
            let frame = &*frame;
            bencher.iter(|| overlay::draw(frame));
        });
    };
    let mut objects = group(criterion, "overlay/objects");
    [1, 2, 4, 8, 16].into_iter().for_each(|n| measure(&mut objects, BenchmarkId::from_parameter(n), SOURCES[1], n));
    objects.finish();
    let mut sizes = group(criterion, "overlay/size");
    SOURCES.into_iter().for_each(|source| measure(&mut sizes, shown(source), source, 1));
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    from_logits(&mut criterion);
    encode(&mut criterion);
    to_text(&mut criterion);
    draw(&mut criterion);
    criterion.final_summary();
}
