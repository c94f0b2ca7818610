//! Matrix products over strided views.

use std::sync::Once;

use gemm::Parallelism;

/// A matrix in a slice, with any strides.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    /// The memory.
    pub data: &'a [f32],
    /// Index of the element in the first row and column.
    pub start: usize,
    /// Rows and columns.
    pub size: [usize; 2],
    /// Distance between rows and between columns.
    pub strides: [isize; 2],
}

impl std::fmt::Debug for Matrix<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "matrix of {:?}, strides {:?}", self.size, self.strides)
    }
}

impl<'a> Matrix<'a> {
    /// A row-major matrix without gaps.
    pub fn dense(data: &'a [f32], size: [usize; 2]) -> Self {
        Self { data, start: 0, size, strides: [size[1].cast_signed(), 1] }
    }

    /// The same memory with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        let [rows, columns] = self.size;
        let [down, right] = self.strides;
        Self { size: [columns, rows], strides: [right, down], ..self }
    }

    /// Rows `first .. first + count`.
    pub fn rows(self, first: usize, count: usize) -> Self {
        let start = self.start.cast_signed() + first.cast_signed() * self.strides[0];
        Self { start: start.cast_unsigned(), size: [count, self.size[1]], ..self }
    }

    /// Columns `first .. first + count`.
    pub fn columns(self, first: usize, count: usize) -> Self {
        self.transposed().rows(first, count).transposed()
    }

    /// A row; the columns are neighbours.
    pub fn row(self, index: usize) -> &'a [f32] {
        let [down, across] = self.strides;
        assert!(across == 1 || self.size[1] <= 1, "rows of {self:?} have gaps");
        let first = (self.start.cast_signed() + index.cast_signed() * down).cast_unsigned();
        &self.data[first..first + self.size[1]]
    }

    /// A column; the rows are neighbours.
    pub fn column(self, index: usize) -> &'a [f32] {
        self.transposed().row(index)
    }

    /// Whether every element lies inside the memory.
    pub fn in_bounds(&self) -> bool {
        if self.size.contains(&0) {
            return true;
        }
        let (mut lowest, mut highest) = (self.start.cast_signed(), self.start.cast_signed());
        for (size, stride) in self.size.into_iter().zip(self.strides) {
            let span = (size - 1).cast_signed() * stride;
            lowest += span.min(0);
            highest += span.max(0);
        }
        lowest >= 0 && highest < self.data.len().cast_signed()
    }
}

/// What happens to the former content of the target of [`multiply`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// It is overwritten.
    Overwrite,
    /// The product is added to it.
    Accumulate,
}

/// Rows of a product, in tiles of six, from which on the right factor is worth packing for them alone. Its columns are neighbours in every
/// weight, and the tasks of a layer are small: reading it where it lies takes less than packing it for each.
const WORTH_PACKING: usize = 256;

fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| gemm::set_lhs_packing_threshold_single_thread(WORTH_PACKING));
}

/// Computes `a * b` on this thread into `out`, whose rows are `out_stride` floats apart.
///
/// # Panics
/// If the sizes disagree or an operand reaches beyond its memory.
pub fn multiply(out: &mut [f32], out_stride: usize, target: Target, a: Matrix, b: Matrix) {
    let [m, k] = a.size;
    let n = b.size[1];
    if m == 0 || n == 0 {
        return;
    }
    assert!(k == b.size[0] && n <= out_stride && (m - 1) * out_stride + n <= out.len());
    assert!(a.in_bounds() && b.in_bounds());
    prepare();
    // SAFETY: the product touches `out` at `i * out_stride + j` for `i < m, j < n`, inside it and never twice by the
    // first assertion; it reads `a` and `b` inside their slices by the second; `out` cannot overlap them, being borrowed mutably.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            out_stride.cast_signed(),
            target == Target::Accumulate,
            a.data.as_ptr().add(a.start),
            a.strides[1],
            a.strides[0],
            b.data.as_ptr().add(b.start),
            b.strides[1],
            b.strides[0],
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
