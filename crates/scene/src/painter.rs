//! Draws one object into one row of the frame.

use crate::affine::Affine;
use crate::math::smoothstep;
use crate::outline::Outline;
use crate::palette::Rgb;
use crate::tile::Tile;

/// A part where it stands in the frame.
pub(crate) struct PlacedPart<'a> {
    pub(crate) outline: &'a Outline,
    pub(crate) tile: &'a Tile,
    pub(crate) casts_shadow: bool,
    part_from_frame: Affine,
    /// Edges of the part's box in the frame, in pixels, with room for a soft edge.
    bounds: [f32; 4],
}

/// Where a pixel is on a part.
struct Hit {
    /// The place in the part's own coordinates.
    place: [f32; 2],
    /// Pixels to the outline, negative inside.
    distance: f32,
    /// How far the part's rounded surface leans, in the frame's directions; length 0 in the middle, 1 at the outline.
    lean: [f32; 2],
}

const LIGHT_FROM: [f32; 2] = [-0.5, -0.8];

impl<'a> PlacedPart<'a> {
    pub(crate) fn new(frame_from_part: &Affine, outline: &'a Outline, tile: &'a Tile, casts_shadow: bool) -> Self {
        let [half_x, half_y] = frame_from_part.half_extent();
        let (x, y) = (frame_from_part.x0, frame_from_part.y0);
        Self {
            outline,
            tile,
            casts_shadow,
            part_from_frame: frame_from_part.inverse(),
            bounds: [x - half_x - 1.0, y - half_y - 1.0, x + half_x + 1.0, y + half_y + 1.0],
        }
    }

    /// Edges of the part's box in the frame.
    pub(crate) fn bounds(&self) -> [f32; 4] {
        self.bounds
    }

    /// The columns of a row that the part may touch when moved by `shift` and grown by `soft` pixels.
    fn columns(&self, y: usize, width: usize, shift: [f32; 2], soft: f32) -> std::ops::Range<usize> {
        let [x0, y0, x1, y1] = self.bounds;
        let centre = y as f32 + 0.5 - shift[1];
        if centre < y0 - soft || centre > y1 + soft {
            return 0..0;
        }
        let from = (x0 + shift[0] - soft).floor().max(0.0) as usize;
        let to = (x1 + shift[0] + soft).ceil().max(0.0) as usize;
        from.min(width)..to.min(width)
    }

    /// `None` for pixels that are surely further than `reach` (in the part's own units) outside the outline.
    #[inline(always)]
    fn hit(&self, x: f32, y: f32, reach: f32) -> Option<Hit> {
        let map = &self.part_from_frame;
        let [u, v] = map.apply(x, y);
        let squared = u * u + v * v;
        if squared > (1.0 + reach) * (1.0 + reach) {
            return None;
        }
        let from_centre = squared.sqrt().max(1e-6);
        let (along, across) = (u / from_centre, v / from_centre);
        let [radius, slope] = self.outline.towards(along, across);
        let ratio = from_centre / radius;
        // The gradient of `ratio` in the part's coordinates, then in the frame's.
        let (gu, gv) = ((along + slope * across) / radius, (across - slope * along) / radius);
        let (gx, gy) = (map.xx * gu + map.yx * gv, map.xy * gu + map.yy * gv);
        let steepness = (gx * gx + gy * gy).sqrt();
        let lean = ratio / steepness;
        Some(Hit { place: [u, v], distance: (ratio - 1.0) / steepness, lean: [gx * lean, gy * lean] })
    }

    /// At least as many of the part's own units as `pixels` are.
    fn reach(&self, pixels: f32) -> f32 {
        let map = &self.part_from_frame;
        pixels * (map.xx * map.xx + map.xy * map.xy + map.yx * map.yx + map.yy * map.yy).sqrt()
    }

    /// Lays the part over what is already in `row` (colour times opacity, and opacity).
    pub(crate) fn paint(&self, y: usize, row: &mut [[f32; 4]]) {
        let columns = self.columns(y, row.len(), [0.0; 2], 0.0);
        let (first, reach) = (columns.start, self.reach(1.0));
        for (offset, pixel) in row.iter_mut().skip(first).take(columns.len()).enumerate() {
            let Some(hit) = self.hit((first + offset) as f32 + 0.5, y as f32 + 0.5, reach) else {
                continue;
            };
            let cover = (0.5 - hit.distance).clamp(0.0, 1.0);
            if cover > 0.0 {
                let [r, g, b] = self.shade(&hit);
                let rest = 1.0 - cover;
                *pixel = [
                    pixel[0] * rest + r * cover,
                    pixel[1] * rest + g * cover,
                    pixel[2] * rest + b * cover,
                    pixel[3] * rest + cover,
                ];
            }
        }
    }

    fn shade(&self, hit: &Hit) -> Rgb {
        let side = self.tile.side() as f32;
        let colour = self.tile.sample((0.5 + 0.48 * hit.place[0]) * side, (0.5 + 0.48 * hit.place[1]) * side);
        let [x, y] = hit.lean;
        let steep = x * x + y * y;
        let facing = (x * LIGHT_FROM[0] + y * LIGHT_FROM[1]) * steep;
        let shade = 0.98 + 0.3 * facing - 0.22 * smoothstep(0.72, 1.0, steep);
        let (off_x, off_y) = (x - 0.5 * LIGHT_FROM[0], y - 0.5 * LIGHT_FROM[1]);
        let spot = (1.0 - 7.0 * (off_x * off_x + off_y * off_y)).max(0.0);
        colour.map(|channel| channel * shade + 0.16 * spot * spot)
    }

    /// Raises `row` to the part's shadow, 0 to 1.
    pub(crate) fn cast(&self, y: usize, shift: [f32; 2], soft: f32, row: &mut [f32]) {
        let columns = self.columns(y, row.len(), shift, soft);
        let (first, reach) = (columns.start, self.reach(soft));
        for (offset, shadow) in row.iter_mut().skip(first).take(columns.len()).enumerate() {
            let (from_x, from_y) = ((first + offset) as f32 + 0.5 - shift[0], y as f32 + 0.5 - shift[1]);
            if let Some(hit) = self.hit(from_x, from_y, reach) {
                *shadow = shadow.max(1.0 - smoothstep(-soft, soft, hit.distance));
            }
        }
    }
}
