//! What a step takes with two objects, and while a third catches up from a click that came late: the built-in model at its own size,
//! 640x480. `cargo bench -p maskd-tracker --bench catch_up [-- LATE]`, where `LATE` is the frames that a click is behind.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made has failed")]

use std::time::Instant;

use maskd_model::{Checkpoint, DeviceSpec};
use maskd_tracker::{Step, StreamFrame, StreamId, StreamTracker, TrackerOptions, open_streams};
use maskd_types::{Action, Frame, ObjectId, Point, Prompt, Stamp};

const STREAM: StreamId = StreamId(0);
const SIZE: [u32; 2] = [640, 480];
/// Objects that are tracked all the time.
const LIVE: u32 = 2;
const ROUNDS: usize = 5;

/// Where an object is.
fn centre(object: u32, number: u64) -> (f64, f64) {
    let angle = number as f64 * 0.02 + f64::from(object) * 2.1;
    (320.0 + 180.0 * angle.cos(), 240.0 + 130.0 * angle.sin())
}

/// Three discs of different colours on a checked ground.
fn picture(number: u64) -> Frame {
    let [width, height] = SIZE;
    let centres = [1, 2, 3].map(|object| centre(object, number));
    let pixel = |x: u32, y: u32| {
        let inside = |&(cx, cy): &(f64, f64)| (f64::from(x) - cx).hypot(f64::from(y) - cy) < 60.0;
        match centres.iter().position(inside) {
            Some(0) => [214, 62, 40],
            Some(1) => [40, 80, 214],
            Some(_) => [230, 200, 50],
            None if (x / 32 + y / 32).is_multiple_of(2) => [70, 96, 74],
            None => [82, 110, 86],
        }
    };
    let rgb: Vec<u8> = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
    Frame { number, stamp: Stamp::arriving(0), width, height, intact: true, rgb: rgb.into() }
}

fn click(object: u32, number: u64) -> Prompt {
    let (x, y) = centre(object, number);
    Prompt::Shapes { points: vec![Point { x: x as f32, y: y as f32, positive: true }], bbox: None }
}

fn id(number: u32) -> ObjectId {
    ObjectId::new(number).unwrap()
}

struct Bench {
    tracker: Box<dyn StreamTracker>,
    number: u64,
}

impl Bench {
    /// The next frame, and the milliseconds it took.
    fn step(&mut self, actions: &[(ObjectId, Action)]) -> (Step, f64) {
        let frame = picture(self.number);
        self.number += 1;
        let started = Instant::now();
        let mut answers = self.tracker.step(&[StreamFrame { stream: STREAM, frame: &frame, actions }]).unwrap();
        let taken = started.elapsed().as_secs_f64() * 1e3;
        (answers.remove(0).unwrap(), taken)
    }

    /// Milliseconds of the click itself and of the steps until the third object has arrived.
    fn late_click(&mut self, late: u64) -> (f64, Vec<f64>) {
        let newest = self.number - 1;
        let started = Instant::now();
        let applied = self.tracker.prompt_past(STREAM, newest - late, id(3), &click(3, newest - late)).unwrap();
        assert_eq!(applied.behind, late);
        let clicked = started.elapsed().as_secs_f64() * 1e3;
        let mut steps = Vec::new();
        loop {
            let (step, taken) = self.step(&[]);
            steps.push(taken);
            if step.caught_up == [id(3)] {
                return (clicked, steps);
            }
            assert!(steps.len() < 100, "the object does not catch up");
        }
    }
}

fn report(what: &str, mut taken: Vec<f64>) {
    taken.sort_by(f64::total_cmp);
    let at = |share: f64| taken[((taken.len() - 1) as f64 * share) as usize];
    println!(
        "{what}: median {:.1} ms, least {:.1} ms, most {:.1} ms ({} times)",
        at(0.5),
        at(0.0),
        at(1.0),
        taken.len()
    );
}

fn main() {
    let late = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(15);
    let options = TrackerOptions { prompt_ring_frames: late as usize + 1, ..TrackerOptions::default() };
    let tracker = open_streams(Checkpoint::builtin().unwrap(), &DeviceSpec::Cpu, options).unwrap();
    println!("on {}, {} bytes for a frame of the ring", tracker.device(), tracker.ring_frame_bytes());
    let mut bench = Bench { tracker, number: 0 };
    let prompts: Vec<_> = (1..=LIVE).map(|object| (id(object), Action::Prompt(click(object, 0)))).collect();
    bench.step(&prompts);
    (0..20).for_each(|_| drop(bench.step(&[])));
    let (mut alone, mut clicks, mut catching, mut with) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.extend((0..20).map(|_| bench.step(&[]).1));
        let (clicked, steps) = bench.late_click(late);
        clicks.push(clicked);
        catching.extend(steps);
        with.extend((0..10).map(|_| bench.step(&[]).1));
        bench.step(&[(id(3), Action::Remove)]);
    }
    report("a step with two objects", alone);
    report("a click on the past", clicks);
    report("a step with two objects while a third catches up", catching);
    report("a step with three objects", with);
}
