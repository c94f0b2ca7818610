//! A bar code of the frame number in the top rows of a picture: 40 black or white squares, most significant bit first,
//! 32 bits of number and 8 bits of check.

const NUMBER_BITS: usize = 32;
const CELLS: usize = NUMBER_BITS + 8;
/// Neither an all black nor an all white picture passes the check.
const CHECK_START: u8 = 0x5a;
/// How far the brightness of a square must be from the middle to count.
const MARGIN: u32 = 32;

/// Where the squares are.
struct Layout {
    side: usize,
    columns: usize,
}

impl Layout {
    /// Squares that one row has room for if they can be 8 pixels wide; the size of a macroblock is enough for any picture.
    fn of(width: usize) -> Option<Self> {
        let side = (width / CELLS / 4 * 4).clamp(8, 16);
        let columns = (width / side).min(CELLS);
        (columns > 0).then_some(Self { side, columns })
    }

    fn height(&self) -> usize {
        CELLS.div_ceil(self.columns) * self.side
    }

    /// Left top corner of a square.
    fn corner(&self, cell: usize) -> (usize, usize) {
        (cell % self.columns * self.side, cell / self.columns * self.side)
    }
}

/// CRC-8 with the polynomial x^8 + x^2 + x + 1.
fn check(number: u32) -> u8 {
    number.to_be_bytes().iter().fold(CHECK_START, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x07 })
    })
}

/// Burns the low 32 bits of `number` into the top rows of `rgb` (`[height, width, 3]`); leaves a picture that has no room for
/// it (under 8 pixels wide, or not high enough) as it is.
pub fn write_number(rgb: &mut [u8], width: usize, height: usize, number: u64) {
    let Some(layout) = Layout::of(width).filter(|layout| layout.height() <= height) else { return };
    let number = (number & u64::from(u32::MAX)) as u32;
    let code = u64::from(number) << 8 | u64::from(check(number));
    for cell in 0..CELLS {
        let (left, top) = layout.corner(cell);
        let value = if code >> (CELLS - 1 - cell) & 1 == 1 { 255 } else { 0 };
        for y in top..top + layout.side {
            let begin = (y * width + left) * 3;
            if let Some(row) = rgb.get_mut(begin..begin + layout.side * 3) {
                row.fill(value);
            }
        }
    }
}

/// The number that [`write_number`] burnt into `rgb` (`[height, width, 3]`, rows tightly packed); `None` where there is none
/// or it is too damaged to be sure of.
pub fn read_number(rgb: &[u8], width: usize, height: usize) -> Option<u64> {
    let layout = Layout::of(width).filter(|layout| layout.height() <= height)?;
    if rgb.len() < width * height * 3 {
        return None;
    }
    let mut code = 0_u64;
    for cell in 0..CELLS {
        let brightness = brightness(rgb, width, &layout, cell)?;
        if brightness.abs_diff(128) < MARGIN {
            return None;
        }
        code = code << 1 | u64::from(brightness > 128);
    }
    let number = u32::try_from(code >> 8).ok()?;
    (u64::from(check(number)) == code & 0xff).then_some(u64::from(number))
}

/// Mean of the inner half of a square, which its neighbours do not reach.
fn brightness(rgb: &[u8], width: usize, layout: &Layout, cell: usize) -> Option<u32> {
    let (left, top) = layout.corner(cell);
    let (inset, side) = (layout.side / 4, layout.side / 2);
    let mut sum = 0_u32;
    for y in top + inset..top + inset + side {
        let begin = (y * width + left + inset) * 3;
        sum += rgb.get(begin..begin + side * 3)?.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    }
    Some(sum / u32::try_from(side * side * 3).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_from_any_size() {
        for (width, height) in [(64, 64), (160, 120), (320, 240), (640, 360), (1280, 720), (1920, 1080), (3840, 2160)] {
            for number in [0, 1, 77, 65_535, 1 << 20, u64::from(u32::MAX)] {
                let mut rgb = vec![90; width * height * 3];
                write_number(&mut rgb, width, height, number);
                assert_eq!(read_number(&rgb, width, height), Some(number), "{width}x{height}");
            }
        }
    }

    #[test]
    fn the_code_is_flat() {
        let rows = |width| Layout::of(width).map(|layout| layout.height());
        assert_eq!([640, 320, 1920, 160, 64].map(rows), [Some(16), Some(8), Some(16), Some(16), Some(40)]);
    }

    #[test]
    fn nothing_is_read_where_nothing_was_written() {
        for value in [0, 100, 128, 255] {
            assert_eq!(read_number(&vec![value; 320 * 240 * 3], 320, 240), None);
        }
        assert_eq!(read_number(&[], 320, 240), None);
        assert_eq!(read_number(&[0; 12], 2, 2), None);
    }

    #[test]
    fn a_flipped_square_is_noticed() {
        for cell in 0..CELLS {
            let mut rgb = vec![90; 320 * 240 * 3];
            write_number(&mut rgb, 320, 240, 1234);
            let (left, top) = Layout::of(320).unwrap().corner(cell);
            for y in top..top + 8 {
                let begin = (y * 320 + left) * 3;
                rgb[begin..begin + 24].iter_mut().for_each(|byte| *byte = 255 - *byte);
            }
            assert_eq!(read_number(&rgb, 320, 240), None, "{cell}");
        }
    }
}
