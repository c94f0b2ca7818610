use crate::palette::Rgb;

/// A square picture, side a power of two, that repeats at its edges.
#[derive(Clone)]
pub(crate) struct Tile {
    side: usize,
    /// Red in the lowest byte.
    texels: Vec<u32>,
}

impl Tile {
    /// Paints every texel; `paint` gets its column and row.
    pub(crate) fn paint(side: usize, mut paint: impl FnMut(usize, usize) -> Rgb) -> Self {
        let mut texels = Vec::with_capacity(side * side);
        for y in 0..side {
            texels.extend((0..side).map(|x| to_bytes(paint(x, y))));
        }
        Self { side, texels }
    }

    pub(crate) fn side(&self) -> usize {
        self.side
    }

    /// The colour at a place in texels, interpolated between the four around it (in steps of 1/256 texel). Places up to
    /// eight million texels away are told apart.
    #[inline]
    pub(crate) fn sample(&self, x: f32, y: f32) -> Rgb {
        let (x, y) = ((x * 256.0 - 128.0) as i32, (y * 256.0 - 128.0) as i32);
        let (fx, fy) = ((x & 255) as u32, (y & 255) as u32);
        let mask = self.side as i32 - 1;
        let (left, right) = ((x >> 8) & mask, ((x >> 8) + 1) & mask);
        let (top, bottom) = ((y >> 8) & mask, ((y >> 8) + 1) & mask);
        // The mask keeps every index inside the square, whatever the place.
        let texel = |x: i32, y: i32| self.texels[y as usize * self.side + x as usize];
        let both = (fx * fy) >> 8;
        let mut sum = Lanes::default();
        sum.add(texel(left, top), 256 + both - fx - fy);
        sum.add(texel(right, top), fx - both);
        sum.add(texel(left, bottom), fy - both);
        sum.add(texel(right, bottom), both);
        sum.colour()
    }
}

/// Sums of weighted texels, 16 bits per channel: weights sum to 256, so no channel runs into the next.
#[derive(Default)]
struct Lanes {
    red_and_blue: u32,
    green: u32,
}

impl Lanes {
    #[inline(always)]
    fn add(&mut self, texel: u32, weight: u32) {
        self.red_and_blue += (texel & 0x00ff_00ff) * weight;
        self.green += ((texel >> 8) & 0xff) * weight;
    }

    #[inline(always)]
    fn colour(&self) -> Rgb {
        let [red, blue] = [self.red_and_blue & 0xffff, self.red_and_blue >> 16];
        // Through i32, which processors convert faster.
        [red, self.green, blue].map(|sum| sum as i32 as f32 * (1.0 / 65_280.0))
    }
}

fn to_bytes(colour: Rgb) -> u32 {
    let [r, g, b] = colour.map(|channel| (channel.clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
    u32::from_le_bytes([r, g, b, 255])
}
