//! Letters, from the bitmap fonts of `embedded-graphics`, as large as the picture calls for.

use std::convert::Infallible;

use embedded_graphics::Drawable;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle, ascii};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::text::{Baseline, Text};

use crate::Picture;

/// A font and how many pixels each of its dots is wide.
#[derive(Clone, Copy)]
pub(super) struct Face {
    font: &'static MonoFont<'static>,
    scale: u32,
}

impl Face {
    /// Letters about a thirtieth of the picture's height, and always large enough to read.
    pub(super) fn for_height(height: u32) -> Self {
        let (font, scale) = match height {
            0..270 => (&ascii::FONT_6X10, 1),
            270..440 => (&ascii::FONT_7X13_BOLD, 1),
            440..900 => (&ascii::FONT_9X18_BOLD, 1),
            _ => (&ascii::FONT_9X18_BOLD, (height / 600).max(1)),
        };
        Self { font, scale }
    }

    /// Width and height of a text in pixels.
    pub(super) fn size(self, text: &str) -> [u32; 2] {
        let letters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let letter = self.font.character_size;
        [letters.saturating_mul(letter.width * self.scale), letter.height * self.scale]
    }

    /// Room to leave around a text.
    pub(super) fn padding(self) -> u32 {
        3 * self.scale
    }

    pub(super) fn draw(self, picture: &mut Picture, text: &str, [left, top]: [u32; 2], colour: [u8; 3]) {
        let style = MonoTextStyle::new(self.font, Rgb888::new(colour[0], colour[1], colour[2]));
        let mut target = Enlarged { picture, left, top, scale: self.scale };
        let drawn = Text::with_baseline(text, Point::zero(), style, Baseline::Top).draw(&mut target);
        // Drawing into memory cannot fail.
        let (Ok(_) | Err(_)) = drawn;
    }
}

/// A picture whose dots are squares of pixels, from a corner on.
struct Enlarged<'a> {
    picture: &'a mut Picture,
    left: u32,
    top: u32,
    scale: u32,
}

impl OriginDimensions for Enlarged<'_> {
    fn size(&self) -> Size {
        Size::new(self.picture.width(), self.picture.height())
    }
}

impl DrawTarget for Enlarged<'_> {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(point, colour) in pixels {
            let (Ok(x), Ok(y)) = (u32::try_from(point.x), u32::try_from(point.y)) else {
                continue;
            };
            let (x, y) = (self.left + x * self.scale, self.top + y * self.scale);
            let square = [x, y, x + self.scale, y + self.scale];
            self.picture.tint(square, [colour.r(), colour.g(), colour.b()], 256);
        }
        Ok(())
    }
}
