//! A process that is connected, subscribes and then does nothing more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use maskd_output::Sink;
use maskd_output::zenoh::{ZenohConfig, ZenohFormat, ZenohSink};
use maskd_types::TrackedFrame;

use super::common::live::{resident, shot_of};
use super::reader::{Attachment, Order, Reader, Seen};
use super::{endpoint, until_read};

/// As many frames as a camera sends in a few seconds, of 0.9 MB each: much more than systems and queues take in.
const FRAMES: u64 = 150;
const PAUSE: Duration = Duration::from_millis(20);

#[test]
fn a_reader_that_hangs_delays_nobody() {
    let at = endpoint();
    let (connect, listen) = (vec![endpoint()], vec![at.clone()]);
    let format = ZenohFormat::Cdr;
    let mut sink = ZenohSink::open(ZenohConfig { connect, listen, format, ..ZenohConfig::default() }).unwrap();
    let order = Order { connect: vec![at], key: "0/**".into(), ..Order::default() };
    let [well, hung] = [Reader::start(&order), Reader::start(&order)];
    until_read(&mut sink, &well);
    until_read(&mut sink, &hung);
    let frame = shot_of("yard", 0, [1280, 720]);
    let before = write(&mut sink, &frame, FRAMES / 5);
    hung.freeze();
    let memory = resident();
    let after = write(&mut sink, &frame, FRAMES);
    println!("a write took {before:?} at most, with a hanging reader {after:?}");
    assert!(after < Duration::from_secs(1), "{after:?}");
    let grown = resident().saturating_sub(memory);
    assert!(grown < 100 << 20, "{} MB more memory", grown >> 20);
    // Boxes are small: the reader that is well misses none of them. It may miss masks where the machine is busy.
    let last = i64::try_from(FRAMES + FRAMES / 5).unwrap();
    let seen = seen_until(&well, last);
    let of = |leaf: &str| seen.iter().filter(|key| key.contains(leaf)).count();
    println!("of {last} frames the other reader has {} masks", of("/yard/mask/"));
    assert_eq!(of("/yard/detections/"), usize::try_from(last).unwrap());
    assert!(of("/yard/mask/") > 0);
}

/// Writes at a steady pace; returns how long one write took at most.
fn write(sink: &mut ZenohSink, frame: &Arc<TrackedFrame>, count: u64) -> Duration {
    let mut longest = Duration::ZERO;
    for _ in 0..count {
        let started = Instant::now();
        sink.write(frame).unwrap();
        longest = longest.max(started.elapsed());
        std::thread::sleep(PAUSE);
    }
    longest
}

/// The keys of all messages up to the last boxes.
fn seen_until(reader: &Reader, last: i64) -> Vec<String> {
    let mut keys = Vec::new();
    loop {
        let Seen::Message { key, attachment: Some(Attachment { number, .. }), .. } = reader.next() else { continue };
        let is_last = number == last && key.contains("/yard/detections/");
        keys.push(key);
        if is_last {
            return keys;
        }
    }
}
