use maskd_types::{TrackedFrame, TrackedObject};

use crate::OutputError;

/// The ids of all pixels `[height, width]` of a frame. Where masks overlap the object with the higher `score` wins, and
/// of equals the one with the lower id.
pub(crate) fn indices(frame: &TrackedFrame) -> Result<Vec<u8>, OutputError> {
    labels(frame)
}

/// The same in pixels of another size.
pub(crate) fn labels<P: Copy + Default + TryFrom<u32>>(frame: &TrackedFrame) -> Result<Vec<P>, OutputError> {
    let stride = frame.frame.width as usize;
    let mut pixels = vec![P::default(); stride * frame.frame.height as usize];
    let mut objects: Vec<&TrackedObject> = frame.objects.iter().collect();
    objects.sort_by(|a, b| a.score.total_cmp(&b.score).then(b.id.cmp(&a.id)));
    for object in objects {
        let id = checked(object, frame)?;
        for segment in object.mask.segments() {
            let first = segment.y0 as usize * stride + segment.x as usize;
            let rows = (segment.y1 - segment.y0) as usize;
            for pixel in pixels.iter_mut().skip(first).step_by(stride).take(rows) {
                *pixel = id;
            }
        }
    }
    Ok(pixels)
}

fn checked<P: TryFrom<u32>>(object: &TrackedObject, frame: &TrackedFrame) -> Result<P, OutputError> {
    let id = object.id.get();
    let mask = [object.mask.width(), object.mask.height()];
    let frame = [frame.frame.width, frame.frame.height];
    if mask != frame {
        return Err(OutputError::MaskSize { id, mask, frame });
    }
    P::try_from(id).map_err(|_| OutputError::LargeId { id })
}
