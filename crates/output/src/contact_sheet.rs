use crate::overlay::caption;
use crate::resize::{fit, resize};
use crate::{OutputError, Picture};

const GAP: u32 = 6;
const PAPER: [u8; 3] = [24, 26, 30];

/// Arranges pictures (with a caption each) in rows of `columns`, every cell `cell_width` pixels wide and of the first
/// picture's shape; pictures of another shape are centred in their cells.
///
/// # Errors
/// [`OutputError::EmptySheet`] where there is no picture, no column, or no room in a cell.
pub fn contact_sheet(pictures: &[(String, Picture)], columns: u32, cell_width: u32) -> Result<Picture, OutputError> {
    let Some((_, first)) = pictures.first().filter(|_| columns > 0 && cell_width >= 16) else {
        return Err(OutputError::EmptySheet);
    };
    let shape = f64::from(first.height()) / f64::from(first.width().max(1));
    let cell = [cell_width, (f64::from(cell_width) * shape).round().max(16.0) as u32];
    let columns = columns.min(pictures.len() as u32);
    let rows = (pictures.len() as u32).div_ceil(columns);
    let width = columns * (cell[0] + GAP) + GAP;
    let height = rows * (cell[1] + GAP) + GAP;
    let mut sheet = Picture::new(width, height, PAPER);
    for (index, (text, picture)) in (0_u32..).zip(pictures) {
        let (size, offset) = fit(picture.width(), picture.height(), cell);
        let mut small = resize(picture, size[0], size[1]);
        caption(&mut small, text);
        let left = GAP + index % columns * (cell[0] + GAP) + offset[0];
        let top = GAP + index / columns * (cell[1] + GAP) + offset[1];
        sheet.paste(left, top, &small);
    }
    Ok(sheet)
}
