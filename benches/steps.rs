//! What a whole frame takes, from pixels to the run lengths of all masks: the built-in model on the processor, memory banks full.
//! `cargo bench --bench steps [-- FILTER]`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made has failed")]

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode};
use maskd_model::{Checkpoint, DeviceSpec};
use maskd_tracker::{Step, Tracker, TrackerOptions, open};
use maskd_types::{Action, Frame, ObjectId, Point, Prompt, Stamp};

/// Width and height of the source.
const SOURCE: [u32; 2] = [640, 480];
/// Discs along a side of the picture.
const GRID: u32 = 4;
/// Frames until a bank has all its maps.
const FILLING: u64 = 7;

/// Where the disc of an object is.
fn centre(object: u32) -> [f32; 2] {
    let place = |index: u32, length: u32| (index as f32 + 0.5) * length as f32 / GRID as f32;
    [place((object - 1) % GRID, SOURCE[0]), place((object - 1) / GRID, SOURCE[1])]
}

/// Sixteen discs on a checked ground.
fn picture() -> Frame {
    let [width, height] = SOURCE;
    let centres: Vec<[f32; 2]> = (1..=GRID * GRID).map(centre).collect();
    let pixel = |x: u32, y: u32| {
        let inside = |[cx, cy]: &[f32; 2]| (x as f32 - cx).hypot(y as f32 - cy) < 40.0;
        match centres.iter().position(inside) {
            Some(index) => [214, 40 + 12 * index as u8, 40],
            None if (x / 32 + y / 32).is_multiple_of(2) => [70, 96, 74],
            None => [82, 110, 86],
        }
    };
    let rgb: Vec<u8> = (0..height).flat_map(|y| (0..width).flat_map(|x| pixel(x, y)).collect::<Vec<_>>()).collect();
    Frame { number: 0, stamp: Stamp::arriving(0), width, height, intact: true, rgb: rgb.into() }
}

/// A tracker that follows so many discs.
struct Following {
    tracker: Box<dyn Tracker>,
    frame: Frame,
}

impl Following {
    fn new(image_size: usize, objects: u32) -> Self {
        let options = TrackerOptions { image_size: Some(image_size), ..TrackerOptions::default() };
        let tracker = open(Checkpoint::builtin().unwrap(), &DeviceSpec::Cpu, options).unwrap();
        let mut following = Self { tracker, frame: picture() };
        let clicks: Vec<_> = (1..=objects).map(|object| (ObjectId::new(object).unwrap(), click(object))).collect();
        following.step(&clicks);
        (0..FILLING).for_each(|_| drop(following.step(&[])));
        following
    }

    /// The next frame, which looks like the one before.
    fn step(&mut self, actions: &[(ObjectId, Action)]) -> Step {
        let step = self.tracker.step(&self.frame, actions).unwrap();
        self.frame.number += 1;
        step
    }
}

fn click(object: u32) -> Action {
    let [x, y] = centre(object);
    Action::Prompt(Prompt::Shapes { points: vec![Point { x, y, positive: true }], bbox: None })
}

fn measure(group: &mut BenchmarkGroup<'_, WallTime>, parameter: impl std::fmt::Display, size: usize, objects: u32) {
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    // Criterion calls the closure for every sample, or never where the filter leaves it out.
    let mut following = None;
    group.bench_function(BenchmarkId::from_parameter(parameter), |bencher| {
        let following = following.get_or_insert_with(|| Following::new(size, objects));
        bencher.iter(|| following.step(&[]));
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut objects = criterion.benchmark_group("step/objects");
    [1, 2, 4, 8, 16].into_iter().for_each(|count| measure(&mut objects, count, 256, count));
    objects.finish();
    let mut sizes = criterion.benchmark_group("step/size");
    [256, 512, 1024].into_iter().for_each(|size| measure(&mut sizes, size, size, 1));
    sizes.finish();
    criterion.final_summary();
}
