use crate::math::{cos, sin};

/// Maps `(x, y)` to `(xx x + xy y + x0, yx x + yy y + y0)`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Affine {
    pub(crate) xx: f32,
    pub(crate) xy: f32,
    pub(crate) yx: f32,
    pub(crate) yy: f32,
    pub(crate) x0: f32,
    pub(crate) y0: f32,
}

impl Affine {
    /// Scales along the axes, then turns, then moves.
    pub(crate) fn pose(at: [f32; 2], angle: f32, scale: [f32; 2]) -> Self {
        let (c, s) = (cos(angle), sin(angle));
        Self { xx: c * scale[0], xy: -s * scale[1], yx: s * scale[0], yy: c * scale[1], x0: at[0], y0: at[1] }
    }

    /// First `inner`, then this.
    pub(crate) fn after(&self, inner: &Self) -> Self {
        let [x0, y0] = self.apply(inner.x0, inner.y0);
        Self {
            xx: self.xx * inner.xx + self.xy * inner.yx,
            xy: self.xx * inner.xy + self.xy * inner.yy,
            yx: self.yx * inner.xx + self.yy * inner.yx,
            yy: self.yx * inner.xy + self.yy * inner.yy,
            x0,
            y0,
        }
    }

    pub(crate) fn moved(mut self, dx: f32, dy: f32) -> Self {
        self.x0 += dx;
        self.y0 += dy;
        self
    }

    /// The way back; only for maps that squash nothing to a line, as all poses of positive scale are.
    pub(crate) fn inverse(&self) -> Self {
        let scale = 1.0 / (self.xx * self.yy - self.xy * self.yx);
        let (xx, xy) = (self.yy * scale, -self.xy * scale);
        let (yx, yy) = (-self.yx * scale, self.xx * scale);
        Self { xx, xy, yx, yy, x0: -(xx * self.x0 + xy * self.y0), y0: -(yx * self.x0 + yy * self.y0) }
    }

    #[inline]
    pub(crate) fn apply(&self, x: f32, y: f32) -> [f32; 2] {
        [self.xx * x + self.xy * y + self.x0, self.yx * x + self.yy * y + self.y0]
    }

    /// Half the width and height of what the unit circle becomes.
    pub(crate) fn half_extent(&self) -> [f32; 2] {
        [(self.xx * self.xx + self.xy * self.xy).sqrt(), (self.yx * self.yx + self.yy * self.yy).sqrt()]
    }
}
