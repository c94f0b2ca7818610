//! From what a person said, in source pixels, to what the network is told.

use maskd_model::{MaskPrompt, PointLabel, PromptPoint};
use maskd_types::{ObjectId, Prompt};

use crate::TrackerError;

/// A prompt in the network's square image.
pub(crate) enum ModelPrompt {
    Points(Vec<PromptPoint>),
    Mask(MaskPrompt),
}

/// Scales a prompt for a frame of `frame_size` (width and height). As in the reference, coordinates are scaled without regard to
/// pixel centres, and a box becomes two points in front of the clicks.
pub(crate) fn to_model(
    object: ObjectId,
    prompt: &Prompt,
    frame_size: [u32; 2],
    image_size: usize,
) -> Result<ModelPrompt, TrackerError> {
    let [width, height] = frame_size;
    match prompt {
        Prompt::Mask(mask) => {
            let expected = frame_size;
            let found = [mask.width(), mask.height()];
            if found != expected {
                return Err(TrackerError::MaskSize { object, expected, found });
            }
            Ok(ModelPrompt::Mask(MaskPrompt::new(mask.decode().data(), width, height, image_size)))
        }
        Prompt::Shapes { points, bbox } => {
            let side = image_size as f32;
            let place =
                |x: f32, y: f32, label| PromptPoint { x: x / width as f32 * side, y: y / height as f32 * side, label };
            let corners = bbox.iter().flat_map(|&[x0, y0, x1, y1]| {
                [place(x0, y0, PointLabel::TopLeft), place(x1, y1, PointLabel::BottomRight)]
            });
            let clicks = points.iter().map(|point| {
                place(point.x, point.y, if point.positive { PointLabel::Positive } else { PointLabel::Negative })
            });
            let all: Vec<PromptPoint> = corners.chain(clicks).collect();
            if all.is_empty() {
                return Err(TrackerError::EmptyPrompt { object });
            }
            if !all.iter().all(|point| point.x.is_finite() && point.y.is_finite()) {
                return Err(TrackerError::Coordinate { object });
            }
            Ok(ModelPrompt::Points(all))
        }
    }
}
