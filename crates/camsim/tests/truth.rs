//! That what is shown is what is known.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

mod common;

use std::process::Command;

use common::{Seen, Viewer};
use gstreamer::prelude::*;
use maskd_camsim::{Camera, CameraConfig, CamsimError, Codec, Footage, write_number};
use maskd_scene::{Scene, SceneFrame};

/// Mean squared difference of two pictures.
fn difference(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len());
    let squares = one.iter().zip(other).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
    squares.sum::<f64>() / one.len() as f64
}

/// The frame that was filmed, as the camera's description says.
fn filmed(camera: &Camera, number: u64) -> SceneFrame {
    let take = camera.takes().into_iter().rfind(|take| take.first <= number).unwrap();
    let index = usize::try_from(number - take.first).unwrap();
    Scene::new(take.scene.unwrap()).unwrap().nth(index).unwrap()
}

fn check(camera: &Camera, seen: &Seen) {
    let number = seen.number().unwrap();
    let shot = filmed(camera, number);
    assert_eq!(camera.truth(number).unwrap().as_ref(), shot.truth);
    assert_eq!(seen.size(), (shot.frame.width as usize, shot.frame.height as usize));
    let mut rgb = shot.frame.rgb.to_vec();
    write_number(&mut rgb, seen.width, seen.height, number);
    let same = difference(&rgb, &seen.rgb);
    let other = difference(&filmed(camera, number + 25).frame.rgb, &seen.rgb);
    assert!(same < 150.0 && same * 4.0 < other, "frame {number}: {same}, another: {other}");
}

#[test]
fn the_truth_belongs_to_the_picture() {
    for codec in [Codec::H264, Codec::H265, Codec::Mjpeg] {
        let footage = Footage::Scene { seed: 11, objects: 4 };
        let config = CameraConfig { codec, footage, size: (480, 272), ..CameraConfig::default() };
        let mut camera = Camera::start(config).unwrap();
        let viewer = Viewer::open(&camera.url(), "tcp");
        check(&camera, &viewer.next_where(|seen| seen.number() > Some(5)));
        camera.set_size((320, 240)).unwrap();
        check(&camera, &viewer.next_where(|seen| seen.size() == (320, 240)));
    }
}

#[test]
fn numbers_survive_a_meagre_bitrate() {
    let config = CameraConfig { size: (640, 360), bitrate_kbit: Some(300), ..CameraConfig::default() };
    let camera = Camera::start(config).unwrap();
    let viewer = Viewer::open(&camera.url(), "tcp");
    let numbers: Vec<u64> = (0..50).map(|_| viewer.next().number().unwrap()).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
}

#[test]
fn a_camera_without_a_bar_code_shows_the_bare_scene() {
    let camera = Camera::start(CameraConfig { size: (320, 240), barcode: false, ..CameraConfig::default() }).unwrap();
    let viewer = Viewer::open(&camera.url(), "tcp");
    let seen = viewer.next();
    assert_eq!(seen.number(), None);
    let first = Scene::new(camera.takes()[0].scene.clone().unwrap()).unwrap().take(10);
    let least = first.map(|shot| difference(&shot.frame.rgb, &seen.rgb)).fold(f64::MAX, f64::min);
    assert!(least < 150.0, "{least}");
}

#[test]
fn time_goes_on_unwatched_only_if_asked_to() {
    let camera = |films_unwatched| {
        let footage = Footage::Pattern;
        Camera::start(CameraConfig { size: (320, 240), footage, films_unwatched, ..CameraConfig::default() }).unwrap()
    };
    let (resting, filming) = (camera(false), camera(true));
    common::until("frames are filmed", || filming.frames() > 20);
    assert_eq!(resting.frames(), 0);
    assert!(Viewer::open(&filming.url(), "tcp").next().number() > Some(20));
}

/// Writes a clip of a second with a number on each frame.
fn clip(path: &std::path::Path) {
    gstreamer::init().unwrap();
    let (width, height) = (320, 240);
    let pipeline = gstreamer::Pipeline::new();
    let caps = gstreamer_caps(width, height);
    let source = gstreamer_app::AppSrc::builder().caps(&caps).format(gstreamer::Format::Time).build();
    let make = |factory| gstreamer::ElementFactory::make(factory).build().unwrap();
    let (convert, encoder, muxer, sink) =
        (make("videoconvert"), make("x264enc"), make("matroskamux"), make("filesink"));
    sink.set_property("location", path);
    pipeline.add_many([source.upcast_ref(), &convert, &encoder, &muxer, &sink]).unwrap();
    gstreamer::Element::link_many([source.upcast_ref(), &convert, &encoder, &muxer, &sink]).unwrap();
    pipeline.set_state(gstreamer::State::Playing).unwrap();
    for number in 0..25 {
        let mut rgb = vec![80; width * height * 3];
        write_number(&mut rgb, width, height, 1000 + number);
        let mut buffer = gstreamer::Buffer::from_slice(rgb);
        buffer.get_mut().unwrap().set_pts(gstreamer::ClockTime::from_mseconds(40 * number));
        source.push_buffer(buffer).unwrap();
    }
    source.end_of_stream().unwrap();
    let kinds = [gstreamer::MessageType::Eos, gstreamer::MessageType::Error];
    let end = pipeline.bus().unwrap().timed_pop_filtered(gstreamer::ClockTime::from_seconds(30), &kinds).unwrap();
    assert_eq!(end.type_(), gstreamer::MessageType::Eos);
    pipeline.set_state(gstreamer::State::Null).unwrap();
}

fn gstreamer_caps(width: usize, height: usize) -> gstreamer::Caps {
    gstreamer::Caps::builder("video/x-raw")
        .field("format", "RGB")
        .field("width", i32::try_from(width).unwrap())
        .field("height", i32::try_from(height).unwrap())
        .field("framerate", gstreamer::Fraction::new(25, 1))
        .build()
}

#[test]
fn a_file_plays_over_and_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.mkv");
    clip(&path);
    let config =
        CameraConfig { footage: Footage::File(path), size: (320, 240), barcode: false, ..CameraConfig::default() };
    let camera = Camera::start(config).unwrap();
    let viewer = Viewer::open(&camera.url(), "tcp");
    for number in [1020, 1003, 1020] {
        viewer.next_where(|seen| seen.number() == Some(number));
    }
    assert!(camera.failure().is_none());
}

#[test]
fn a_file_that_is_no_video() {
    let folder = tempfile::tempdir().unwrap();
    for content in [None, Some("no video at all")] {
        let path = folder.path().join("clip.mkv");
        content.into_iter().for_each(|text| std::fs::write(&path, text).unwrap());
        let config = CameraConfig { footage: Footage::File(path), ..CameraConfig::default() };
        let error = Camera::start(config).map(drop).unwrap_err();
        assert!(matches!(error, CamsimError::File { .. }), "{error:?}");
    }
}

#[test]
fn other_players_understand_it() {
    if Command::new("ffprobe").arg("-version").output().is_err() {
        println!("SKIPPED: ffprobe is not installed");
        return;
    }
    for (codec, name) in [(Codec::H264, "h264"), (Codec::H265, "hevc"), (Codec::Mjpeg, "mjpeg")] {
        let camera = Camera::start(CameraConfig { codec, size: (320, 240), ..CameraConfig::default() }).unwrap();
        let mut probe = Command::new("ffprobe");
        probe.args(["-v", "error", "-rtsp_transport", "tcp", "-show_entries", "stream=codec_name,width,height"]);
        let output = probe.args(["-of", "csv=p=0", &camera.url()]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with(&format!("{name},320,240")), "{text} {}", String::from_utf8_lossy(&output.stderr));
    }
}
