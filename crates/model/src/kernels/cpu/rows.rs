//! Strided views.

use super::matrix::Matrix;

/// A tensor seen as rows that are contiguous in memory; the outer dimensions have any strides.
#[derive(Clone, Debug)]
pub struct Rows<'a> {
    data: &'a [f32],
    start: isize,
    outer: Vec<(usize, isize)>,
    len: usize,
}

impl<'a> Rows<'a> {
    /// Views `data` from `start` on; `None` unless the last dimension is contiguous.
    pub fn new(data: &'a [f32], start: usize, shape: &[usize], strides: &[isize]) -> Option<Self> {
        let (&len, sizes) = shape.split_last()?;
        let (&last, strides) = strides.split_last()?;
        if last != 1 && len > 1 {
            return None;
        }
        let outer = sizes.iter().copied().zip(strides.iter().copied()).collect();
        Some(Self { data, start: start.cast_signed(), outer, len })
    }

    /// Views dense rows of `len` floats.
    pub fn of_length(data: &'a [f32], len: usize) -> Self {
        Self::apart(data, len, len)
    }

    /// Views rows of `len` floats that start `stride` floats apart.
    pub fn apart(data: &'a [f32], len: usize, stride: usize) -> Self {
        let count = (data.len() + stride - len) / stride.max(1);
        Self { data, start: 0, outer: vec![(count, stride.cast_signed())], len }
    }

    /// Floats in a row.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Number of rows.
    pub fn count(&self) -> usize {
        self.outer.iter().map(|&(size, _)| size).product()
    }

    /// The `index`-th row in row-major order of the outer dimensions.
    pub fn row(&self, index: usize) -> &'a [f32] {
        let mut rest = index;
        let mut offset = self.start;
        for &(size, stride) in self.outer.iter().rev() {
            offset += (rest % size).cast_signed() * stride;
            rest /= size;
        }
        let offset = offset.cast_unsigned();
        &self.data[offset..offset + self.len]
    }

    /// All values, if the rows follow each other without gaps.
    pub fn dense(&self) -> Option<&'a [f32]> {
        let (start, stride) = self.uniform()?;
        let whole = self.count() <= 1 || stride == self.len.cast_signed();
        whole.then(|| &self.data[start..start + self.count() * self.len])
    }

    /// Copies rows from `first` on until `out` is full.
    pub fn copy_from(&self, first: usize, out: &mut [f32]) {
        if let Some(values) = self.dense() {
            return out.copy_from_slice(&values[first * self.len..][..out.len()]);
        }
        for (i, target) in out.chunks_exact_mut(self.len).enumerate() {
            target.copy_from_slice(self.row(first + i));
        }
    }

    /// The rows as a matrix, if they are equally far apart.
    pub fn matrix(&self) -> Option<Matrix<'a>> {
        let (start, stride) = self.uniform()?;
        let size = [self.count(), self.len];
        Some(Matrix { data: self.data, start, size, strides: [stride, 1] })
    }

    /// Where the first row starts and the distance between neighbours, if it is the same throughout.
    fn uniform(&self) -> Option<(usize, isize)> {
        let mut merged: Option<(usize, isize)> = None;
        for &(size, stride) in self.outer.iter().rev().filter(|&&(size, _)| size != 1) {
            merged = Some(match merged {
                None => (size, stride),
                Some((count, inner)) if stride == inner * count.cast_signed() => (count * size, inner),
                Some(_) => return None,
            });
        }
        let stride = merged.map_or(self.len.cast_signed(), |(_, stride)| stride);
        Some((self.start.cast_unsigned(), stride))
    }
}
