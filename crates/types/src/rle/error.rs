/// Why run lengths are no mask.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum RleError {
    /// The runs do not cover the mask exactly.
    #[error("the runs of a {width}x{height} mask must sum to {}, these sum to {found}", u64::from(*width) * u64::from(*height))]
    Sum {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// What they sum to (at least, where reading stopped early).
        found: u64,
    },
    /// More runs than a mask of this size can have.
    #[error("a {width}x{height} mask has at most {} runs, more were given", u64::from(*width) * u64::from(*height) + 1)]
    TooManyRuns {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// A byte that compressed `counts` never contain.
    #[error("byte {byte:#04x} at position {position} is not part of compressed run lengths ('0' to 'o' are)")]
    Character {
        /// The byte.
        byte: u8,
        /// Where it is, from 0.
        position: usize,
    },
    /// The string ends within a number.
    #[error("the compressed run lengths end in the middle of a number; the string was cut off")]
    Truncated,
    /// A run that is negative or too long for any mask.
    #[error("run {index} of the compressed run lengths is negative or larger than {}", u32::MAX)]
    Run {
        /// Which run, from 0.
        index: usize,
    },
}
