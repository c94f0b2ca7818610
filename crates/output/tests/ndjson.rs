//! The lines that others parse.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation is a failed test")]

mod common;

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use common::{frame, live, object, scene, tracked, with_mask};
use maskd_output::message::{MessageForm, frame_json};
use maskd_output::ndjson::{NdjsonConfig, NdjsonSink, NdjsonTarget, ServerConfig, SocketAddress, maker};
use maskd_output::{OutputError, Sink};
use maskd_types::{
    CaptureClock, CaptureTime, Latency, Notice, ObjectEventKind, Rle, SourceState, StreamStatus, TrackedFrame,
};

fn sink_to(path: &Path) -> Result<NdjsonSink, OutputError> {
    NdjsonSink::create(&NdjsonConfig::new(path))
}

#[test]
fn a_line_has_the_promised_form() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("objects.ndjson");
    let mut sink = sink_to(&path).unwrap();
    let mut seen = object(1, 0.98, [6, 5], [1, 1, 4, 3]);
    seen.name = Some("cup \"7\"".into());
    let hidden = with_mask(12, 0.25, Rle::empty(6, 5));
    let mut frame = tracked(frame(3, 6, 5), vec![seen, hidden]);
    frame.frame.stamp.capture = CaptureTime { unix_ns: 1_700_000_000_123_456_789, clock: CaptureClock::Camera };
    frame.latency = Latency { encode: 1.234_56, track: 2.0, total: 3.5 };
    std::thread::sleep(Duration::from_millis(2));
    sink.write(&frame).unwrap();
    // Flushed per line: there before the sink is finished.
    let text = std::fs::read_to_string(&path).unwrap();
    let expected = concat!(
        r#"{"stream":"test","frame":3,"pts_ns":120000000,"#,
        r#""capture_unix_ns":1700000000123456789,"capture_clock":"camera","width":6,"height":5,"intact":true,"objects":["#,
        r#"{"id":1,"name":"cup \"7\"","state":"visible","score":0.98,"iou":0.5,"box":[1,1,4,3],"area":6,"#,
        r#""centroid":[2.5,2.0],"mask":{"size":[5,6],"counts":"6230009"}},"#,
        r#"{"id":12,"state":"occluded","score":0.25,"iou":0.5,"box":null,"area":0,"centroid":null,"#,
        r#""mask":{"size":[5,6],"counts":"n0"}}],"#,
        r#""latency_ms":{"encode":1.235,"track":2.0,"total":3.5,"end_to_end":"#,
    );
    let latency = text.strip_prefix(expected).unwrap_or_else(|| panic!("{text}")).strip_suffix("}}\n").unwrap();
    let since_arrival = frame.frame.stamp.arrived.elapsed().as_secs_f64() * 1000.0;
    assert!((2.0..=since_arrival).contains(&latency.parse::<f64>().unwrap()), "{latency} of {since_arrival}");
    sink.finish().unwrap();
    assert!(matches!(sink.write(&frame), Err(OutputError::Closed { .. })));
}

#[test]
fn notices_are_lines_of_their_own() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("objects.ndjson");
    let mut sink = sink_to(&path).unwrap();
    let since = CaptureTime { unix_ns: 1_700_000_000_000_000_001, clock: CaptureClock::Arrival };
    let reason = Some("no frame for 3 s".into());
    let status = StreamStatus { stream: "door".into(), state: SourceState::Stalled, reason, since, removed: false };
    sink.notice(&Notice::Status(status.clone())).unwrap();
    sink.notice(&Notice::Status(StreamStatus { state: SourceState::Live, reason: None, ..status })).unwrap();
    sink.notice(&live::event("door", ObjectEventKind::Reacquired, 9)).unwrap();
    let expected = [
        r#"{"stream":"door","event":"status","state":"stalled","reason":"no frame for 3 s","time_unix_ns":1700000000000000001}"#,
        r#"{"stream":"door","event":"status","state":"live","reason":null,"time_unix_ns":1700000000000000001}"#,
        concat!(
            r#"{"stream":"door","event":"object","object":1,"name":"cup","kind":"reacquired","frame":9,"#,
            r#""capture_unix_ns":1700000000000000000,"capture_clock":"camera"}"#
        ),
    ];
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_damaged_frame_is_told_from_whole_ones() {
    let mut frame = TrackedFrame::clone(&live::shot("door", 0));
    let intact = |frame: &TrackedFrame| {
        let line: serde_json::Value =
            serde_json::from_str(&frame_json(frame, MessageForm::default()).unwrap()).unwrap();
        line["intact"].as_bool()
    };
    assert_eq!(intact(&frame), Some(true));
    frame.frame.intact = false;
    assert_eq!(intact(&frame), Some(false));
}

#[test]
fn masks_can_be_left_out() {
    let frame = live::shot("door", 0);
    let value: serde_json::Value =
        serde_json::from_str(&frame_json(&frame, MessageForm { masks: false }).unwrap()).unwrap();
    assert!(value["objects"][0].get("mask").is_none() && value["objects"][0]["area"].is_u64(), "{value}");
}

#[test]
fn a_torn_line_is_cut_off_before_others_follow() {
    let directory = tempfile::tempdir().unwrap();
    let long = format!("{{\"earlier\":{:?}}}\n", "x".repeat(200_000));
    let cases =
        ["", "{\"earlier\":1}\n", "{\"earlier\":1}\n{\"torn\":", "{\"torn\":", &long, &format!("{long}{{{long:?}")];
    for (index, before) in cases.into_iter().enumerate() {
        let path = directory.path().join(format!("{index}.ndjson"));
        std::fs::write(&path, before).unwrap();
        let config = NdjsonConfig { append: true, ..NdjsonConfig::new(&path) };
        let mut sink = NdjsonSink::create(&config).unwrap();
        sink.write(&live::shot("door", 4)).unwrap();
        sink.finish().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), before.matches("}\n").count() + 1, "case {index}");
        assert_eq!(lines.last().unwrap()["frame"], 4);
    }
    let absent = directory.path().join("new.ndjson");
    NdjsonSink::create(&NdjsonConfig { append: true, ..NdjsonConfig::new(&absent) }).unwrap();
    assert!(absent.exists());
}

#[test]
fn what_a_failed_sink_wrote_stays_when_it_is_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("objects.ndjson");
    std::fs::write(&path, "of an earlier run\n").unwrap();
    let target = path.to_str().unwrap().parse().unwrap();
    let mut make = maker(target, false, ServerConfig::default(), Arc::default());
    for number in 0..3 {
        make().unwrap().write(&live::shot("door", number)).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn places_to_write_to_are_read_from_text() {
    let listen = |address| NdjsonTarget::Listen(address);
    let connect = |address| NdjsonTarget::Connect(address);
    let (unix, tcp) = (SocketAddress::Unix("/run/m.sock".into()), SocketAddress::Tcp("[::1]:70".into()));
    for (text, target) in [
        ("-", NdjsonTarget::Standard),
        ("out/objects.ndjson", NdjsonTarget::File("out/objects.ndjson".into())),
        ("unix:/run/m.sock", listen(unix.clone())),
        ("unix-connect:/run/m.sock", connect(unix)),
        ("tcp://[::1]:70", listen(tcp.clone())),
        ("tcp-connect://[::1]:70", connect(tcp)),
    ] {
        assert_eq!(text.parse::<NdjsonTarget>().unwrap(), target);
    }
    for text in ["", "unix:", "tcp://host", "tcp://:70", "tcp://host:99999", "udp://host:70"] {
        let error = text.parse::<NdjsonTarget>().unwrap_err();
        assert!(matches!(error, OutputError::Address { .. }), "{text}: {error}");
    }
}

#[test]
fn lines_read_back_as_what_was_tracked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("objects.ndjson");
    let mut sink = sink_to(&path).unwrap();
    let frames: Vec<_> = scene("scene://?frames=20&size=160x91&objects=4").collect();
    for frame in &frames {
        sink.write(frame).unwrap();
    }
    sink.finish().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), frames.len());
    for (line, frame) in text.lines().zip(&frames) {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["frame"], frame.frame.number);
        let objects = value["objects"].as_array().unwrap();
        assert_eq!(objects.len(), 4);
        for (read, object) in objects.iter().zip(&frame.objects) {
            assert_eq!(read["id"], object.id.get());
            assert_eq!(read["area"], object.area);
            let mask: Rle = serde_json::from_value(read["mask"].clone()).unwrap();
            assert_eq!(mask, object.mask);
        }
    }
}

#[test]
fn what_cannot_be_opened_is_named() {
    let error = sink_to(Path::new("/nowhere/at/all.ndjson")).err().unwrap();
    assert!(error.to_string().starts_with("/nowhere/at/all.ndjson cannot be created: "), "{error}");
    assert!(!error.is_disk_full() && !error.is_broken_pipe());
}

/// Takes a number of bytes and then says what pipes without a reader say.
struct Hasty(usize);

impl Write for Hasty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.checked_sub(bytes.len()) {
            Some(left) => {
                self.0 = left;
                Ok(bytes.len())
            }
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_left_is_recognised() {
    let mut sink = NdjsonSink::to_writer("standard output", Hasty(300));
    let frame = tracked(frame(0, 6, 5), vec![]);
    sink.write(&frame).unwrap();
    let error = sink.write(&frame).unwrap_err();
    assert!(error.is_broken_pipe() && !error.is_disk_full(), "{error}");
    assert!(matches!(sink.write(&frame), Err(OutputError::Closed { .. })));
}

#[test]
fn a_full_disk_is_recognised() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        eprintln!("SKIPPED: this system has no /dev/full");
        return;
    }
    let error = sink_to(full).unwrap().write(&tracked(frame(0, 6, 5), vec![])).unwrap_err();
    assert!(error.is_disk_full() && !error.is_broken_pipe(), "{error}");
}
