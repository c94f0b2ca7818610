//! What is shown of a frame, in Rerun's words.

use libjpeg_turbo_rs::{PixelFormat, Subsampling, compress};
use maskd_types::{Frame, Notice, ObjectEvent, ObjectEventKind, ObjectId, SourceState, StreamStatus, TrackedFrame};
use re_log_types::{EntityPath, EntityPathPart};
use re_sdk_types::archetypes::{Boxes2D, EncodedImage, SegmentationImage, TextLog};
use re_sdk_types::components::{ImageFormat, MediaType, TextLogLevel};
use re_sdk_types::datatypes::ChannelDatatype;

use super::annotations::{class, label, name_of};
use crate::OutputError;
use crate::masks::labels;

/// Where something of a stream lies; every part may hold any letter.
pub(super) fn path(stream: &str, below: &[&str]) -> EntityPath {
    EntityPath::new(std::iter::once(stream).chain(below.iter().copied()).map(EntityPathPart::new).collect())
}

pub(super) fn score_path(stream: &str, id: ObjectId) -> EntityPath {
    path(stream, &["objects", &id.to_string(), "score"])
}

pub(super) fn image(frame: &Frame, quality: u8) -> Result<EncodedImage, OutputError> {
    let (width, height) = (frame.width as usize, frame.height as usize);
    let jpeg = compress(&frame.rgb, width, height, PixelFormat::Rgb, quality, Subsampling::S420);
    let jpeg = jpeg.map_err(|error| OutputError::Rerun(Box::new(error)))?;
    Ok(EncodedImage::new(jpeg).with_media_type(MediaType::JPEG))
}

/// `None` where an id has no place in a picture, which is beyond 65535.
pub(super) fn masks(frame: &TrackedFrame) -> Result<Option<SegmentationImage>, OutputError> {
    let size = [frame.frame.width, frame.frame.height];
    let largest = frame.objects.iter().map(|object| object.id.get()).max().unwrap_or_default();
    let (bytes, kind) = if largest <= u32::from(u8::MAX) {
        (labels::<u8>(frame)?, ChannelDatatype::U8)
    } else if largest <= u32::from(u16::MAX) {
        (labels::<u16>(frame)?.into_iter().flat_map(u16::to_le_bytes).collect(), ChannelDatatype::U16)
    } else {
        return Ok(None);
    };
    Ok(Some(SegmentationImage::new(bytes, ImageFormat::segmentation(size, kind))))
}

pub(super) fn boxes(frame: &TrackedFrame) -> Boxes2D {
    let shown = || frame.objects.iter().filter_map(|object| Some((object, object.bbox?)));
    // Pixels of pictures are far fewer than a float counts exactly.
    let mins = shown().map(|(_, [x0, y0, ..])| [x0 as f32, y0 as f32]);
    let sizes = shown().map(|(_, [x0, y0, x1, y1])| [(x1 - x0) as f32, (y1 - y0) as f32]);
    Boxes2D::from_mins_and_sizes(mins, sizes)
        .with_labels(shown().map(|(object, _)| label(object)))
        .with_class_ids(shown().map(|(object, _)| class(object.id).unwrap_or_default()))
}

pub(super) fn event(notice: &Notice) -> TextLog {
    match notice {
        Notice::Status(status) => {
            TextLog::new(said_of_source(status)).with_level(TextLogLevel::from(level_of_state(status.state)))
        }
        Notice::Object(event) => {
            TextLog::new(said_of_object(event)).with_level(TextLogLevel::from(level_of_event(event.kind)))
        }
    }
}

fn said_of_source(status: &StreamStatus) -> String {
    let state = status.state.name();
    status.reason.as_ref().map_or_else(|| state.to_owned(), |reason| format!("{state}: {reason}"))
}

fn said_of_object(event: &ObjectEvent) -> String {
    let id = event.object.get();
    let name = event.name.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
    format!("{}{name}: {}", name_of(id, None), word(event.kind))
}

fn level_of_state(state: SourceState) -> &'static str {
    match state {
        SourceState::Connecting | SourceState::Live | SourceState::Ended => TextLogLevel::INFO,
        SourceState::Stalled | SourceState::Backoff => TextLogLevel::WARN,
        SourceState::AuthFailed => TextLogLevel::ERROR,
    }
}

fn level_of_event(kind: ObjectEventKind) -> &'static str {
    if kind == ObjectEventKind::Lost { TextLogLevel::WARN } else { TextLogLevel::INFO }
}

fn word(kind: ObjectEventKind) -> &'static str {
    match kind {
        ObjectEventKind::New => "new",
        ObjectEventKind::Update => "update",
        ObjectEventKind::Occluded => "occluded",
        ObjectEventKind::Lost => "lost",
        ObjectEventKind::Reacquired => "reacquired",
        ObjectEventKind::End => "end",
    }
}
