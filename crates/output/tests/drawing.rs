//! What people get to see.

mod common;

use common::{frame, object, read_png, tracked, with_mask};
use maskd_output::{OutputError, Picture, contact_sheet, overlay};
use maskd_types::Rle;

fn count(picture: &Picture, colour: [u8; 3]) -> usize {
    picture.pixels().iter().filter(|pixel| **pixel == colour).count()
}

#[test]
fn masks_are_filled_outlined_and_labelled() {
    let size = [200, 150];
    let frame = tracked(frame(0, 200, 150), vec![object(2, 0.98, size, [80, 60, 120, 100])]);
    let bare = Picture::from_frame(&frame.frame);
    let drawn = overlay::draw(&frame);
    let colour = overlay::colour(2);
    // A square of 40 has 40² - 38² pixels at its rim and 42² - 40² around it.
    assert_eq!(count(&drawn, colour), 40 * 40 - 38 * 38 + 42 * 42 - 40 * 40);
    let pixel = |picture: &Picture, x: usize, y: usize| picture.pixels()[y * 200 + x];
    let (before, after) = (pixel(&bare, 100, 80), pixel(&drawn, 100, 80));
    assert_ne!(before, after);
    for ((before, after), towards) in before.iter().zip(after).zip(colour) {
        assert!((*before.min(&towards)..=*before.max(&towards)).contains(&after));
    }
    assert_eq!(pixel(&bare, 150, 130), pixel(&drawn, 150, 130));
    let label = (40..58).flat_map(|y| (80..130).map(move |x| (x, y)));
    let changed = label.filter(|&(x, y)| pixel(&bare, x, y) != pixel(&drawn, x, y)).count();
    assert!(changed > 300, "{changed} pixels of a label");
}

#[test]
fn masks_anywhere_and_labels_larger_than_the_picture_draw() {
    for size in [[1, 1], [3, 40], [40, 3], [64, 64]] {
        let full = object(1, 0.5, size, [0, 0, size[0], size[1]]);
        let corner = object(99, 1.0, size, [size[0] - 1, size[1] - 1, size[0], size[1]]);
        let hidden = with_mask(4_000_000_000, 0.0, Rle::empty(size[0], size[1]));
        let drawn = overlay::draw(&tracked(frame(0, size[0], size[1]), vec![full, corner, hidden]));
        assert_eq!([drawn.width(), drawn.height()], size);
    }
}

#[test]
fn objects_out_of_sight_are_listed() {
    let hidden = with_mask(3, 0.1, Rle::empty(200, 150));
    let frame = tracked(frame(0, 200, 150), vec![hidden]);
    let (bare, drawn) = (Picture::from_frame(&frame.frame), overlay::draw(&frame));
    let changed = |rows: std::ops::Range<usize>| {
        let range = rows.start * 200..rows.end * 200;
        bare.pixels()[range.clone()].iter().zip(&drawn.pixels()[range]).filter(|(a, b)| a != b).count()
    };
    assert!(changed(0..25) > 500);
    assert_eq!(changed(30..150), 0);
}

#[test]
fn a_sheet_holds_all_pictures() {
    let pictures: Vec<(String, Picture)> = [[250, 10, 10], [10, 250, 10], [10, 10, 250]]
        .into_iter()
        .map(|colour| (String::new(), Picture::new(64, 48, colour)))
        .collect();
    let sheet = contact_sheet(&pictures, 2, 128).unwrap();
    assert_eq!([sheet.width(), sheet.height()], [2 * 134 + 6, 2 * 102 + 6]);
    for (_, picture) in &pictures {
        let found = count(&sheet, picture.pixels()[0]);
        assert!(found > 128 * 96 * 9 / 10, "{found}");
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sheet.png");
    sheet.write_png(&path).unwrap();
    let (width, height, _, bytes) = read_png(&path);
    assert_eq!((width, height), (sheet.width(), sheet.height()));
    assert_eq!(bytes, sheet.pixels().as_flattened());
    assert!(matches!(contact_sheet(&[], 2, 128), Err(OutputError::EmptySheet)));
}
