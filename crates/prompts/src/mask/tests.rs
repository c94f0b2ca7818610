use std::io::Cursor;

use super::*;

fn encode(colour: ColorType, depth: BitDepth, size: [u32; 2], data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size[0], size[1]);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == ColorType::Indexed {
        encoder.set_palette(vec![0; 3 * 4]);
    }
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    bytes
}

fn read(bytes: &[u8], object: u32, size: [u32; 2]) -> Result<Vec<u8>, MaskFileError> {
    let object = ObjectId::new(object).unwrap();
    decode(Cursor::new(bytes), object, size).map(|rle| rle.decode().data().to_vec())
}

#[test]
fn any_value_but_0_is_inside_whatever_the_kind_of_png() {
    use BitDepth::{Eight, Four, One, Sixteen, Two};
    let table: [(ColorType, BitDepth, &[u8]); 9] = [
        (ColorType::Grayscale, Eight, &[0, 1, 255]),
        (ColorType::Grayscale, One, &[0b0110_0000]),
        (ColorType::Grayscale, Two, &[0b0001_1100]),
        (ColorType::Grayscale, Four, &[0x0f, 0x10]),
        (ColorType::Grayscale, Sixteen, &[0, 0, 0, 1, 1, 0]),
        (ColorType::Rgb, Eight, &[0, 0, 0, 0, 0, 9, 9, 0, 0]),
        (ColorType::GrayscaleAlpha, Eight, &[255, 0, 255, 1, 1, 255]),
        (ColorType::Rgba, Eight, &[0, 0, 0, 255, 0, 0, 9, 1, 1, 0, 0, 255]),
        (ColorType::Indexed, Eight, &[0, 3, 3]),
    ];
    for (colour, depth, data) in table {
        let png = encode(colour, depth, [3, 1], data);
        assert_eq!(read(&png, 1, [3, 1]).unwrap(), [0, 1, 1], "{colour:?} {depth:?}");
    }
}

#[test]
fn rows_of_packed_pixels_end_with_their_width() {
    let png = encode(ColorType::Indexed, BitDepth::Two, [3, 2], &[0b0001_0011, 0b0100_0000]);
    assert_eq!(read(&png, 1, [3, 2]).unwrap(), [0, 1, 0, 1, 0, 0]);
}

#[test]
fn an_indexed_mask_of_several_objects_gives_the_one_asked_for() {
    let png = encode(ColorType::Indexed, BitDepth::Eight, [4, 1], &[0, 1, 2, 2]);
    assert_eq!(read(&png, 2, [4, 1]).unwrap(), [0, 0, 1, 1]);
    let error = read(&png, 3, [4, 1]).unwrap_err();
    assert!(error.to_string().contains("numbered 1, 2, and object 3"), "{error}");
}

#[test]
fn what_is_no_usable_mask_is_refused() {
    let png = encode(ColorType::Grayscale, BitDepth::Eight, [2, 1], &[0, 0]);
    assert!(matches!(read(&png, 1, [2, 1]), Err(MaskFileError::Empty)));
    assert!(matches!(read(&png, 1, [1, 2]), Err(MaskFileError::Size { .. })));
    assert!(matches!(read(&png[..40], 1, [2, 1]), Err(MaskFileError::Png(_))));
    assert!(matches!(read(b"hello", 1, [2, 1]), Err(MaskFileError::Png(_))));
}

#[test]
fn annotations_give_all_of_their_objects() {
    let folder = std::env::temp_dir().join(format!("maskd-prompts-{}", std::process::id()));
    let objects = |png: &[u8]| {
        std::fs::write(&folder, png).unwrap();
        let (size, objects) = load_all(&folder).unwrap();
        assert_eq!(size, [4, 1]);
        objects.into_iter().map(|(id, rle)| (id.get(), rle.decode().data().to_vec())).collect::<Vec<_>>()
    };
    let indexed = encode(ColorType::Indexed, BitDepth::Eight, [4, 1], &[0, 3, 1, 3]);
    assert_eq!(objects(&indexed), [(1, vec![0, 0, 1, 0]), (3, vec![0, 1, 0, 1])]);
    let grey = encode(ColorType::Grayscale, BitDepth::Eight, [4, 1], &[0, 255, 0, 128]);
    assert_eq!(objects(&grey), [(1, vec![0, 1, 0, 1])]);
    let nothing = encode(ColorType::Grayscale, BitDepth::Eight, [4, 1], &[0; 4]);
    assert_eq!(objects(&nothing), []);
    std::fs::remove_file(&folder).unwrap();
    assert!(matches!(load_all(&folder), Err(MaskFileError::Open(_))));
}
