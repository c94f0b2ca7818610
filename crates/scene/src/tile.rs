use crate::palette::Rgb;

/// A square picture, side a power of two, that repeats at its edges.
#[derive(Clone)]
pub(crate) struct Tile {
    side: usize,
    texels: Vec<[u8; 4]>,
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

    /// The colour at a place in texels, interpolated between the four around it.
    #[inline]
    pub(crate) fn sample(&self, x: f32, y: f32) -> Rgb {
        let (left, top) = ((x - 0.5).floor(), (y - 0.5).floor());
        let (fx, fy) = (x - 0.5 - left, y - 0.5 - top);
        let mask = self.side as i32 - 1;
        let (x0, y0) = (left as i32, top as i32);
        // The mask keeps every index inside the square, whatever the place.
        let texel = |x: i32, y: i32| self.texels[(y & mask) as usize * self.side + (x & mask) as usize];
        let (a, b) = (texel(x0, y0), texel(x0 + 1, y0));
        let (c, d) = (texel(x0, y0 + 1), texel(x0 + 1, y0 + 1));
        let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
        [0, 1, 2].map(|channel| {
            let sum = f32::from(a[channel]) * weights[0]
                + f32::from(b[channel]) * weights[1]
                + f32::from(c[channel]) * weights[2]
                + f32::from(d[channel]) * weights[3];
            sum * (1.0 / 255.0)
        })
    }
}

fn to_bytes(colour: Rgb) -> [u8; 4] {
    let [r, g, b] = colour.map(|channel| (channel.clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
    [r, g, b, 255]
}
