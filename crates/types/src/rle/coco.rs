//! COCO's compressed `counts`: every run, from the fourth on as its difference from the run two before, in groups of five
//! bits with the lowest first, one character from `'0'` per group, a sixth bit telling that more groups follow and the
//! last group's top bit being the sign.

use super::{Rle, RleBuilder, RleError};

const FIRST_CHARACTER: u8 = b'0';
const MORE: u8 = 0x20;
const SIGN: u8 = 0x10;
/// Groups of a difference between two 32 bit runs (33 bits and a sign), and one more that writers may spend on it.
const MAX_GROUPS: u32 = 8;

impl Rle {
    /// The mask as the `counts` string of pycocotools.
    pub fn to_coco_string(&self) -> String {
        let mut text = String::with_capacity(self.counts.len() * 2);
        for (index, &count) in self.counts.iter().enumerate() {
            write_number(&mut text, i64::from(count) - predicted(&self.counts, index));
        }
        text
    }

    /// Reads the `counts` string of pycocotools for a mask of known size.
    ///
    /// # Errors
    /// Where the string is not one that a mask of this size can have. No input makes this allocate more than a few
    /// bytes per character.
    pub fn from_coco_string(width: u32, height: u32, text: &str) -> Result<Self, RleError> {
        let pixels = u64::from(width) * u64::from(height);
        let mut builder = RleBuilder::new(width, height);
        let mut counts: Vec<u32> = Vec::new();
        let mut characters = text.bytes().enumerate().peekable();
        while characters.peek().is_some() {
            let index = counts.len();
            if index as u64 > pixels {
                return Err(RleError::TooManyRuns { width, height });
            }
            let number = read_number(&mut characters, index)?;
            let run = u32::try_from(number + predicted(&counts, index)).map_err(|_| RleError::Run { index })?;
            counts.push(run);
            builder.push(index % 2 == 1, u64::from(run));
            if builder.total() > pixels {
                break;
            }
        }
        builder.finish()
    }
}

/// The run two before, which the format subtracts from the fourth run on.
fn predicted(counts: &[u32], index: usize) -> i64 {
    let earlier = if index > 2 { counts.get(index - 2) } else { None };
    earlier.copied().map_or(0, i64::from)
}

fn write_number(text: &mut String, mut number: i64) {
    loop {
        let group = (number & 0x1f) as u8;
        number >>= 5;
        let last = if group & SIGN == 0 { number == 0 } else { number == -1 };
        let flag = if last { 0 } else { MORE };
        text.push(char::from(FIRST_CHARACTER + (group | flag)));
        if last {
            return;
        }
    }
}

fn read_number(characters: &mut impl Iterator<Item = (usize, u8)>, index: usize) -> Result<i64, RleError> {
    let mut number = 0_i64;
    for group in 0..MAX_GROUPS {
        let (position, byte) = characters.next().ok_or(RleError::Truncated)?;
        let bits = byte
            .checked_sub(FIRST_CHARACTER)
            .filter(|bits| *bits < 2 * MORE)
            .ok_or(RleError::Character { byte, position })?;
        number |= i64::from(bits & 0x1f) << (5 * group);
        if bits & MORE == 0 {
            let sign = if bits & SIGN == 0 { 0 } else { -1_i64 << (5 * group + 5) };
            return Ok(number | sign);
        }
    }
    Err(RleError::Run { index })
}
