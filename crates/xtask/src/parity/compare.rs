//! How far two runs are apart.

use anyhow::{Context, ensure};
use maskd_types::{BinaryMask, Rle};

use crate::binary::Line;
use crate::tensors::{Floats, TensorFile};

/// One object on one frame.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    /// Number of the frame.
    pub frame: usize,
    /// Id of the object.
    pub object: u32,
    /// Largest difference of a logit over the largest logit of the reference.
    pub error: f64,
    /// Of the masks at the size of the source.
    pub iou: f64,
}

/// Two runs, object by object and frame by frame.
#[derive(Debug)]
pub struct Comparison {
    differences: Vec<Difference>,
}

/// `max |a - b| / max |a|`, with the reference `a`. Infinite where values are missing or not finite.
pub fn relative_error(reference: &[f32], ours: &[f32]) -> f64 {
    if reference.len() != ours.len() || ours.iter().any(|value| !value.is_finite()) {
        return f64::INFINITY;
    }
    let largest = reference.iter().fold(0.0, |largest: f64, value| largest.max(f64::from(value.abs())));
    let apart = reference.iter().zip(ours).map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs()).fold(0.0, f64::max);
    if apart == 0.0 { 0.0 } else { apart / largest }
}

impl Comparison {
    /// Takes what `reference.py` and `maskd track` wrote.
    pub fn new(reference: &TensorFile, ours: &TensorFile, lines: &[Line]) -> anyhow::Result<Self> {
        let ids: Vec<Vec<u32>> = reference.json("ids")?;
        ensure!(ids.len() == lines.len(), "the reference has {} frames, maskd {}", ids.len(), lines.len());
        let size = (reference.json("width")?, reference.json("height")?);
        let mut differences = Vec::new();
        for (frame, (ids, line)) in ids.iter().zip(lines).enumerate() {
            ensure!(line.frame == frame as u64, "maskd wrote frame {} where {frame} was due", line.frame);
            let found: Vec<u32> = line.objects.iter().map(|object| object.id).collect();
            ensure!(*ids == found, "frame {frame}: the reference has the objects {ids:?}, maskd {found:?}");
            for index in 0..ids.len() {
                let one = difference(reference, ours, line, frame, index, size);
                differences.push(one.with_context(|| format!("frame {frame}"))?);
            }
        }
        ensure!(!differences.is_empty(), "no frame has an object");
        Ok(Self { differences })
    }

    /// Largest error of all.
    pub fn worst_error(&self) -> f64 {
        self.differences.iter().map(|one| one.error).fold(0.0, f64::max)
    }

    /// Median error over objects and frames.
    pub fn median_error(&self) -> f64 {
        crate::bench::median(self.differences.iter().map(|one| one.error))
    }

    /// Mean IoU over objects and frames.
    pub fn mean_iou(&self) -> f64 {
        self.differences.iter().map(|one| one.iou).sum::<f64>() / self.differences.len() as f64
    }

    /// Smallest IoU of all.
    pub fn worst_iou(&self) -> f64 {
        self.differences.iter().map(|one| one.iou).fold(1.0, f64::min)
    }

    /// Number of frames that have objects.
    pub fn frames(&self) -> usize {
        self.differences.chunk_by(|a, b| a.frame == b.frame).count()
    }

    /// A line for each frame and a summary.
    pub fn print(&self) {
        for objects in self.differences.chunk_by(|a, b| a.frame == b.frame) {
            let error = objects.iter().map(|one| one.error).fold(0.0, f64::max);
            let ious: Vec<String> = objects.iter().map(|one| format!("{}: {:.5}", one.object, one.iou)).collect();
            let frame = objects.first().map_or(0, |one| one.frame);
            println!("frame {frame:5}   relative logit error {error:.2e}   mask IoU {}", ious.join("  "));
        }
        println!(
            "worst relative logit error {:.2e}, median {:.2e}; mask IoU mean {:.5}, worst {:.5}",
            self.worst_error(),
            self.median_error(),
            self.mean_iou(),
            self.worst_iou(),
        );
    }
}

fn difference(
    reference: &TensorFile,
    ours: &TensorFile,
    line: &Line,
    frame: usize,
    index: usize,
    size: (u32, u32),
) -> anyhow::Result<Difference> {
    let name = format!("f{frame}/low_res");
    let (expected, found) = (reference.floats(&name)?, ours.floats(&name)?);
    ensure!(expected.shape == found.shape, "{name} is {:?}, the reference's is {:?}", found.shape, expected.shape);
    let objects = line.objects.len();
    let error = relative_error(part(expected, index, objects), part(found, index, objects));
    let bits = reference.bytes.get(&format!("f{frame}/mask_bits")).context("the reference wrote no masks")?;
    let mask = unpack(bits.chunks(bits.len() / objects).nth(index).unwrap_or_default(), size)?;
    let object = line.objects.get(index).context("an object is missing")?;
    Ok(Difference { frame, object: object.id, error, iou: mask.iou(&object.mask) })
}

fn part(tensor: &Floats, index: usize, parts: usize) -> &[f32] {
    tensor.values.chunks((tensor.values.len() / parts).max(1)).nth(index).unwrap_or_default()
}

/// A mask of one bit per pixel, row by row, most significant bit first.
fn unpack(bits: &[u8], (width, height): (u32, u32)) -> anyhow::Result<Rle> {
    let pixels = (0..width as usize * height as usize)
        .map(|pixel| bits.get(pixel / 8).map_or(0, |byte| byte >> (7 - pixel % 8) & 1));
    Ok(Rle::encode(&BinaryMask::new(width, height, pixels.collect())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_relative_to_the_largest_logit_of_the_reference() {
        assert_eq!(relative_error(&[4.0, -8.0], &[4.0, -7.0]), 0.125);
        assert_eq!(relative_error(&[0.0, 0.0], &[0.0, 0.0]), 0.0);
    }

    #[test]
    fn what_is_missing_or_not_a_number_is_infinitely_wrong() {
        assert_eq!(relative_error(&[1.0, 2.0], &[1.0]), f64::INFINITY);
        assert_eq!(relative_error(&[1.0], &[f32::NAN]), f64::INFINITY);
        assert_eq!(relative_error(&[0.0], &[1.0]), f64::INFINITY);
    }

    #[test]
    fn bits_unpack_row_by_row_from_the_most_significant() {
        let mask = unpack(&[0b1010_0000, 0b1000_0000], (3, 3)).unwrap().decode();
        assert_eq!(mask.data(), [1, 0, 1, 0, 0, 0, 0, 0, 1]);
    }
}
