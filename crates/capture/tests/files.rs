//! Every frame of a file, once, in order, upright and in the right colours, whatever the file is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

mod common;

use std::fs;
use std::path::Path;

use common::*;
use maskd_types::Frame;

/// Writes a clip, reads it back and compares number, order, times and sizes.
fn round_trip(name: &str, clip: &Clip) -> Vec<Frame> {
    let folder = folder();
    let path = clip.write(&folder.path().join(name));
    let mut source = open(&path).unwrap();
    let info = source.info().clone();
    let (frames, error) = drain(&mut *source);
    assert!(error.is_none(), "{error:?}");
    assert_sequence(&frames, 0..clip.frames);
    assert_eq!((info.width as usize, info.height as usize), (clip.width, clip.height));
    assert!(frames.iter().all(|frame| (frame.width, frame.height) == (info.width, info.height)));
    assert_eq!(info.frames, (clip.frames < 64).then_some(clip.frames as u64), "{info:?}");
    frames
}

fn assert_colours(frame: &Frame, corners: [[u8; 3]; 4], tolerance: u8) {
    let (right, bottom) = (frame.width - 9, frame.height - 9);
    for ((x, y), expected) in [(8, 8), (right, 8), (8, bottom), (right, bottom)].into_iter().zip(corners) {
        let found = pixel(frame, x, y);
        let near = found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= tolerance);
        assert!(near, "{found:?} at {x},{y}, expected {expected:?}");
    }
}

const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const WHITE: [u8; 3] = [255; 3];

#[test]
fn h264_with_b_frames() {
    let encoder = "x264enc speed-preset=fast bframes=3 b-adapt=false key-int-max=12";
    let frames = round_trip("a.mp4", &Clip { encoder, ..Clip::default() });
    assert_colours(&frames[3], [RED, GREEN, BLUE, WHITE], 24);
    let times: Vec<u64> = frames.iter().map(|frame| frame.stamp.pts_ns).collect();
    assert_eq!(times, (0..30).map(|number| number * 40_000_000).collect::<Vec<_>>());
}

#[test]
fn long_enough_to_be_estimated_only() {
    let clip = Clip { frames: 200, ..Clip::default() };
    let folder = folder();
    let path = clip.write(&folder.path().join("a.mp4"));
    let info = open(&path).unwrap().info().clone();
    assert_eq!((info.frames, info.frames_estimate), (None, Some(200)));
    round_trip("b.mp4", &clip);
}

#[test]
fn one_frame() {
    round_trip("a.mp4", &Clip { frames: 1, ..Clip::default() });
}

#[test]
fn h265() {
    let encoder = "x265enc speed-preset=ultrafast";
    round_trip("a.mp4", &Clip { encoder, ..Clip::default() });
}

#[test]
fn odd_size_vp9() {
    let clip = Clip { width: 321, height: 241, encoder: "vp9enc cpu-used=8", muxer: "webmmux", ..Clip::default() };
    let frames = round_trip("a.webm", &clip);
    assert_colours(&frames[0], [RED, GREEN, BLUE, WHITE], 24);
}

#[test]
fn odd_size_h264_without_subsampling() {
    round_trip("a.mkv", &Clip { width: 321, height: 241, format: "Y444", muxer: "matroskamux", ..Clip::default() });
}

#[test]
fn odd_size_motion_jpeg() {
    let clip = Clip { width: 321, height: 241, encoder: "jpegenc", muxer: "avimux", ..Clip::default() };
    let frames = round_trip("a.avi", &clip);
    assert_colours(&frames[0], [RED, GREEN, BLUE, WHITE], 24);
}

#[test]
fn high_definition_colours() {
    let frames = round_trip("a.mp4", &Clip { width: 1280, height: 720, frames: 3, ..Clip::default() });
    assert_colours(&frames[2], [RED, GREEN, BLUE, WHITE], 24);
}

#[test]
fn sound_changes_nothing() {
    let long = Clip { audio: Some("avenc_aac"), frames: 120, ..Clip::default() };
    round_trip("a.mp4", &long);
    round_trip("a.mkv", &Clip { muxer: "matroskamux", audio: Some("opusenc"), ..long });
    let motion = Clip { encoder: "jpegenc", muxer: "avimux", audio: Some("lamemp3enc"), ..Clip::default() };
    round_trip("a.avi", &motion);
}

#[test]
fn variable_frame_rate() {
    let time_ms = |number| (number * number + 7 * number) as u64;
    let clip = Clip { muxer: "matroskamux", rate: 0, time_ms, ..Clip::default() };
    let frames = round_trip("a.mkv", &clip);
    let times: Vec<u64> = frames.iter().map(|frame| frame.stamp.pts_ns / 1_000_000).collect();
    assert_eq!(times, (0..30).map(clip.time_ms).collect::<Vec<_>>());
}

#[test]
fn a_raw_stream_may_change_its_size() {
    let folder = folder();
    let small = Clip { muxer: "", frames: 10, ..Clip::default() };
    let large = Clip { width: 400, height: 300, muxer: "", frames: 12, ..Clip::default() };
    let path = folder.path().join("both.h264");
    let parts = [small.write(&folder.path().join("a")), large.write(&folder.path().join("b"))];
    fs::write(&path, parts.map(|part| fs::read(part).unwrap()).concat()).unwrap();
    let (frames, error) = drain(&mut *open(&path).unwrap());
    assert!(error.is_none(), "{error:?}");
    assert_sequence(&frames, (0..10).chain(0..12));
    assert!(frames[..10].iter().all(|frame| (frame.width, frame.height) == (322, 242)));
    assert!(frames[10..].iter().all(|frame| (frame.width, frame.height) == (400, 300)));
    assert!(frames.windows(2).all(|pair| pair[0].stamp.pts_ns < pair[1].stamp.pts_ns));
}

/// Writes the display matrix `a b c d` of a phone that was held otherwise into an MP4.
fn set_matrix(path: &Path, [a, b, c, d]: [i32; 4]) {
    let mut bytes = fs::read(path).unwrap();
    let header = bytes.windows(4).position(|word| word == b"tkhd").unwrap();
    for (place, value) in [(0, a), (4, b), (12, c), (16, d)] {
        let at = header + 44 + place;
        bytes[at..at + 4].copy_from_slice(&(value << 16).to_be_bytes());
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn rotated_phones_give_upright_frames() {
    let cases = [
        ([0, 1, -1, 0], (242, 322), [BLUE, RED, WHITE, GREEN]),
        ([-1, 0, 0, -1], (322, 242), [WHITE, BLUE, GREEN, RED]),
        ([0, -1, 1, 0], (242, 322), [GREEN, WHITE, RED, BLUE]),
    ];
    let folder = folder();
    for (matrix, size, corners) in cases {
        let path = Clip { frames: 5, ..Clip::default() }.write(&folder.path().join("a.mp4"));
        set_matrix(&path, matrix);
        let mut source = open(&path).unwrap();
        assert_eq!((source.info().width, source.info().height), size);
        let (frames, error) = drain(&mut *source);
        assert!(error.is_none() && frames.len() == 5, "{error:?}");
        for frame in &frames {
            assert_eq!((frame.width, frame.height), size);
            assert_colours(frame, corners, 24);
        }
    }
}

#[test]
fn pixels_that_are_not_square_stay_as_they_were_coded() {
    let folder = folder();
    let encoder = "x264enc speed-preset=ultrafast option-string=sar=16/11";
    let path = Clip { encoder, ..Clip::default() }.write(&folder.path().join("a.mp4"));
    let (frames, _) = drain(&mut *open(&path).unwrap());
    assert_eq!((frames[0].width, frames[0].height, frames.len()), (322, 242, 30));
}

#[test]
fn awkward_names_are_only_names() {
    let folder = folder();
    let path = Clip { frames: 2, ..Clip::default() }.write(&folder.path().join("a ! fakesink %d \"ü\" #.mp4"));
    assert_eq!(drain(&mut *open(&path).unwrap()).0.len(), 2);
    let url = url::Url::from_file_path(&path).unwrap();
    assert_eq!(drain(&mut *open(Path::new(url.as_str())).unwrap()).0.len(), 2);
}
