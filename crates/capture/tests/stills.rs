//! Folders of pictures and single pictures.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{drain, folder, open};
use maskd_capture::{CaptureError, ImageError};
use maskd_types::{Frame, FrameRate};
use png::{BitDepth, ColorType};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn write_png(path: &Path, size: (u32, u32), form: (ColorType, BitDepth), data: &[u8]) {
    let mut encoder = png::Encoder::new(fs::File::create(path).unwrap(), size.0, size.1);
    encoder.set_color(form.0);
    encoder.set_depth(form.1);
    if form.0 == ColorType::Indexed {
        encoder.set_palette(vec![10, 20, 30, 200, 100, 50]);
        encoder.set_trns(vec![0, 255]);
    }
    encoder.write_header().unwrap().write_image_data(data).unwrap();
}

fn grey(path: &Path, size: (u32, u32), value: u8) {
    let data = vec![value; (size.0 * size.1) as usize];
    write_png(path, size, (ColorType::Grayscale, BitDepth::Eight), &data);
}

fn single(path: &Path) -> Frame {
    let mut source = open(path).unwrap();
    assert_eq!(source.info().frames, Some(1));
    let (mut frames, error) = drain(&mut *source);
    assert!(error.is_none() && frames.len() == 1, "{error:?}");
    frames.remove(0)
}

/// The reference loader is Pillow; each PNG holds what it made of the JPEG beside it.
#[test]
fn jpegs_decode_to_the_reference_loaders_bytes() {
    for name in ["420", "422", "444", "progressive", "grey"] {
        let jpeg = single(&fixture(&format!("{name}.jpg")));
        let expected = single(&fixture(&format!("{name}.png")));
        assert_eq!((jpeg.width, jpeg.height), (37, 19));
        assert_eq!(jpeg.rgb, expected.rgb, "{name}");
    }
}

#[test]
fn jpegs_that_are_not_rgb_are_refused() {
    let error = open(&fixture("cmyk.jpg")).map(drop).unwrap_err();
    assert!(matches!(error, CaptureError::Image { source: ImageError::Unsupported(_), .. }), "{error:?}");
}

#[test]
fn every_form_of_png_becomes_rgb() {
    type Case<'a> = (ColorType, BitDepth, &'a [u8], [[u8; 3]; 2]);
    let cases: [Case; 7] = [
        (ColorType::Rgb, BitDepth::Eight, &[1, 2, 3, 4, 5, 6], [[1, 2, 3], [4, 5, 6]]),
        (ColorType::Rgba, BitDepth::Eight, &[1, 2, 3, 0, 4, 5, 6, 9], [[1, 2, 3], [4, 5, 6]]),
        (ColorType::Grayscale, BitDepth::Eight, &[7, 9], [[7; 3], [9; 3]]),
        (ColorType::Grayscale, BitDepth::One, &[0b0100_0000], [[0; 3], [255; 3]]),
        (ColorType::GrayscaleAlpha, BitDepth::Eight, &[7, 0, 9, 1], [[7; 3], [9; 3]]),
        (ColorType::Grayscale, BitDepth::Sixteen, &[7, 255, 9, 0], [[7; 3], [9; 3]]),
        (ColorType::Indexed, BitDepth::One, &[0b0100_0000], [[10, 20, 30], [200, 100, 50]]),
    ];
    let folder = folder();
    let path = folder.path().join("a.png");
    for (colours, depth, data, expected) in cases {
        write_png(&path, (2, 1), (colours, depth), data);
        assert_eq!(*single(&path).rgb, *expected.as_flattened(), "{colours:?} {depth:?}");
    }
}

#[test]
fn a_folder_is_read_in_the_order_of_its_numbers() {
    let folder = folder();
    for number in [0, 1, 2, 9, 10, 11, 100] {
        grey(&folder.path().join(format!("f{number}.PNG")), (3, 2), number);
    }
    fs::write(folder.path().join("notes.txt"), "not a frame").unwrap();
    fs::write(folder.path().join(".hidden.png"), "not a frame").unwrap();
    fs::create_dir(folder.path().join("5.png")).unwrap();
    let mut source = open(folder.path()).unwrap();
    assert_eq!((source.info().frames, source.info().frames_estimate), (Some(7), Some(7)));
    assert_eq!(source.info().rate, Some(FrameRate { numerator: 30, denominator: 1 }));
    let (frames, error) = drain(&mut *source);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(frames.iter().map(|frame| frame.rgb[0]).collect::<Vec<_>>(), [0, 1, 2, 9, 10, 11, 100]);
    assert_eq!(frames.iter().map(|frame| frame.number).collect::<Vec<_>>(), (0..7).collect::<Vec<_>>());
    assert_eq!(frames[6].stamp.pts_ns, 200_000_000);
}

#[test]
fn a_folder_has_one_size() {
    let folder = folder();
    grey(&folder.path().join("0.png"), (3, 2), 0);
    grey(&folder.path().join("1.png"), (3, 2), 0);
    grey(&folder.path().join("2.png"), (2, 3), 0);
    let (frames, error) = drain(&mut *open(folder.path()).unwrap());
    assert_eq!(frames.len(), 2);
    let Some(CaptureError::SizeChange { path, found: (2, 3), expected: (3, 2) }) = error else { panic!("{error:?}") };
    assert!(path.ends_with("2.png"));
}

#[test]
fn masks_beside_frames_are_noticed() {
    let folder = folder();
    fs::copy(fixture("420.jpg"), folder.path().join("00007.jpg")).unwrap();
    fs::copy(fixture("420.png"), folder.path().join("7.png")).unwrap();
    let error = open(folder.path()).map(drop).unwrap_err();
    assert!(matches!(error, CaptureError::SameFrame { .. }), "{error:?}");
}

#[test]
fn broken_pictures_name_themselves() {
    let folder = folder();
    fs::copy(fixture("420.png"), folder.path().join("0.png")).unwrap();
    for (name, from) in [("1.jpg", "420.jpg"), ("1.jpg", "progressive.jpg"), ("1.jpg", "420.png")] {
        let path = folder.path().join(name);
        let bytes = fs::read(fixture(from)).unwrap();
        fs::write(&path, &bytes[..bytes.len() * 7 / 10]).unwrap();
        let (frames, error) = drain(&mut *open(folder.path()).unwrap());
        assert_eq!(frames.len(), 1, "{from}");
        assert!(matches!(&error, Some(CaptureError::Image { path: told, .. }) if *told == path), "{from}: {error:?}");
    }
    fs::write(folder.path().join("1.jpg"), "not a picture").unwrap();
    let (_, error) = drain(&mut *open(folder.path()).unwrap());
    assert!(matches!(error, Some(CaptureError::Image { source: ImageError::Unknown, .. })), "{error:?}");
    fs::write(folder.path().join("1.jpg"), "").unwrap();
    let (_, error) = drain(&mut *open(folder.path()).unwrap());
    assert!(matches!(error, Some(CaptureError::EmptyFile { .. })), "{error:?}");
}

/// A header that promises a gigapixel must not take the memory for it.
#[test]
fn a_bomb_is_refused_by_its_header() {
    let folder = folder();
    let mut jpeg = fs::read(fixture("420.jpg")).unwrap();
    let frame_header = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[frame_header + 5..frame_header + 9].copy_from_slice(&[0xff; 4]);
    let mut png = fs::read(fixture("420.png")).unwrap();
    png[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let header: [u8; 17] = png[12..29].try_into().unwrap();
    png[29..33].copy_from_slice(&crc32(&header).to_be_bytes());
    for (name, bytes) in [("a.jpg", jpeg), ("a.png", png)] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let begin = std::time::Instant::now();
        let error = open(&path).map(drop).unwrap_err();
        assert!(matches!(error, CaptureError::TooLarge { width: 65535, height: 65535, .. }), "{error:?}");
        assert!(begin.elapsed() < Duration::from_secs(1));
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| {
        if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
    };
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)))
}
