//! Reads the numbers of tensors.

use super::bytes::Bytes;
use super::listing::{Checked, Entry};
use super::problem::Problem;

/// A tensor in main memory.
#[derive(Clone, Debug, PartialEq)]
pub struct HostTensor {
    /// Sizes, outermost first.
    pub shape: Vec<usize>,
    /// Numbers in row-major order.
    pub data: Vec<f32>,
}

/// Reads and widens a tensor. All its numbers have to be finite.
pub(super) fn load(bytes: &Bytes, name: &str, entry: &Entry) -> Result<HostTensor, Problem> {
    let mut data = Vec::new();
    let elements = entry.shape.iter().product();
    let no_memory = |_| Problem::OutOfMemory { tensor: name.to_owned(), bytes: 4 * elements as u64 };
    data.try_reserve_exact(elements).map_err(no_memory)?;
    visit(bytes, name, entry, |chunk| data.extend_from_slice(chunk))?;
    Ok(HostTensor { shape: entry.shape.clone(), data })
}

/// Reads a tensor only to see that all its numbers are finite.
pub(super) fn scan(bytes: &Bytes, name: &str, entry: &Entry) -> Result<(), Problem> {
    visit(bytes, name, entry, |_| {})
}

fn visit(bytes: &Bytes, name: &str, entry: &Entry, mut keep: impl FnMut(&[f32])) -> Result<(), Problem> {
    let extent = || Problem::Extent { tensor: name.to_owned(), reason: "its numbers are not in the file".to_owned() };
    let range = entry.data.clone().ok_or_else(extent)?;
    let mut wide = Vec::new();
    let mut seen = 0;
    bytes.for_each_chunk(range, |chunk| {
        // A file in memory comes in one piece, which would be widened as a whole.
        for part in chunk.chunks(1 << 16) {
            wide.clear();
            entry.dtype.widen(part, &mut wide);
            ensure_finite(name, seen, &wide)?;
            seen += wide.len();
            keep(&wide);
        }
        Ok(())
    })
}

fn ensure_finite(name: &str, before: usize, values: &[f32]) -> Result<(), Problem> {
    // A sum of products with zero is NaN exactly where one factor is not finite, and needs no branch per number.
    let finite = values.iter().map(|value| value * 0.0).sum::<f32>() == 0.0;
    if finite {
        return Ok(());
    }
    let found = values.iter().enumerate().find(|(_, value)| !value.is_finite());
    found.map_or(Ok(()), |(index, &value)| {
        Err(Problem::NotFinite { tensor: name.to_owned(), index: before + index, value })
    })
}

/// Compares the bytes of an entry with the checksum in the file.
pub(super) fn ensure_intact(bytes: &Bytes, checked: &Checked) -> Result<(), Problem> {
    let intact = bytes.crc32(checked.range.clone())? == checked.crc32;
    if intact { Ok(()) } else { Err(Problem::Checksum { entry: checked.entry.clone() }) }
}

#[cfg(test)]
mod tests {
    use super::super::{bytes::Bytes, format::read_listing};
    use super::load;

    #[test]
    fn numbers_of_a_pytorch_file_are_exact() {
        let file = include_bytes!("../../tests/checkpoint/data/torch_save.pt");
        let bytes = Bytes::Memory(file.as_slice().into());
        let listing = read_listing(&bytes).unwrap();
        let numbers = |name: &str| load(&bytes, name, &listing.entries[name]).unwrap().data;
        assert_eq!(numbers("0.weight"), [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]);
        assert_eq!(numbers("1.weight"), [1.0, 1.0]);
        assert_eq!(numbers("half"), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(numbers("brain"), [-0.0, -2.0, -4.0, -6.0, -8.0]);
        assert_eq!(numbers("scalar"), [3.5]);
        assert_eq!(numbers("part"), [3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    }
}
