use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use maskd_output::recording::{RecordingConfig, RecordingSink};
use maskd_output::video::Container;
use maskd_output::{OutputError, Sink};
use maskd_types::{CaptureTime, Notice, SourceState, StreamStatus};

use crate::common::decode::decode;
use crate::common::read_png;
use crate::support::{config, found, frames};

/// Duration and number of frames as ffprobe counts them.
fn probe(path: &Path) -> Option<(f64, usize)> {
    let entries = "format=duration:stream=nb_read_frames";
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-count_frames", "-show_entries", entries, "-of", "default=nw=1:nk=1"]).arg(path);
    let Ok(output) = command.output() else {
        eprintln!("SKIPPED: ffprobe is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text.lines();
    let frames = lines.next().and_then(|line| line.parse().ok());
    let seconds = lines.next().and_then(|line| line.parse().ok());
    Some((seconds.unwrap_or_else(|| panic!("{text}")), frames.unwrap_or_else(|| panic!("{text}"))))
}

#[test]
fn segments_hold_every_frame_once() {
    for container in Container::ALL {
        let directory = tempfile::tempdir().unwrap();
        let config = RecordingConfig { container, ndjson: true, masks: true, ..config(directory.path()) };
        let mut sink = RecordingSink::create(config).unwrap();
        frames("320x180", 130).for_each(|frame| sink.write(&frame).unwrap());
        sink.finish().unwrap();
        let videos = found(directory.path(), "test", container.extension());
        let names: Vec<_> = videos.iter().map(|path| path.file_stem().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["2026-11-22T20-55-03.123Z", "2026-11-22T20-55-05.123Z", "2026-11-22T20-55-07.123Z"]);
        assert_eq!(videos.iter().map(|path| decode(path).len()).collect::<Vec<_>>(), [50, 50, 30]);
        let probed: Vec<_> = videos.iter().filter_map(|path| probe(path)).collect();
        if !probed.is_empty() {
            assert_eq!(probed.iter().map(|(_, frames)| frames).sum::<usize>(), 130);
            let seconds: f64 = probed.iter().map(|(seconds, _)| seconds).sum();
            assert!((seconds - 5.2).abs() < 0.05, "{seconds} s of {container:?}: {probed:?}");
        }
        let lines = found(directory.path(), "test", "ndjson");
        let lines: usize = lines.iter().map(|path| std::fs::read_to_string(path).unwrap().lines().count()).sum();
        assert_eq!(lines, 130);
        let masks = found(directory.path(), "test", "masks");
        let images = |path: &std::path::PathBuf| std::fs::read_dir(path).unwrap().count();
        assert_eq!(masks.iter().map(images).collect::<Vec<_>>(), [50, 50, 30]);
        assert_eq!(read_png(&masks[1].join("00050.png")).0, 320);
    }
}

#[test]
fn another_size_or_time_begins_another_segment() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = RecordingSink::create(config(directory.path())).unwrap();
    // The third beginning has the same time and size as the first.
    for size in ["320x180", "160x90", "320x180", "320x180"] {
        frames(size, 10).for_each(|frame| sink.write(&frame).unwrap());
    }
    sink.finish().unwrap();
    let videos = found(directory.path(), "test", "mp4");
    let shown: Vec<_> = videos.iter().map(|path| decode(path)).map(|shown| (shown.len(), shown[0].size)).collect();
    assert_eq!(shown, [(10, [320, 180]), (10, [160, 90]), (10, [320, 180]), (10, [320, 180])]);
    assert!(matches!(sink.write(&frames("64x64", 1).next().unwrap()), Err(OutputError::Closed { .. })));
}

#[test]
fn what_ends_or_pauses_is_completed() {
    let directory = tempfile::tempdir().unwrap();
    let mut sink = RecordingSink::create(config(directory.path())).unwrap();
    let write = |sink: &mut RecordingSink, stream: &str| {
        for mut frame in frames("160x90", 10) {
            frame.stream = stream.into();
            sink.write(&frame).unwrap();
        }
    };
    let complete = |stream: &str| {
        let bytes = std::fs::read(found(directory.path(), stream, "mp4").remove(0)).unwrap();
        let holds = |name: &[u8]| bytes.windows(4).any(|bytes| bytes == name);
        // An index of the whole and no fragments.
        holds(b"moov") && !holds(b"moof")
    };
    write(&mut sink, "ended");
    write(&mut sink, "paused");
    assert!(!complete("ended") && !complete("paused"));
    let since = CaptureTime::now();
    let status =
        StreamStatus { stream: "ended".into(), state: SourceState::Ended, reason: None, since, removed: false };
    sink.notice(&Notice::Status(status)).unwrap();
    assert!(complete("ended"));
    assert_eq!(decode(&found(directory.path(), "ended", "mp4")[0]).len(), 10);
    sink.idle(Instant::now() + Duration::from_secs(3)).unwrap();
    assert!(complete("paused"));
    assert_eq!(decode(&found(directory.path(), "paused", "mp4")[0]).len(), 10);
}

#[test]
fn names_never_leave_the_directory() {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("recordings");
    let mut sink = RecordingSink::create(config(&directory)).unwrap();
    let streams = ["../../escape", "..", ".", "/etc", "a/b", ".hidden", "a\\b c", "Tor ü"];
    for stream in streams {
        for mut frame in frames("64x64", 3) {
            frame.stream = stream.into();
            sink.write(&frame).unwrap();
        }
    }
    sink.finish().unwrap();
    let names = |path: &Path| {
        let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = entries.collect();
        names.sort();
        names
    };
    assert_eq!(names(place.path()), ["recordings"]);
    let expected = ["%2E", "%2E.", "%2E.%2F..%2Fescape", "%2Fetc", "%2Ehidden", "Tor%20%C3%BC", "a%2Fb", "a%5Cb%20c"];
    let mut expected = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(names(&directory), expected);
    assert!(expected.iter().all(|stream| found(&directory, stream, "mp4").len() == 1));
}
