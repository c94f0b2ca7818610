//! Number formats of tensors in files, and their way to `f32`.

use half::{bf16, f16};

/// A number format in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// 32-bit float.
    F32,
    /// 16-bit IEEE float.
    F16,
    /// 16-bit float with the exponent of a 32-bit one.
    Bf16,
    /// Anything else. It is listed and never loaded.
    Other {
        /// Its name.
        name: &'static str,
        /// Bytes per number.
        size: u8,
    },
}

impl Dtype {
    pub(super) const fn other(name: &'static str, size: u8) -> Self {
        Self::Other { name, size }
    }

    /// Name for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::F16 => "float16",
            Self::Bf16 => "bfloat16",
            Self::Other { name, .. } => name,
        }
    }

    /// Bytes per number.
    pub fn size(self) -> u64 {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Other { size, .. } => u64::from(size),
        }
    }

    /// Whether weights may be kept in it. Doubles may not: no published file has them, and to narrow them silently
    /// would hide that a file is not what it should be.
    pub fn is_supported(self) -> bool {
        !matches!(self, Self::Other { .. })
    }

    /// Widens little-endian numbers; a length that is no multiple of the size loses its rest.
    pub(super) fn widen(self, bytes: &[u8], into: &mut Vec<f32>) {
        match self {
            Self::F32 => into.extend(words::<4>(bytes).map(f32::from_le_bytes)),
            Self::F16 => into.extend(words::<2>(bytes).map(|word| f16::from_le_bytes(word).to_f32())),
            Self::Bf16 => into.extend(words::<2>(bytes).map(|word| bf16::from_le_bytes(word).to_f32())),
            Self::Other { .. } => {}
        }
    }
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().copied()
}
