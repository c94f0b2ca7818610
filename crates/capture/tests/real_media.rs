//! Real clips and frame folders that lie beside the repository on the machines where it is developed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

use std::path::{Path, PathBuf};
use std::process::Command;

use maskd_capture::{CaptureOptions, open};

fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(part);
    if !path.exists() {
        println!("SKIPPED: no {part} beside the repository");
        return None;
    }
    Some(path)
}

/// Reads to the end; every frame must be whole, in sequence and later than the one before.
fn count(path: &Path) -> u64 {
    let mut source = open(path.to_str().unwrap(), &CaptureOptions::default()).unwrap();
    let info = source.info().clone();
    println!("{info:?}");
    let (mut frames, mut last) = (0, None);
    while let Some(frame) = source.next_frame().unwrap() {
        assert_eq!(frame.number, frames);
        assert_eq!((frame.width, frame.height), (info.width, info.height));
        assert_eq!(frame.rgb.len(), frame.width as usize * frame.height as usize * 3);
        assert!(last < Some(frame.stamp.pts_ns), "frame {frames} is not later than the one before");
        last = Some(frame.stamp.pts_ns);
        frames += 1;
    }
    assert!(info.frames_estimate.unwrap().abs_diff(frames) <= 2, "the estimate is no use");
    frames
}

/// `None` where the tool is not installed.
fn ffprobe(path: &Path) -> Option<u64> {
    let arguments = "-v error -count_frames -select_streams v:0 -show_entries stream=nb_read_frames -of csv=p=0";
    let output = Command::new("ffprobe").args(arguments.split(' ')).arg(path).output();
    let Ok(output) = output else {
        println!("SKIPPED: no ffprobe to compare with");
        return None;
    };
    String::from_utf8(output.stdout).unwrap().trim().parse().ok()
}

#[test]
fn clips_have_as_many_frames_as_another_decoder_finds() {
    let Some(clips) = shared("clips") else { return };
    for entry in clips.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let frames = count(&path);
        println!("{}: {frames}", path.display());
        if let Some(expected) = ffprobe(&path) {
            assert_eq!(frames, expected, "{}", path.display());
        }
    }
}

#[test]
fn folders_have_as_many_frames_as_files() {
    let Some(davis) = shared("davis/JPEGImages") else {
        return;
    };
    for entry in davis.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let files = path.read_dir().unwrap().count() as u64;
        assert_eq!(count(&path), files, "{}", path.display());
    }
}
