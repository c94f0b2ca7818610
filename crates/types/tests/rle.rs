//! Run lengths against pycocotools' strings (printed by pycocotools 2.0 for the masks described beside them), against
//! hostile input, and against masks of bytes.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

use maskd_types::{BinaryMask, Rle, RleBuilder, RleError};
use proptest::prelude::*;

fn draw(width: u32, height: u32, inside: impl Fn(i64, i64) -> bool) -> BinaryMask {
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (i64::from(x), i64::from(y))));
    BinaryMask::new(width, height, pixels.map(|(x, y)| u8::from(inside(x, y))).collect()).unwrap()
}

fn in_box(x: i64, y: i64, [x0, y0, x1, y1]: [i64; 4]) -> bool {
    (x0..x1).contains(&x) && (y0..y1).contains(&y)
}

const DISC: &str = "Zhg0e0f6:H6J6K4K6K4M2M4L4M2N2M4M2N2N2N2N2N2N2N2N2N2O0O2N2N2O0O2O0O2N2O0O2O000O2O0O2O000O2O000O2O\
                    0000000O2O0000000000000000000000000000000000000001N100000001N10001N10001N101N10001N101N2N101N101\
                    N2N2N101N2N2N2N2N2N2N2N2N2N3L3N2N3L4L3N3L5J5L5J6J8F[[g0";

#[test]
fn strings_are_those_of_pycocotools() {
    let cases = [
        ("empty", draw(5, 4, |_, _| false), "d0".to_owned()),
        ("full", draw(5, 4, |_, _| true), "0d0".to_owned()),
        ("one pixel", draw(1, 1, |_, _| true), "01".to_owned()),
        ("box", draw(5, 4, |x, y| in_box(x, y, [1, 1, 4, 3])), "5220003".to_owned()),
        ("corners", draw(3, 3, |x, y| x == y && x != 1), "0170".to_owned()),
        ("checkers", draw(7, 6, |x, y| (x + y) % 2 == 1), "1110010O0010O0010O0010O0010O0010O000".to_owned()),
        ("long runs", draw(1920, 1080, |x, y| x >= 1000 || (x, y) == (3, 5)), "]U31b`kP1oYZn0".to_owned()),
        (
            "two boxes",
            draw(640, 480, |x, y| in_box(x, y, [200, 100, 300, 400]) || in_box(x, y, [0, 0, 100, 3])),
            format!("03m>{}To^1Y9cg`N{}lXo4", "0".repeat(197), "0".repeat(197)),
        ),
        ("disc", draw(320, 240, |x, y| (x - 160).pow(2) + (y - 100).pow(2) < 3600), DISC.to_owned()),
    ];
    for (name, mask, expected) in cases {
        let rle = Rle::encode(&mask);
        assert_eq!(rle.to_coco_string(), expected, "{name}");
        let back = Rle::from_coco_string(mask.width(), mask.height(), &expected).unwrap();
        assert_eq!(back, rle, "{name}");
        assert_eq!(back.decode(), mask, "{name}");
    }
}

#[test]
fn measures_of_a_disc_are_right() {
    let disc = Rle::from_coco_string(320, 240, DISC).unwrap();
    assert_eq!(disc.area(), 11277);
    assert_eq!(disc.bbox(), Some([101, 41, 220, 160]));
    assert_eq!(disc.centroid(), Some([160.5, 100.5]));
    assert_eq!(disc.iou(&disc), 1.0);
}

#[test]
fn an_empty_mask_has_neither_box_nor_centre() {
    for (width, height) in [(5, 4), (0, 4), (5, 0), (0, 0)] {
        let empty = Rle::empty(width, height);
        assert_eq!(empty, Rle::encode(&BinaryMask::empty(width, height)));
        assert_eq!(empty.counts(), &[width * height]);
        assert_eq!((empty.bbox(), empty.centroid(), empty.area()), (None, None, 0));
        assert!(empty.is_empty());
        assert_eq!(empty.iou(&empty), 1.0);
    }
}

#[test]
fn masks_of_different_sizes_share_nothing() {
    let wide = Rle::from_counts(4, 3, vec![0, 12]).unwrap();
    let tall = Rle::from_counts(3, 4, vec![0, 12]).unwrap();
    assert_eq!((wide.iou(&tall), wide.intersection(&tall)), (0.0, 0));
}

#[test]
fn runs_of_no_length_are_joined_away() {
    let joined = Rle::from_counts(5, 4, vec![0, 0, 3, 0, 0, 4, 0, 2, 11]).unwrap();
    assert_eq!(joined.counts(), &[3, 6, 11]);
}

#[test]
fn runs_that_do_not_fill_the_mask_are_refused() {
    let sum = |found| Err(RleError::Sum { width: 5, height: 4, found });
    assert_eq!(Rle::from_counts(5, 4, vec![]), sum(0));
    assert_eq!(Rle::from_counts(5, 4, vec![7, 12]), sum(19));
    assert_eq!(Rle::from_counts(5, 4, vec![u32::MAX; 3]), sum(3 * u64::from(u32::MAX)));
    let many = Err(RleError::TooManyRuns { width: 5, height: 4 });
    assert_eq!(Rle::from_counts(5, 4, vec![0; 22]), many);
    let mut builder = RleBuilder::new(5, 4);
    builder.push(true, u64::MAX);
    builder.push(false, u64::MAX);
    assert_eq!(builder.finish(), sum(u64::MAX));
}

#[test]
fn hostile_strings_are_errors() {
    let read = |text: &str| Rle::from_coco_string(5, 4, text).unwrap_err();
    assert_eq!(read(""), RleError::Sum { width: 5, height: 4, found: 0 });
    assert_eq!(read("d"), RleError::Truncated);
    assert_eq!(read("d0p"), RleError::Character { byte: b'p', position: 2 });
    assert_eq!(read("d/"), RleError::Character { byte: b'/', position: 1 });
    assert_eq!(read("dé"), RleError::Character { byte: 0xc3, position: 1 });
    assert_eq!(read("O"), RleError::Run { index: 0 });
    assert_eq!(read("003O"), RleError::Run { index: 3 });
    assert_eq!(read("oooooooooooooooo0"), RleError::Run { index: 0 });
    assert_eq!(read("PPPPPPP1"), RleError::Run { index: 0 });
    assert_eq!(read(&"0".repeat(1000)), RleError::TooManyRuns { width: 5, height: 4 });
    assert!(matches!(read("ooooo11"), RleError::Sum { .. }));
    let huge = Rle::from_coco_string(u32::MAX, u32::MAX, "d0").unwrap_err();
    assert!(matches!(huge, RleError::Sum { found: 20, .. }));
}

#[test]
fn json_is_cocos() {
    let rle = Rle::from_counts(5, 4, vec![5, 2, 2, 2, 2, 2, 5]).unwrap();
    let text = serde_json::to_string(&rle).unwrap();
    assert_eq!(text, r#"{"size":[4,5],"counts":"5220003"}"#);
    assert_eq!(serde_json::from_str::<Rle>(&text).unwrap(), rle);
    let plain = r#"{"size":[4,5],"counts":[5,2,2,2,2,2,5]}"#;
    assert_eq!(serde_json::from_str::<Rle>(plain).unwrap(), rle);
    let error = serde_json::from_str::<Rle>(r#"{"size":[4,5],"counts":"6220003"}"#).unwrap_err();
    assert!(error.to_string().contains("must sum to 20"), "{error}");
}

#[test]
fn columns_may_hold_any_byte() {
    let rle = Rle::from_columns(3, 20, |x, column| {
        column.fill(0);
        column[5..12].fill(u8::try_from(x).unwrap() * 127);
    });
    assert_eq!(rle.bbox(), Some([1, 5, 3, 12]));
    assert_eq!(rle.area(), 14);
}

fn any_mask() -> impl Strategy<Value = BinaryMask> {
    (0_u32..90, 0_u32..40).prop_flat_map(|(width, height)| {
        let pixels = (width * height) as usize;
        let noise = prop::collection::vec(0_u8..2, pixels);
        let threshold = (0_u32..200)
            .prop_map(move |k| (0..width * height).map(|i| u8::from((i * i / 7 + i) % 200 < k)).collect::<Vec<_>>());
        prop_oneof![noise, threshold].prop_map(move |data| BinaryMask::new(width, height, data).unwrap())
    })
}

fn measured_by_pixel(mask: &BinaryMask) -> (u64, Option<[u32; 4]>, Option<[f32; 2]>) {
    let inside: Vec<(u32, u32)> = (0..mask.height())
        .flat_map(|y| (0..mask.width()).map(move |x| (x, y)))
        .filter(|(x, y)| mask.data()[(y * mask.width() + x) as usize] == 1)
        .collect();
    let (xs, ys): (Vec<u32>, Vec<u32>) = inside.iter().copied().unzip();
    let mean = |values: &[u32]| (values.iter().map(|&v| f64::from(v) + 0.5).sum::<f64>() / values.len() as f64) as f32;
    let bbox = (!inside.is_empty())
        .then(|| [xs.iter().min(), ys.iter().min(), xs.iter().max(), ys.iter().max()].map(|edge| *edge.unwrap()));
    let bbox = bbox.map(|[x0, y0, x1, y1]| [x0, y0, x1 + 1, y1 + 1]);
    let centroid = (!inside.is_empty()).then(|| [mean(&xs), mean(&ys)]);
    (inside.len() as u64, bbox, centroid)
}

proptest! {
    #[test]
    fn every_mask_survives(mask in any_mask()) {
        let rle = Rle::encode(&mask);
        prop_assert_eq!(rle.decode(), mask.clone());
        let (width, height) = (mask.width(), mask.height());
        prop_assert_eq!(Rle::from_counts(width, height, rle.counts().to_vec()), Ok(rle.clone()));
        prop_assert_eq!(Rle::from_coco_string(width, height, &rle.to_coco_string()), Ok(rle.clone()));
        let columns = Rle::from_columns(width, height, |x, column| {
            for (y, byte) in column.iter_mut().enumerate() {
                *byte = mask.data()[y * width as usize + x as usize];
            }
        });
        prop_assert_eq!(&columns, &rle);
        let (area, bbox, centroid) = measured_by_pixel(&mask);
        prop_assert_eq!((rle.area(), rle.bbox()), (area, bbox));
        prop_assert!(rle.centroid().zip(centroid).is_none_or(|(a, b)| (a[0] - b[0]).abs() + (a[1] - b[1]).abs() < 1e-3));
    }

    #[test]
    fn iou_counts_pixels(bits in prop::collection::vec((0_u8..2, 0_u8..2), 60)) {
        let side = |pick: fn(&(u8, u8)) -> u8| BinaryMask::new(6, 10, bits.iter().map(pick).collect()).unwrap();
        let (a, b) = (Rle::encode(&side(|p| p.0)), Rle::encode(&side(|p| p.1)));
        let shared = bits.iter().filter(|p| p.0 + p.1 == 2).count() as u64;
        let union = bits.iter().filter(|p| p.0 + p.1 > 0).count() as u64;
        prop_assert_eq!(a.intersection(&b), shared);
        prop_assert_eq!(a.iou(&b), if union == 0 { 1.0 } else { shared as f64 / union as f64 });
    }

    #[test]
    fn any_text_is_a_mask_or_an_error(text in "[/-p]{0,40}", width in 0_u32..50, height in 0_u32..50) {
        if let Ok(rle) = Rle::from_coco_string(width, height, &text) {
            prop_assert_eq!(rle.counts().iter().map(|&c| u64::from(c)).sum::<u64>(), u64::from(width) * u64::from(height));
            prop_assert_eq!(Rle::from_coco_string(width, height, &rle.to_coco_string()), Ok(rle));
        }
    }
}
