//! RTP timestamps and sender reports, as they are on the wire.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

mod common;

use std::time::{Duration, Instant};

use common::PATIENCE;
use gstreamer::prelude::*;
use gstreamer::{Caps, ClockTime, ElementFactory, Pipeline, ReferenceTimestampMeta, State};
use gstreamer_app::AppSink;
use maskd_camsim::{Camera, CameraConfig, Footage, TimestampFault};

/// Takes RTP packets instead of pictures.
struct Wire {
    pipeline: Pipeline,
    sink: AppSink,
}

/// A packet's timestamp, and the camera's wall-clock time if reports have told it.
type Packet = (u32, Option<ClockTime>);

impl Wire {
    fn open(url: &str) -> Self {
        gstreamer::init().unwrap();
        let source = ElementFactory::make("rtspsrc").build().unwrap();
        source.set_property("location", url);
        source.set_property_from_str("protocols", "tcp");
        source.set_property("latency", 0_u32);
        source.set_property("add-reference-timestamp-meta", true);
        let sink = AppSink::builder().sync(false).build();
        let pipeline = Pipeline::new();
        pipeline.add_many([&source, sink.upcast_ref()]).unwrap();
        let input = sink.static_pad("sink").unwrap();
        source.connect_pad_added(move |_, pad| _ = pad.link(&input));
        pipeline.set_state(State::Playing).unwrap();
        Self { pipeline, sink }
    }

    fn next(&self) -> Packet {
        let sample = self.sink.try_pull_sample(ClockTime::try_from(PATIENCE).unwrap()).unwrap();
        let buffer = sample.buffer().unwrap();
        let map = buffer.map_readable().unwrap();
        let stamp = u32::from_be_bytes(map[4..8].try_into().unwrap());
        let ntp = Caps::new_empty_simple("timestamp/x-ntp");
        let mut metas = buffer.iter_meta::<ReferenceTimestampMeta>();
        (stamp, metas.find(|meta| meta.reference().can_intersect(&ntp)).map(|meta| meta.timestamp()))
    }

    /// The next packet of another frame than `last`.
    fn next_frame(&self, last: u32) -> u32 {
        std::iter::repeat_with(|| self.next().0).find(|stamp| *stamp != last).unwrap()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.pipeline.set_state(State::Null).unwrap();
    }
}

fn camera(config: CameraConfig) -> Camera {
    Camera::start(CameraConfig { size: (320, 240), footage: Footage::Pattern, ..config }).unwrap()
}

/// How far apart two timestamps are, around the end of their range.
fn signed(from: u32, to: u32) -> i64 {
    i64::from(to.wrapping_sub(from).cast_signed())
}

#[test]
fn timestamps_begin_where_told_and_jump() {
    let begin = u32::MAX - 90_000;
    let camera = camera(CameraConfig { rtp_offset: Some(begin), ..CameraConfig::default() });
    let wire = Wire::open(&camera.url());
    let (mut last, _) = wire.next();
    assert!((0..90_000 * 30).contains(&signed(begin, last)), "{last}");
    for milliseconds in [100_000, -100_000] {
        camera.jump_timestamps(milliseconds);
        let jumps = std::iter::repeat_with(|| {
            let now = wire.next_frame(last);
            signed(std::mem::replace(&mut last, now), now)
        });
        let jump = jumps.take(200).find(|step| step.abs() > 90_000 * 50).unwrap();
        assert!((jump - milliseconds * 90).abs() < 90_000 * 20, "{jump}");
    }
}

#[test]
fn timestamps_can_be_wrong() {
    let camera = camera(CameraConfig::default());
    let wire = Wire::open(&camera.url());
    wire.next();
    camera.set_timestamp_fault(TimestampFault::Stuck);
    assert!((0..500).any(|_| wire.next().0 == 0));
    assert_eq!([wire.next().0, wire.next().0, wire.next().0], [0; 3]);
    camera.set_timestamp_fault(TimestampFault::Backwards);
    let first = wire.next_frame(0);
    let second = wire.next_frame(first);
    assert!(signed(first, second) < 0);
}

#[test]
fn reports_tell_the_time_unless_they_are_off() {
    const NTP_TO_UNIX_SECONDS: u64 = 2_208_988_800;
    let camera = camera(CameraConfig { sender_reports: false, ..CameraConfig::default() });
    let wire = Wire::open(&camera.url());
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(6) {
        assert_eq!(wire.next().1, None);
    }
    camera.set_sender_reports(true);
    let begin = Instant::now();
    let told = std::iter::repeat_with(|| wire.next().1).find(|told| told.is_some() || begin.elapsed() > PATIENCE);
    let told = told.flatten().expect("a report in time").seconds() - NTP_TO_UNIX_SECONDS;
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(now.abs_diff(told) < 20, "{now} {told}");
}
