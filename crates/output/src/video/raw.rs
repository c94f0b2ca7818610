//! Pictures as GStreamer takes them.

use gstreamer::{Buffer, Caps, Fraction};
use gstreamer_video::{VideoCapsBuilder, VideoFormat};

use crate::Picture;

/// What pictures of a size are called; `rate` is frames per so many seconds, `None` where it varies.
pub(crate) fn caps([width, height]: [u32; 2], rate: Option<[u32; 2]>) -> Caps {
    // 0/1 is GStreamer's word for a rate that varies.
    let [numerator, denominator] = rate.unwrap_or([0, 1]).map(|number| i32::try_from(number).unwrap_or(i32::MAX));
    VideoCapsBuilder::new()
        .format(VideoFormat::Rgb)
        .width(i32::try_from(width).unwrap_or(i32::MAX))
        .height(i32::try_from(height).unwrap_or(i32::MAX))
        .framerate(Fraction::new(numerator, denominator.max(1)))
        .pixel_aspect_ratio(Fraction::new(1, 1))
        .build()
}

/// The picture's bytes with every row filled up to a multiple of four, as GStreamer lays RGB out.
pub(crate) fn buffer(picture: &Picture) -> Buffer {
    let row = picture.width() as usize * 3;
    let padding = row.next_multiple_of(4) - row;
    let mut bytes = Vec::with_capacity((row + padding) * picture.height() as usize);
    for pixels in picture.pixels().chunks_exact(picture.width().max(1) as usize) {
        bytes.extend_from_slice(pixels.as_flattened());
        bytes.extend(std::iter::repeat_n(0, padding));
    }
    Buffer::from_mut_slice(bytes)
}
