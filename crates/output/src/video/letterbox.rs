use crate::Picture;
use crate::resize::{fit, resize};

/// The picture on a canvas of the video's (even) size. One that is a pixel smaller has its last column and row doubled;
/// one of another size is scaled to fit and centred on black.
pub(crate) fn onto_canvas(picture: Picture, [width, height]: [u32; 2]) -> Picture {
    if [picture.width(), picture.height()] == [width, height] {
        return picture;
    }
    if [picture.width(), picture.height()].map(even) == [width, height] {
        return extended(&picture, width, height);
    }
    let (size, [left, top]) = fit(picture.width(), picture.height(), [width, height]);
    let mut canvas = Picture::new(width, height, [0; 3]);
    canvas.paste(left, top, &resize(&picture, size[0], size[1]));
    canvas
}

/// The next even number, which is what H.264 with halved colour needs.
pub(crate) fn even(length: u32) -> u32 {
    length.next_multiple_of(2)
}

fn extended(picture: &Picture, width: u32, height: u32) -> Picture {
    let mut canvas = Picture::new(width, height, [0; 3]);
    // The copy that sticks out by one is what shows in the last column and row once the picture lies over it.
    for (left, top) in [(1, 1), (0, 1), (1, 0), (0, 0)] {
        canvas.paste(left.min(width - picture.width()), top.min(height - picture.height()), picture);
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(width: u32, height: u32) -> Picture {
        let mut picture = Picture::new(width, height, [0; 3]);
        for (index, pixel) in (1_u8..).zip(picture.pixels_mut()) {
            *pixel = [index; 3];
        }
        picture
    }

    fn values(picture: &Picture) -> Vec<u8> {
        picture.pixels().iter().map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn odd_edges_are_doubled() {
        assert_eq!(values(&onto_canvas(numbered(3, 1), [4, 2])), [1, 2, 3, 3, 1, 2, 3, 3]);
        assert_eq!(values(&onto_canvas(numbered(2, 1), [2, 2])), [1, 2, 1, 2]);
        assert_eq!(values(&onto_canvas(numbered(2, 2), [2, 2])), [1, 2, 3, 4]);
    }

    #[test]
    fn other_sizes_are_centred_on_black() {
        let canvas = onto_canvas(Picture::new(10, 10, [200; 3]), [8, 4]);
        let row = [0, 0, 200, 200, 200, 200, 0, 0];
        assert_eq!(values(&canvas), [row; 4].concat());
    }
}
