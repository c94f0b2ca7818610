//! Test media, made while the tests run.

use std::path::Path;

use gstreamer::prelude::*;
use gstreamer::{ClockTime, ElementFactory, MessageView, Pipeline, State};
use png::{BitDepth, ColorType, Encoder};

/// A ball that moves over black, 192x128, as H.264 in an MP4 file whose index comes first, so that a cut file still has it.
pub fn video(path: &Path, frames: i32) {
    gstreamer::init().unwrap();
    let source = ElementFactory::make("videotestsrc").property("num-buffers", frames);
    let source = source.property_from_str("pattern", "ball").build().unwrap();
    let caps = "video/x-raw,format=I420,width=192,height=128,framerate=10/1";
    let filter = ElementFactory::make("capsfilter").property_from_str("caps", caps).build().unwrap();
    let encoder = ElementFactory::make("x264enc").property("key-int-max", 5_u32);
    let encoder = encoder.property_from_str("speed-preset", "ultrafast").build().unwrap();
    let muxer = ElementFactory::make("mp4mux").property("faststart", true).build().unwrap();
    let sink = ElementFactory::make("filesink").property("location", path.to_str().unwrap()).build().unwrap();
    let pipeline = Pipeline::new();
    let elements = [&source, &filter, &encoder, &muxer, &sink];
    pipeline.add_many(elements).unwrap();
    gstreamer::Element::link_many(elements).unwrap();
    pipeline.set_state(State::Playing).unwrap();
    let wanted = [gstreamer::MessageType::Eos, gstreamer::MessageType::Error];
    let end = pipeline.bus().unwrap().timed_pop_filtered(ClockTime::from_seconds(60), &wanted);
    assert!(matches!(end.as_ref().map(|end| end.view()), Some(MessageView::Eos(_))), "{end:?}");
    pipeline.set_state(State::Null).unwrap();
}

/// Cuts the end off a file.
pub fn cut(path: &Path, kept: f64) {
    let bytes = std::fs::read(path).unwrap();
    std::fs::write(path, &bytes[..(bytes.len() as f64 * kept) as usize]).unwrap();
}

/// A grey PNG.
pub fn grey(path: &Path, width: u32, height: u32, pixel: impl Fn(u32, u32) -> u8) {
    let pixels: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| pixel(x, y)).collect();
    write(path, ColorType::Grayscale, width, height, &pixels);
}

/// A colour PNG of one colour.
pub fn plain(path: &Path, width: u32, height: u32) {
    write(path, ColorType::Rgb, width, height, &vec![90; 3 * (width * height) as usize]);
}

/// A colour PNG of these pixels.
pub fn colour(path: &Path, width: u32, height: u32, rgb: &[u8]) {
    write(path, ColorType::Rgb, width, height, rgb);
}

/// An indexed PNG of these indices, none above 3.
pub fn indexed(path: &Path, width: u32, height: u32, indices: &[u8]) {
    write(path, ColorType::Indexed, width, height, indices);
}

fn write(path: &Path, colour: ColorType, width: u32, height: u32, pixels: &[u8]) {
    let mut encoder = Encoder::new(std::fs::File::create(path).unwrap(), width, height);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    if colour == ColorType::Indexed {
        encoder.set_palette(vec![0; 12]);
    }
    encoder.write_header().unwrap().write_image_data(pixels).unwrap();
}

/// Width, height and pixel values of an 8 bit PNG with one sample per pixel.
pub fn read_png(path: &Path) -> (u32, u32, Vec<u8>) {
    let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    assert_eq!((reader.info().bit_depth, reader.info().color_type.samples()), (BitDepth::Eight, 1));
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height, pixels)
}

/// Width and height of any PNG.
pub fn size_of_png(path: &Path) -> (u32, u32) {
    let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap()));
    decoder.read_info().unwrap().info().size()
}
