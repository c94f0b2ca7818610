//! Run lengths in COCO's compressed form, and as the page gets them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maskd_live::{runs, unpack};
use maskd_types::Rle;

/// Masks of up to so many pixels are also looked at pixel by pixel.
const FEW: u64 = 1 << 14;

fuzz_target!(|input: ([u16; 2], [u8; 2], &str)| {
    let ([width, height], view, text) = input;
    let (width, height) = (u32::from(width), u32::from(height));
    let pixels = u64::from(width) * u64::from(height);
    let Ok(mask) = Rle::from_coco_string(width, height, text) else { return };
    assert_eq!(mask.counts().iter().map(|count| u64::from(*count)).sum::<u64>(), pixels);
    assert!(mask.area() <= pixels && mask.is_empty() == mask.bbox().is_none());
    assert_eq!(Rle::from_coco_string(width, height, &mask.to_coco_string()).as_ref(), Ok(&mask));
    if pixels <= FEW {
        assert_eq!(Rle::encode(&mask.decode()), mask);
    }
    let [across, down] = view.map(u16::from);
    let seen = unpack(&runs(&mask, across, down), usize::from(across) * usize::from(down));
    assert_eq!(seen.map(|seen| seen.len()), Some(usize::from(across) * usize::from(down)));
});
