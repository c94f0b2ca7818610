/// A mask with one byte per pixel, 0 or 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinaryMask {
    width: u32,
    height: u32,
    data: Vec<u8>,
}

/// Why bytes are no mask.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MaskError {
    /// The number of bytes does not fit the size.
    #[error("a mask of {width}x{height} pixels needs {} bytes, {found} were given", u64::from(*width) * u64::from(*height))]
    Length {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Bytes given.
        found: usize,
    },
}

impl BinaryMask {
    /// Takes `[height, width]` bytes; any byte but 0 counts as inside.
    ///
    /// # Errors
    /// [`MaskError::Length`] where the number of bytes is not `width * height`.
    pub fn new(width: u32, height: u32, mut data: Vec<u8>) -> Result<Self, MaskError> {
        if data.len() as u64 != u64::from(width) * u64::from(height) {
            return Err(MaskError::Length { width, height, found: data.len() });
        }
        for byte in &mut data {
            *byte = u8::from(*byte != 0);
        }
        Ok(Self { width, height, data })
    }

    /// A mask with nothing in it.
    pub fn empty(width: u32, height: u32) -> Self {
        Self { width, height, data: vec![0; width as usize * height as usize] }
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Crate code must write nothing but 0 and 1.
    pub(crate) fn data_mut(&mut self) -> &mut [u8] {
        &mut self.data
    }

    /// `[height, width]` bytes, each 0 or 1.
    pub fn data(&self) -> &[u8] {
        &self.data
    }
}
