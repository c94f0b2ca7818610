//! Frames to write, made by hand or from a scene's truth.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "shared by several test programs, each of which uses a part"
)]

pub mod decode;
pub mod live;
pub mod small_disk;

use std::path::Path;

use maskd_scene::{Scene, Truth};
use maskd_types::{BinaryMask, Frame, Latency, ObjectId, ObjectState, Rle, Stamp, TrackedFrame, TrackedObject};

pub fn frame(number: u64, width: u32, height: u32) -> Frame {
    let pixels = (0..width * height).flat_map(|i| [(i % 251) as u8, 90, (i / width % 256) as u8]);
    Frame { number, stamp: Stamp::arriving(number * 40_000_000), width, height, intact: true, rgb: pixels.collect() }
}

/// An object whose mask is a box.
pub fn object(id: u32, score: f32, size: [u32; 2], [x0, y0, x1, y1]: [u32; 4]) -> TrackedObject {
    let inside = |i: u32| (x0..x1).contains(&(i % size[0])) && (y0..y1).contains(&(i / size[0]));
    let bytes = (0..size[0] * size[1]).map(|i| u8::from(inside(i))).collect();
    let mask = Rle::encode(&BinaryMask::new(size[0], size[1], bytes).unwrap());
    with_mask(id, score, mask)
}

pub fn with_mask(id: u32, score: f32, mask: Rle) -> TrackedObject {
    TrackedObject {
        id: ObjectId::new(id).unwrap(),
        name: None,
        state: if mask.is_empty() { ObjectState::Occluded } else { ObjectState::Visible },
        score,
        iou: 0.5,
        bbox: mask.bbox(),
        area: mask.area(),
        centroid: mask.centroid(),
        mask,
    }
}

pub fn tracked(frame: Frame, objects: Vec<TrackedObject>) -> TrackedFrame {
    TrackedFrame { stream: "test".into(), frame, objects, latency: Latency::default() }
}

/// A scene as a perfect tracker would see it.
pub fn scene(address: &str) -> impl Iterator<Item = TrackedFrame> + use<> {
    let object = |truth: Truth| with_mask(truth.id.get(), 1.0 - truth.hidden, truth.visible);
    let scene = Scene::new(address.parse().unwrap()).unwrap();
    scene.map(move |shot| tracked(shot.frame, shot.truth.into_iter().map(object).collect()))
}

/// Size, palette and palette indices of an indexed PNG; colours of another.
pub fn read_png(path: &Path) -> (u32, u32, Option<Vec<u8>>, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap()));
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    bytes.truncate(info.buffer_size());
    let palette = reader.info().palette.as_ref().map(|palette| palette.to_vec());
    (info.width, info.height, palette, bytes)
}
