//! The binary message of a frame; all numbers little endian. The page's `packet.js` reads it.
//!
//! ```text
//!  0  "MKD1"              4  u8 kind: 1           5  u8 flags: 1 intact, 2 the camera's clock      6  u16 objects
//!  8  u64 frame number   16  u64 pts, ns         24  u64 capture time, unix ns
//! 32  f32 encode, ms     36  f32 track, ms       40  f32 age when sent, ms      44  f32 frames tracked per second
//! 48  u32 width          52  u32 height          56  u16 view width             58  u16 view height
//! 60  u32 ticket         64  u32 bytes of JPEG   68  JPEG
//! then for every object:
//!  0  u32 id              4  u8 state: 0 visible, 1 occluded, 2 lost, 3 reacquired       5  u8 bytes of name       6  u16 0
//!  8  f32 score          12  f32 iou             16  f32 x0, y0, x1, y1 in source pixels, all 0 without a box
//! 32  u32 bytes of mask  36  name (UTF-8)        mask: see `masks`
//! ```

use maskd_types::{CaptureClock, ObjectState, TrackedFrame, TrackedObject};

use crate::masks::{fits, runs, unpack};

const AGE: usize = 40;
const RATE: usize = 44;
const TICKET: usize = 60;

/// A frame's picture as it is shown.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Its width in pixels.
    pub width: u16,
    /// Its height in pixels.
    pub height: u16,
    /// The picture.
    pub jpeg: &'a [u8],
}

/// Everything of a message that is the same for all who get this picture of the frame.
pub fn body(frame: &TrackedFrame, view: View<'_>) -> Vec<u8> {
    let mut bytes = head(frame, view);
    bytes.extend(view.jpeg);
    // More objects than these are not drawn, which nobody would see.
    for object in frame.objects.iter().take(usize::from(u16::MAX)) {
        push_object(&mut bytes, object, view);
    }
    bytes
}

/// A message made of a [`body`] and of what differs: how old the frame is when it is sent, how many are tracked per second, and by which
/// number it is to be answered.
pub fn address(body: &[u8], age_ms: f32, rate: f32, ticket: u32) -> Vec<u8> {
    let mut bytes = body.to_vec();
    let fields = [(AGE, age_ms.to_le_bytes()), (RATE, rate.to_le_bytes()), (TICKET, ticket.to_le_bytes())];
    for (at, value) in fields {
        if let Some(field) = bytes.get_mut(at..at + 4) {
            field.copy_from_slice(&value);
        }
    }
    bytes
}

fn head(frame: &TrackedFrame, view: View<'_>) -> Vec<u8> {
    let picture = &frame.frame;
    let camera = picture.stamp.capture.clock == CaptureClock::Camera;
    let objects = u16::try_from(frame.objects.len()).unwrap_or(u16::MAX);
    let mut bytes = b"MKD1".to_vec();
    bytes.extend([1, u8::from(picture.intact) | u8::from(camera) << 1]);
    bytes.extend(objects.to_le_bytes());
    for number in [picture.number, picture.stamp.pts_ns, picture.stamp.capture.unix_ns] {
        bytes.extend(number.to_le_bytes());
    }
    for milliseconds in [frame.latency.encode, frame.latency.track, 0.0, 0.0] {
        bytes.extend((milliseconds as f32).to_le_bytes());
    }
    bytes.extend(picture.width.to_le_bytes());
    bytes.extend(picture.height.to_le_bytes());
    bytes.extend(view.width.to_le_bytes());
    bytes.extend(view.height.to_le_bytes());
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(length(view.jpeg.len()));
    bytes
}

fn push_object(bytes: &mut Vec<u8>, object: &TrackedObject, view: View<'_>) {
    let name = object.name.as_deref().map(short).unwrap_or_default();
    let state = match object.state {
        ObjectState::Visible => 0,
        ObjectState::Occluded => 1,
        ObjectState::Lost => 2,
        ObjectState::Reacquired => 3,
    };
    let mask = runs(&object.mask, view.width, view.height);
    bytes.extend(object.id.get().to_le_bytes());
    bytes.extend([state, name.len() as u8, 0, 0]);
    bytes.extend(object.score.to_le_bytes());
    bytes.extend(object.iou.to_le_bytes());
    object.bbox.unwrap_or_default().into_iter().for_each(|edge| bytes.extend((edge as f32).to_le_bytes()));
    bytes.extend(length(mask.len()));
    bytes.extend(name.as_bytes());
    bytes.extend(mask);
}

/// At most 255 bytes, cut between characters.
fn short(name: &str) -> &str {
    let end = (0..=name.len().min(255)).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    name.get(..end).unwrap_or_default()
}

/// No part of a message comes near 4 GiB: pictures have at most 1920 pixels across.
fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes()
}

/// A message, read.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameMessage<'a> {
    /// Number of the frame.
    pub number: u64,
    /// What to answer it by.
    pub ticket: u32,
    /// Width and height of the source's frame.
    pub size: [u32; 2],
    /// Width and height of the picture and of the masks.
    pub view: [u16; 2],
    /// The picture.
    pub jpeg: &'a [u8],
    /// The objects.
    pub objects: Vec<MessageObject<'a>>,
}

/// An object of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageObject<'a> {
    /// Its number.
    pub id: u32,
    /// What it is called; empty without a name.
    pub name: &'a str,
    /// Its mask, packed: a message of many objects names more pixels than there may be memory for.
    mask: &'a [u8],
    pixels: usize,
}

impl MessageObject<'_> {
    /// Its mask, row by row at the size of the picture.
    pub fn inside(&self) -> Vec<bool> {
        // It was looked at when the message was read.
        unpack(self.mask, self.pixels).unwrap_or_default()
    }
}

/// Bytes that are no message of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no message of a frame")]
pub struct MessageError;

impl<'a> FrameMessage<'a> {
    /// Reads a message; for those who show frames elsewhere than on the page.
    ///
    /// # Errors
    /// [`MessageError`]
    pub fn read(bytes: &'a [u8]) -> Result<Self, MessageError> {
        let mut rest = Reader(bytes);
        if rest.take(5)? != b"MKD1\x01" {
            return Err(MessageError);
        }
        rest.take(1)?;
        let objects = rest.u16()?;
        let number = u64::from_le_bytes(rest.array()?);
        rest.take(32)?;
        let size = [rest.u32()?, rest.u32()?];
        let view = [rest.u16()?, rest.u16()?];
        let ticket = rest.u32()?;
        let length = rest.u32()?;
        let jpeg = rest.take(length as usize)?;
        let pixels = usize::from(view[0]) * usize::from(view[1]);
        if pixels > MOST_PIXELS {
            return Err(MessageError);
        }
        let objects = (0..objects).map(|_| rest.object(pixels)).collect::<Result<_, _>>()?;
        rest.0.is_empty().then_some(Self { number, ticket, size, view, jpeg, objects }).ok_or(MessageError)
    }
}

/// Pixels of a picture; a few bytes must not make a reader take gigabytes.
const MOST_PIXELS: usize = 1 << 24;

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], MessageError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(MessageError)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], MessageError> {
        self.take(N)?.try_into().map_err(|_| MessageError)
    }

    fn u16(&mut self) -> Result<u16, MessageError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    fn u32(&mut self) -> Result<u32, MessageError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn object(&mut self, pixels: usize) -> Result<MessageObject<'a>, MessageError> {
        let id = self.u32()?;
        let [_, name, _, _] = self.array()?;
        self.take(24)?;
        let mask = self.u32()? as usize;
        let name = std::str::from_utf8(self.take(usize::from(name))?).map_err(|_| MessageError)?;
        let mask = self.take(mask)?;
        fits(mask, pixels).then_some(MessageObject { id, name, mask, pixels }).ok_or(MessageError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use maskd_types::{Frame, Latency, ObjectId, Rle, Stamp};
    use proptest::prelude::*;

    fn frame() -> TrackedFrame {
        let object = TrackedObject {
            id: ObjectId::new(7).unwrap(),
            name: Some("tasse à café".into()),
            state: ObjectState::Reacquired,
            score: 0.5,
            iou: 0.25,
            bbox: Some([2, 1, 4, 3]),
            area: 4,
            centroid: None,
            mask: Rle::from_columns(8, 4, |x, column| {
                if (2..4).contains(&x) {
                    column[1..3].fill(1);
                }
            }),
        };
        TrackedFrame {
            stream: "yard".into(),
            frame: Frame {
                number: 300,
                stamp: Stamp::arriving(5),
                width: 8,
                height: 4,
                intact: true,
                rgb: vec![90; 96].into(),
            },
            objects: vec![object],
            latency: Latency { encode: 1.5, track: 2.5, total: 4.0 },
        }
    }

    fn u32_at(bytes: &[u8], at: usize) -> usize {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
    }

    fn f32_at(bytes: &[u8], at: usize) -> f32 {
        f32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
    }

    #[test]
    fn everything_is_where_the_page_looks_for_it() {
        let jpeg = [0xff, 0xd8, 1, 2, 3, 0xff, 0xd9];
        let body = body(&frame(), View { width: 8, height: 4, jpeg: &jpeg });
        let bytes = address(&body, 12.5, 29.5, 77);
        assert_eq!((&bytes[..4], bytes[4], bytes[5], bytes[6]), (&b"MKD1"[..], 1, 1, 1));
        assert_eq!((bytes[8], bytes[9], bytes[16]), (44, 1, 5));
        assert_eq!([32, 36, 40, 44].map(|at| f32_at(&bytes, at)), [1.5, 2.5, 12.5, 29.5]);
        assert_eq!((u32_at(&bytes, 48), u32_at(&bytes, 52), u32_at(&bytes, 60)), (8, 4, 77));
        assert_eq!((bytes[56], bytes[57], bytes[58], bytes[59]), (8, 0, 4, 0));
        let length = u32_at(&bytes, 64);
        assert_eq!((&bytes[68..70], &bytes[68 + length - 2..68 + length]), (&[0xff, 0xd8][..], &[0xff, 0xd9][..]));
        let object = &bytes[68 + length..];
        assert_eq!((u32_at(object, 0), object[4], object[5]), (7, 3, 14));
        assert_eq!((f32_at(object, 8), f32_at(object, 12)), (0.5, 0.25));
        assert_eq!([16, 20, 24, 28].map(|at| f32_at(object, at)), [2.0, 1.0, 4.0, 3.0]);
        assert_eq!(&object[36..50], "tasse à café".as_bytes());
        // Row 1 and row 2, columns 2 and 3.
        assert_eq!((u32_at(object, 32), &object[50..]), (4, &[10, 2, 6, 2][..]));
        let message = FrameMessage::read(&bytes).unwrap();
        assert_eq!((message.number, message.ticket, message.size, message.view), (300, 77, [8, 4], [8, 4]));
        assert_eq!((message.jpeg, message.objects[0].name), (&jpeg[..], "tasse à café"));
        assert_eq!(message.objects[0].inside().iter().filter(|inside| **inside).count(), 4);
        for length in 0..bytes.len() {
            assert!(FrameMessage::read(&bytes[..length]).is_err(), "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn noise_is_refused_or_read(noise in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = FrameMessage::read(&[b"MKD1\x01\x00\x01\x00", &noise[..]].concat());
        }
    }

    #[test]
    fn many_objects_of_large_pictures_take_no_memory() {
        let mut frame = frame();
        let object = frame.objects.remove(0);
        // 65535 masks of 16 million pixels: a terabyte, were they all unpacked.
        frame.objects = vec![object; usize::from(u16::MAX)];
        let bytes = body(&frame, View { width: 1, height: 1, jpeg: &[] });
        let bytes = [&bytes[..56], &4096_u16.to_le_bytes(), &4096_u16.to_le_bytes(), &bytes[60..]].concat();
        let message = FrameMessage::read(&bytes).unwrap();
        assert_eq!((message.objects.len(), message.objects[9].inside().len()), (65535, 1 << 24));
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(short(&"é".repeat(200)).len(), 254);
    }
}
