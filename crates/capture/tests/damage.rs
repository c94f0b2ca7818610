//! Files that are broken, or no video at all.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

mod common;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use common::*;
use maskd_capture::{CaptureError, CaptureOptions, Interrupt};

fn clip() -> Clip {
    Clip { frames: 90, ..Clip::default() }
}

fn cut(path: &Path, part: f64) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..(bytes.len() as f64 * part) as usize]).unwrap();
}

/// Cuts a clip to 60 % and gives the number of frames that are still found.
fn frames_of_a_cut(name: &str, clip: &Clip) -> usize {
    let folder = folder();
    let path = clip.write(&folder.path().join(name));
    cut(&path, 0.6);
    let mut source = open(&path).unwrap();
    assert_eq!(source.info().frames, None, "the number of frames of a damaged file is not known");
    let (frames, error) = drain(&mut *source);
    assert_sequence(&frames, 0..frames.len());
    match error {
        Some(CaptureError::Damaged { frames: told, .. }) => assert_eq!(told, frames.len() as u64),
        other => panic!("{other:?}"),
    }
    frames.len()
}

#[test]
fn a_cut_file_gives_what_is_left_and_says_so() {
    let muxed = |encoder, muxer| Clip { encoder, muxer, ..clip() };
    let h264 = clip().encoder;
    for (name, clip) in [
        ("a.mp4", clip()),
        ("fragments.mp4", muxed(h264, "mp4mux fragment-duration=400")),
        ("a.mkv", muxed(h264, "matroskamux")),
        ("a.webm", muxed("vp9enc cpu-used=8", "webmmux")),
        ("a.avi", muxed("jpegenc", "avimux")),
        ("short.mp4", Clip { frames: 40, ..clip() }),
    ] {
        let left = frames_of_a_cut(name, &clip);
        println!("{name}: {left} of {} frames", clip.frames);
        assert!(left > clip.frames / 4 && left < clip.frames * 9 / 10, "{name}: {left} frames");
    }
}

#[test]
fn an_index_that_is_cut_off_leaves_no_frame() {
    let folder = folder();
    let path = Clip { muxer: "mp4mux", ..clip() }.write(&folder.path().join("a.mp4"));
    cut(&path, 0.6);
    let error = open(&path).map(drop).unwrap_err();
    assert!(matches!(error, CaptureError::Damaged { frames: 0, .. }), "{error}");
}

#[test]
fn a_hole_in_the_middle_is_told_of() {
    let folder = folder();
    let path = Clip { muxer: "matroskamux", ..clip() }.write(&folder.path().join("a.mkv"));
    let mut bytes = fs::read(&path).unwrap();
    let (from, to) = (bytes.len() * 4 / 10, bytes.len() * 6 / 10);
    bytes[from..to].fill(0x55);
    fs::write(&path, bytes).unwrap();
    let (frames, error) = drain(&mut *open(&path).unwrap());
    assert!(matches!(error, Some(CaptureError::Damaged { .. })), "{} frames, {error:?}", frames.len());
    let numbers: Vec<usize> = frames.iter().map(number).collect();
    assert!(numbers.starts_with(&(0..20).collect::<Vec<_>>()), "{numbers:?}");
}

fn refusal(name: &str, content: &[u8]) -> CaptureError {
    let folder = folder();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let begin = Instant::now();
    let error = open(&path).map(drop).unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(5), "{error} took {:?}", begin.elapsed());
    assert!(error.to_string().contains(name), "{error}");
    error
}

#[test]
fn files_that_are_no_video_are_told_apart() {
    let noise: Vec<u8> = (0..20_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let text = "A letter, not a film.\n".repeat(100);
    for (name, content) in [("a.mp4", &noise[..]), ("b.mp4", text.as_bytes()), ("c.mp4", b"x")] {
        let error = refusal(name, content);
        assert!(matches!(error, CaptureError::NotVideo { .. }), "{name}: {error:?}");
    }
    assert!(matches!(refusal("empty.mp4", b""), CaptureError::EmptyFile { .. }));
}

#[test]
fn sound_alone_is_no_video() {
    let folder = folder();
    let path = folder.path().join("a.ogg");
    gstreamer::init().unwrap();
    write_sound(&path);
    let error = open(&path).map(drop).unwrap_err();
    assert!(matches!(error, CaptureError::NoVideoStream { .. }), "{error:?}");
}

#[test]
fn paths_that_lead_nowhere() {
    let error = open(Path::new("/nowhere/at/all.mp4")).map(drop).unwrap_err();
    assert!(matches!(error, CaptureError::NotFound { .. }), "{error:?}");
    let error = open(Path::new("/dev/null")).map(drop).unwrap_err();
    assert!(matches!(error, CaptureError::WrongKind { .. }), "{error:?}");
    let folder = folder();
    let error = open(folder.path()).map(drop).unwrap_err();
    assert!(matches!(error, CaptureError::NoFrames { .. }), "{error:?}");
    for (input, wanted) in [("v4l2:///dev/video99", "does not exist"), ("v4l2:///tmp", "not a video device")] {
        let error = open(Path::new(input)).map(drop).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
    let error = open(Path::new("v4l2:///dev/null")).map(drop).unwrap_err();
    assert!(matches!(error, CaptureError::Element { .. }), "{error:?}");
}

#[test]
fn too_many_pixels_are_refused() {
    let folder = folder();
    let options = CaptureOptions { max_pixels: 320 * 240, ..CaptureOptions::default() };
    for (name, muxer, encoder) in [("a.mp4", "mp4mux", clip().encoder), ("a.avi", "avimux", "jpegenc")] {
        let path = Clip { muxer, encoder, frames: 3, ..Clip::default() }.write(&folder.path().join(name));
        let error = maskd_capture::open(path.to_str().unwrap(), &options).map(drop).unwrap_err();
        assert!(matches!(error, CaptureError::TooLarge { width: 322, height: 242, .. }), "{error:?}");
    }
}

#[test]
fn an_interrupt_ends_reading() {
    let folder = folder();
    let path = clip().write(&folder.path().join("a.mp4"));
    let options = CaptureOptions { interrupt: Interrupt::default(), ..CaptureOptions::default() };
    let mut source = maskd_capture::open(path.to_str().unwrap(), &options).unwrap();
    assert!(source.next_frame().unwrap().is_some());
    options.interrupt.clone().set();
    assert!(matches!(source.next_frame(), Err(CaptureError::Interrupted)));
    assert!(matches!(source.next_frame(), Ok(None)));
    let again = maskd_capture::open(path.to_str().unwrap(), &options);
    assert!(matches!(again.map(drop), Err(CaptureError::Interrupted)));
}

#[test]
fn a_source_may_be_dropped_at_any_time() {
    let folder = folder();
    let path = clip().write(&folder.path().join("a.mp4"));
    for taken in [0, 1, 40] {
        let mut source = open(&path).unwrap();
        for _ in 0..taken {
            source.next_frame().unwrap().unwrap();
        }
        let begin = Instant::now();
        drop(source);
        assert!(begin.elapsed() < Duration::from_secs(2));
    }
}
