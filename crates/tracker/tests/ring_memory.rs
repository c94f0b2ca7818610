//! What a ring costs, by what this process really allocates: on the CPU, tensors are host memory.
#![expect(clippy::unwrap_used, reason = "a test ends where a helper of it finds something wrong")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use maskd_model::{Checkpoint, DeviceSpec};
use maskd_tracker::{StreamFrame, StreamId, StreamTracker, TrackerOptions, open_streams};
use maskd_types::{Action, Frame, ObjectId, Point, Prompt, Stamp};

const STREAM: StreamId = StreamId(0);

/// Bytes that are allocated.
static HELD: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: everything is done by the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the promises of `dealloc`, and `pointer` came from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn open(ring: usize) -> Box<dyn StreamTracker> {
    let options = TrackerOptions { prompt_ring_frames: ring, ..TrackerOptions::default() };
    open_streams(Checkpoint::builtin().unwrap(), &DeviceSpec::Cpu, options).unwrap()
}

fn prompt() -> Prompt {
    Prompt::Shapes { points: vec![Point { x: 9.0, y: 9.0, positive: true }], bbox: None }
}

/// Goes over frames of a grey stream; on the first one there is a click, if there is to be an object.
fn play(tracker: &mut dyn StreamTracker, numbers: std::ops::Range<u64>, object: bool) {
    for number in numbers {
        let rgb = vec![99; 24 * 16 * 3].into();
        let frame = Frame { number, stamp: Stamp::arriving(0), width: 24, height: 16, intact: true, rgb };
        let click = [(ObjectId::FIRST, Action::Prompt(prompt()))];
        let actions: &[_] = if object && number == 0 { &click } else { &[] };
        let answers = tracker.step(&[StreamFrame { stream: STREAM, frame: &frame, actions }]).unwrap();
        assert!(answers[0].is_ok());
    }
}

/// Bytes that a stream with one object and a ring of some frames holds after 24 frames, and 8 frames later.
fn held(ring: usize) -> [usize; 2] {
    let mut tracker = open(ring);
    let before = HELD.load(Ordering::Relaxed);
    play(tracker.as_mut(), 0..24, true);
    let full = HELD.load(Ordering::Relaxed) - before;
    play(tracker.as_mut(), 24..32, true);
    [full, HELD.load(Ordering::Relaxed) - before]
}

/// What one frame leaves behind for an object.
fn memory_bytes() -> u64 {
    let mut tracker = open(0);
    play(tracker.as_mut(), 0..2, true);
    let before = tracker.bank_bytes(STREAM);
    play(tracker.as_mut(), 2..3, true);
    tracker.bank_bytes(STREAM) - before
}

/// Bytes that the first object of a stream takes, which begins on a frame that is past.
fn held_for_a_past_prompt() -> u64 {
    let mut idle = open(8);
    play(idle.as_mut(), 0..8, false);
    let before = HELD.load(Ordering::Relaxed);
    idle.prompt_past(STREAM, 3, ObjectId::FIRST, &prompt()).unwrap();
    (HELD.load(Ordering::Relaxed) - before) as u64
}

/// One test, so that nothing else allocates meanwhile.
#[test]
fn a_ring_costs_what_it_says() {
    // Threads keep memory to work in; which of several takes what is different every time.
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    // Whatever is set up only once.
    held(4);
    held_for_a_past_prompt();
    let (none, short, long) = (held(0), held(4), held(12));
    for [full, later] in [none, short, long] {
        assert!(full.abs_diff(later) < full / 50, "memory goes on growing: {full} bytes, then {later}");
    }
    let features = open(4).ring_frame_bytes();
    let memory = memory_bytes();
    let frame = (long[0] - short[0]) as u64 / 8;
    println!("a frame takes {frame} bytes: {features} for its features, {memory} for what an object remembers of it");
    assert!(frame >= features && frame <= (features + memory) * 103 / 100);

    let first = held_for_a_past_prompt();
    println!("encoding a past frame for a new object takes {first} bytes");
    assert!(first >= features && first <= (features + 2 * memory) * 105 / 100);
}
