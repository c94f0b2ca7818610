//! A scene, and that a recording shows it.

use libjpeg_turbo_rs::{PixelFormat, decompress_to};
use maskd_types::TrackedFrame;
use re_sdk_types::archetypes::{AnnotationContext, Boxes2D, EncodedImage, Scalars, SegmentationImage};
use re_sdk_types::components::{self, HalfSize2D, ImageBuffer, ImageFormat, MediaType, Position2D, Scalar, Text};
use re_sdk_types::datatypes::{AnnotationInfo, ChannelDatatype};

use crate::common::scene;
use crate::seen::Seen;

/// Frames of a scene; the second object has a name from the fifth frame on.
pub fn frames(count: u64) -> Vec<TrackedFrame> {
    let mut frames: Vec<_> = scene(&format!("scene://?seed=5&frames={count}&size=161x90&objects=3")).collect();
    for frame in &mut frames {
        frame.stream = "yard/north".into();
        if frame.frame.number >= 5 {
            frame.objects[1].name = Some("cup".into());
        }
    }
    frames
}

pub fn entity(below: &str) -> String {
    // The stream's name is one part of the path.
    format!("/yard\\/north{below}")
}

/// Checks everything that was recorded of these frames, which are the first.
pub fn check(seen: &Seen, frames: &[TrackedFrame]) {
    check_frames(seen, frames);
    check_annotations(seen);
}

/// As [`check`], but for what holds always.
pub fn check_frames(seen: &Seen, frames: &[TrackedFrame]) {
    check_times(seen, frames);
    check_images(seen, frames);
    check_masks(seen, frames);
    check_boxes(seen, frames);
    check_scores(seen, frames);
}

fn check_times(seen: &Seen, frames: &[TrackedFrame]) {
    let numbers: Vec<_> = frames.iter().map(|frame| frame.frame.number as i64).collect();
    let captures: Vec<_> = frames.iter().map(|frame| frame.frame.stamp.capture.unix_ns as i64).collect();
    for below in ["/image", "/masks", "/boxes", "/objects/1/score"] {
        let entity = entity(below);
        assert_eq!(seen.times(&entity, "frame"), numbers, "{below}");
        assert_eq!(seen.times(&entity, "capture_time"), captures, "{below}");
        assert_eq!(seen.timelines(&entity), [["capture_time", "frame"]], "{below}");
    }
}

fn check_images(seen: &Seen, frames: &[TrackedFrame]) {
    let types = seen.values::<MediaType>(&entity("/image"), EncodedImage::descriptor_media_type());
    assert!(types.iter().flatten().all(|kind| kind.as_str() == "image/jpeg") && types.len() == frames.len());
    let blobs = seen.values::<components::Blob>(&entity("/image"), EncodedImage::descriptor_blob());
    assert_eq!(blobs.len(), frames.len());
    for (blob, frame) in blobs.iter().zip(frames) {
        let shown = decompress_to(&blob[0], PixelFormat::Rgb).unwrap();
        assert_eq!((shown.width, shown.height), (161, 90));
        let difference = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b));
        let sum: f64 = shown.data.iter().zip(frame.frame.rgb.iter()).map(difference).sum();
        let mean = sum / shown.data.len() as f64;
        assert!(mean < 10.0, "frame {}: {mean}", frame.frame.number);
    }
}

fn check_masks(seen: &Seen, frames: &[TrackedFrame]) {
    let buffers = seen.values::<ImageBuffer>(&entity("/masks"), SegmentationImage::descriptor_buffer());
    let formats = seen.values::<ImageFormat>(&entity("/masks"), SegmentationImage::descriptor_format());
    assert_eq!((buffers.len(), formats.len()), (frames.len(), frames.len()));
    for ((buffer, format), frame) in buffers.iter().zip(formats).zip(frames) {
        assert_eq!(format[0], ImageFormat::segmentation([161, 90], ChannelDatatype::U8));
        // Masks of a scene never overlap.
        let mut truth = vec![0; 161 * 90];
        for object in &frame.objects {
            for (pixel, inside) in truth.iter_mut().zip(object.mask.decode().data()) {
                *pixel += *inside * object.id.get() as u8;
            }
        }
        assert_eq!(*buffer[0].0, *truth, "frame {}", frame.frame.number);
    }
}

fn check_boxes(seen: &Seen, frames: &[TrackedFrame]) {
    let boxes = entity("/boxes");
    let centers = seen.values::<Position2D>(&boxes, Boxes2D::descriptor_centers());
    let halves = seen.values::<HalfSize2D>(&boxes, Boxes2D::descriptor_half_sizes());
    let labels = seen.values::<Text>(&boxes, Boxes2D::descriptor_labels());
    let classes = seen.values::<components::ClassId>(&boxes, Boxes2D::descriptor_class_ids());
    for (row, frame) in frames.iter().enumerate() {
        let shown: Vec<_> = frame.objects.iter().filter(|object| object.bbox.is_some()).collect();
        assert_eq!(classes[row].len(), shown.len());
        for (i, object) in shown.iter().enumerate() {
            let (center, half) = (centers[row][i], halves[row][i]);
            let edges = [center.x() - half.x(), center.y() - half.y(), center.x() + half.x(), center.y() + half.y()];
            assert_eq!(Some(edges.map(|edge| edge as u32)), object.bbox);
            assert_eq!(u32::from(classes[row][i].0.0), object.id.get());
            let name = object.name.as_deref().map_or(format!("object {}", object.id), str::to_owned);
            assert_eq!(labels[row][i].as_str(), name);
        }
    }
}

fn check_scores(seen: &Seen, frames: &[TrackedFrame]) {
    for i in 0..3 {
        let scores =
            seen.values::<Scalar>(&entity(&format!("/objects/{}/score", i + 1)), Scalars::descriptor_scalars());
        let scores: Vec<_> = scores.iter().map(|score| score[0].0.0).collect();
        assert_eq!(scores, frames.iter().map(|frame| f64::from(frame.objects[i].score)).collect::<Vec<_>>());
    }
}

/// What the ids are called, as often as it was told.
pub fn names(seen: &Seen) -> Vec<Vec<String>> {
    let name = |info: &AnnotationInfo| info.label.as_ref().unwrap().as_str().to_owned();
    annotations(seen).iter().map(|infos| infos.iter().map(name).collect()).collect()
}

fn annotations(seen: &Seen) -> Vec<Vec<AnnotationInfo>> {
    let contexts = seen.values::<components::AnnotationContext>(&entity(""), AnnotationContext::descriptor_context());
    let infos = |context: &components::AnnotationContext| {
        context.0.iter().map(|class| class.class_description.info.clone()).collect()
    };
    contexts.iter().map(|context| infos(&context[0])).collect()
}

fn check_annotations(seen: &Seen) {
    assert_eq!(seen.timelines(&entity("")), [Vec::<String>::new()], "annotations hold always");
    let names = names(seen);
    assert_eq!(names[0], ["object 1", "object 2", "object 3"]);
    assert_eq!(names[names.len() - 1], ["object 1", "cup", "object 3"]);
    let colours: Vec<u32> = annotations(seen)[0].iter().map(|info| info.color.unwrap().into()).collect();
    assert_eq!(colours, [0x8000_00ff, 0x0080_00ff, 0x8080_00ff]);
}
