//! Annotated videos, decoded again.

#![allow(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod common;

use std::path::Path;
use std::process::Command;

use common::decode::decode;
use common::{frame, object, scene, tracked};
use maskd_output::video::{VideoConfig, VideoSink};
use maskd_output::{OutputError, Sink, overlay};
use maskd_types::{FrameRate, TrackedFrame};

const RATE: Option<FrameRate> = Some(FrameRate { numerator: 25, denominator: 1 });

fn encode(path: &Path, rate: Option<FrameRate>, frames: impl IntoIterator<Item = TrackedFrame>) {
    let mut sink = VideoSink::create(VideoConfig::new(path, rate)).unwrap();
    for frame in frames {
        sink.write(&frame).unwrap();
    }
    sink.finish().unwrap();
}

fn difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64
}

#[test]
fn every_frame_is_there_at_its_time_with_its_drawing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("video.mp4");
    let frames: Vec<_> = scene("scene://?frames=75&size=320x180&fps=25").collect();
    encode(&path, RATE, frames.iter().cloned());
    let shown = decode(&path);
    assert_eq!(shown.len(), 75);
    for (shown, frame) in shown.iter().zip(&frames) {
        assert_eq!(shown.size, [320, 180]);
        assert_eq!(shown.milliseconds, frame.frame.number * 40);
        let drawn = difference(&shown.rgb, overlay::draw(frame).pixels().as_flattened());
        let bare = difference(&shown.rgb, &frame.frame.rgb);
        assert!(drawn < 6.0 && drawn < 0.7 * bare, "frame {}: {drawn}, without drawing {bare}", frame.frame.number);
    }
    assert_eq!(top_boxes(&path), ["ftyp", "free", "mdat", "moov"]);
    check_with_ffprobe(&path);
}

/// The names of an MP4's outermost boxes.
fn top_boxes(path: &Path) -> Vec<String> {
    let bytes = std::fs::read(path).unwrap();
    let mut names = Vec::new();
    let mut rest = &bytes[..];
    while let Some((head, _)) = rest.split_at_checked(8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        names.push(String::from_utf8_lossy(&head[4..]).into_owned());
        rest = rest.get(length.max(8)..).unwrap_or_default();
    }
    names
}

fn check_with_ffprobe(path: &Path) {
    let wanted = "stream=codec_name,width,height,pix_fmt,nb_frames,nb_read_frames";
    let run = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-show_entries", wanted, "-of", "csv=p=0"])
        .arg(path)
        .output();
    let Ok(output) = run else {
        eprintln!("SKIPPED: ffprobe is not installed");
        return;
    };
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "h264,320,180,yuv420p,75,75");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_video_that_was_never_finished_plays() {
    let directory = tempfile::tempdir().unwrap();
    let (path, torn) = (directory.path().join("video.mp4"), directory.path().join("torn.mp4"));
    let mut sink = VideoSink::create(VideoConfig::new(&path, RATE)).unwrap();
    for frame in scene("scene://?frames=200&size=160x90&fps=25") {
        sink.write(&frame).unwrap();
    }
    // What a killed program would leave: the file as it is now.
    std::fs::copy(&path, &torn).unwrap();
    let saved = decode(&torn).len();
    assert!(saved >= 100, "only {saved} of 200 frames were saved");
    sink.finish().unwrap();
    assert_eq!(decode(&path).len(), 200);
}

#[test]
fn odd_and_changing_sizes_keep_the_first() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("video.mp4");
    let sizes = [[161, 91], [161, 91], [90, 200], [33, 20], [161, 91]];
    let frames = (0..)
        .zip(sizes)
        .map(|(number, size)| tracked(frame(number, size[0], size[1]), vec![object(1, 0.9, size, [4, 4, 20, 16])]));
    encode(&path, None, frames);
    let shown = decode(&path);
    assert_eq!(shown.iter().map(|shown| shown.size).collect::<Vec<_>>(), [[162, 92]; 5]);
    // The tall one in the middle leaves black at its sides.
    let corner = &shown[2].rgb[..3];
    assert!(corner.iter().all(|&channel| channel < 24), "{corner:?}");
}

#[test]
fn times_are_kept_and_never_run_backwards() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("video.mp4");
    let times = [1000, 1040, 1500, 1500, 1200, 2000];
    let frames = (0..).zip(times).map(|(number, milliseconds)| {
        let mut frame = frame(number, 64, 64);
        frame.stamp.pts_ns = milliseconds * 1_000_000;
        tracked(frame, vec![])
    });
    encode(&path, None, frames);
    let shown: Vec<u64> = decode(&path).iter().map(|shown| shown.milliseconds).collect();
    assert_eq!(shown, [0, 40, 500, 501, 502, 1000]);
}

#[test]
fn a_video_of_nothing_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("video.mp4");
    encode(&path, RATE, []);
    assert!(!path.exists());
}

#[test]
fn what_cannot_be_made_is_named() {
    let error = VideoSink::create(VideoConfig::new("/nowhere/video.mp4", RATE)).err().unwrap();
    assert!(matches!(error, OutputError::Create { .. }), "{error}");
    let bytes = std::os::unix::ffi::OsStringExt::from_vec(b"/tmp/\xff.mp4".to_vec());
    let bytes: std::ffi::OsString = bytes;
    let error = VideoSink::create(VideoConfig::new(bytes, RATE)).err().unwrap();
    assert!(matches!(error, OutputError::PathEncoding { .. }), "{error}");
}
