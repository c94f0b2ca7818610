//! Test media, made by GStreamer while the tests run. Every frame carries its number as a bar code.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::path::{Path, PathBuf};

use gstreamer::prelude::*;
use gstreamer::{Caps, ClockTime, Element, ElementFactory, Fraction, MessageView, Pipeline, State};
use gstreamer_app::AppSrc;
use maskd_capture::{CaptureError, CaptureOptions, Source};
use maskd_types::Frame;

/// Side of a block of the bar code in pixels: survives chroma subsampling and hard compression.
const BLOCK: usize = 16;
const BITS: usize = 16;
const COLUMNS: usize = 8;

/// What to make. Elements are written as `factory key=value ...`.
pub struct Clip {
    pub width: usize,
    pub height: usize,
    pub frames: usize,
    pub encoder: &'static str,
    /// Raw format that the encoder gets.
    pub format: &'static str,
    /// Muxer; empty for a raw stream.
    pub muxer: &'static str,
    pub audio: Option<&'static str>,
    /// Frames per second that the caps tell; 0 for a variable rate.
    pub rate: i32,
    /// Presentation time of a frame in milliseconds.
    pub time_ms: fn(usize) -> u64,
}

impl Default for Clip {
    fn default() -> Self {
        Self {
            width: 322,
            height: 242,
            frames: 30,
            encoder: "x264enc speed-preset=ultrafast key-int-max=10",
            format: "I420",
            muxer: "mp4mux faststart=true",
            audio: None,
            rate: 25,
            time_ms: |number| number as u64 * 40,
        }
    }
}

/// A folder that is removed at the end of the test.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn element(description: &str) -> Element {
    gstreamer::init().unwrap();
    let mut words = description.split(' ');
    let element = ElementFactory::make(words.next().unwrap()).build().unwrap();
    for word in words {
        let (property, value) = word.split_once('=').unwrap();
        element.set_property_from_str(property, value);
    }
    element
}

/// Adds a chain of elements and gives its last one.
fn chain(pipeline: &Pipeline, first: &Element, rest: &[&str]) -> Element {
    rest.iter().filter(|description| !description.is_empty()).fold(first.clone(), |before, description| {
        let next = element(description);
        pipeline.add(&next).unwrap();
        before.link(&next).unwrap();
        next
    })
}

/// Plays a pipeline to its end.
fn finish(pipeline: &Pipeline) {
    pipeline.set_state(State::Playing).unwrap();
    for message in pipeline.bus().unwrap().iter_timed(ClockTime::from_seconds(60)) {
        match message.view() {
            MessageView::Eos(_) => {
                pipeline.set_state(State::Null).unwrap();
                return;
            }
            MessageView::Error(error) => panic!("{} {:?}", error.error(), error.debug()),
            _ => {}
        }
    }
    panic!("the clip was not finished in time");
}

impl Clip {
    /// Writes the clip.
    pub fn write(&self, path: &Path) -> PathBuf {
        gstreamer::init().unwrap();
        let pipeline = Pipeline::new();
        let source = self.source();
        pipeline.add(&source).unwrap();
        let format = format!("capsfilter caps=video/x-raw,format={}", self.format);
        let coded = chain(&pipeline, source.upcast_ref(), &["videoconvert", &format, self.encoder]);
        let end = chain(&pipeline, &coded, &[self.parser(), self.muxer]);
        if let Some(audio) = self.audio {
            self.add_audio(&pipeline, audio, &end);
        }
        let sink = element("filesink");
        sink.set_property("location", path.to_str().unwrap());
        pipeline.add(&sink).unwrap();
        end.link(&sink).unwrap();
        self.feed(&source);
        finish(&pipeline);
        path.to_owned()
    }

    fn parser(&self) -> &'static str {
        match self.encoder.split(' ').next().unwrap() {
            "x264enc" if self.muxer.is_empty() => "capsfilter caps=video/x-h264,stream-format=byte-stream",
            "x264enc" => "h264parse",
            "x265enc" => "h265parse",
            _ => "",
        }
    }

    fn source(&self) -> AppSrc {
        let caps = Caps::builder("video/x-raw")
            .field("format", "RGB")
            .field("width", self.width as i32)
            .field("height", self.height as i32)
            .field("framerate", Fraction::new(self.rate, 1))
            .build();
        AppSrc::builder().caps(&caps).format(gstreamer::Format::Time).build()
    }

    fn feed(&self, source: &AppSrc) {
        for number in 0..self.frames {
            let picture = picture(self.width, self.height, number);
            let mut buffer = gstreamer::Buffer::from_slice(padded(&picture, self.width));
            let (from, to) = ((self.time_ms)(number), (self.time_ms)(number + 1));
            let buffer_ref = buffer.get_mut().unwrap();
            buffer_ref.set_pts(ClockTime::from_mseconds(from));
            buffer_ref.set_duration(ClockTime::from_mseconds(to - from));
            source.push_buffer(buffer).unwrap();
        }
        source.end_of_stream().unwrap();
    }

    fn add_audio(&self, pipeline: &Pipeline, encoder: &str, muxer: &Element) {
        let source = element("audiotestsrc samplesperbuffer=480");
        let seconds = (self.time_ms)(self.frames) as f64 / 1000.0;
        source.set_property("num-buffers", (seconds * 100.0) as i32 + 20);
        pipeline.add(&source).unwrap();
        let caps = "capsfilter caps=audio/x-raw,rate=48000";
        let end = chain(pipeline, &source, &[caps, "audioconvert", "audioresample", encoder, "queue"]);
        end.link(muxer).unwrap();
    }
}

/// A file of nothing but sound.
pub fn write_sound(path: &Path) {
    let pipeline = Pipeline::new();
    let source = element("audiotestsrc num-buffers=20");
    pipeline.add(&source).unwrap();
    let end = chain(&pipeline, &source, &["audioconvert", "vorbisenc", "oggmux", "filesink"]);
    end.set_property("location", path.to_str().unwrap());
    finish(&pipeline);
}

/// A mid-grey picture with red, green, blue and white in its corners and a bar code at the top.
pub fn picture(width: usize, height: usize, number: usize) -> Vec<u8> {
    let mut rgb = vec![96; width * height * 3];
    for (index, pixel) in rgb.chunks_exact_mut(3).enumerate() {
        let (x, y) = (index % width, index / width);
        let colour = match (x < width / 4, x >= width * 3 / 4, y < height / 2) {
            (true, _, true) => [255, 0, 0],
            (_, true, true) => [0, 255, 0],
            (true, _, false) => [0, 0, 255],
            (_, true, false) => [255, 255, 255],
            _ => continue,
        };
        pixel.copy_from_slice(&colour);
    }
    for bit in 0..BITS {
        let (left, top) = block(width, bit);
        let value = if number >> bit & 1 == 1 { 255 } else { 0 };
        for y in top..top + BLOCK {
            rgb[(y * width + left) * 3..(y * width + left + BLOCK) * 3].fill(value);
        }
    }
    rgb
}

/// Left top corner of a bit's block.
fn block(width: usize, bit: usize) -> (usize, usize) {
    let left = (width - COLUMNS * BLOCK) / 2;
    (left + bit % COLUMNS * BLOCK, BLOCK + bit / COLUMNS * BLOCK)
}

/// Rows in GStreamer's default layout: a multiple of four bytes.
fn padded(rgb: &[u8], width: usize) -> Vec<u8> {
    let stride = (width * 3).next_multiple_of(4);
    rgb.chunks_exact(width * 3).flat_map(|row| [row, &vec![0; stride - width * 3]].concat()).collect()
}

pub fn pixel(frame: &Frame, x: u32, y: u32) -> [u8; 3] {
    let at = (y as usize * frame.width as usize + x as usize) * 3;
    frame.rgb[at..at + 3].try_into().unwrap()
}

/// Reads the bar code.
pub fn number(frame: &Frame) -> usize {
    (0..BITS).fold(0, |number, bit| {
        let (left, top) = block(frame.width as usize, bit);
        let [_, green, _] = pixel(frame, (left + BLOCK / 2) as u32, (top + BLOCK / 2) as u32);
        number | usize::from(green > 127) << bit
    })
}

pub fn open(path: &Path) -> Result<Box<dyn Source>, CaptureError> {
    maskd_capture::open(path.to_str().unwrap(), &CaptureOptions::default())
}

/// All frames, and what ended them if it was not the end of the stream.
pub fn drain(source: &mut dyn Source) -> (Vec<Frame>, Option<CaptureError>) {
    let mut frames = Vec::new();
    loop {
        match source.next_frame() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => return (frames, None),
            Err(error) => {
                assert!(matches!(source.next_frame(), Ok(None)), "nothing comes after an error");
                return (frames, Some(error));
            }
        }
    }
}

/// Frames must be numbered from 0 and carry these bar codes.
pub fn assert_sequence(frames: &[Frame], expected: impl Iterator<Item = usize>) {
    let own: Vec<u64> = frames.iter().map(|frame| frame.number).collect();
    assert_eq!(own, (0..frames.len() as u64).collect::<Vec<_>>());
    assert_eq!(frames.iter().map(number).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}
