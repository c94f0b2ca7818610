//! One panel: a grid, lines with their spread, and their names at the right end.

use super::axis::{Axis, Scale, shown};
use super::svg::{Anchor, FAINT, INK, Svg};

/// Pixels between the names of two lines, at least.
const LINE: f64 = 17.0;
/// More points than this are no longer marked.
const MARKED: usize = 12;

/// What tells lines apart, for eyes that see no colours too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
}

impl Shape {
    /// At least three to one against white and against near-black.
    fn colour(self) -> &'static str {
        match self {
            Self::Circle => "#2f81f7",
            Self::Square => "#d1620f",
            Self::Triangle => "#2b9a66",
            Self::Diamond => "#a15ee0",
        }
    }

    fn outline(self, [x, y]: [f64; 2]) -> Vec<[f64; 2]> {
        let corners: &[[f64; 2]] = match self {
            Self::Circle => &[],
            Self::Square => &[[-4.0, -4.0], [4.0, -4.0], [4.0, 4.0], [-4.0, 4.0]],
            Self::Triangle => &[[0.0, -5.5], [5.0, 4.0], [-5.0, 4.0]],
            Self::Diamond => &[[0.0, -5.5], [5.5, 0.0], [0.0, 5.5], [-5.5, 0.0]],
        };
        corners.iter().map(|[dx, dy]| [x + dx, y + dy]).collect()
    }
}

/// A line.
pub struct Series {
    pub label: String,
    pub shape: Shape,
    /// `[x, low, median, high]`, from left to right
    pub points: Vec<[f64; 4]>,
}

/// A dashed line to compare with: its name, and `[x, y]`.
pub type Guide = (String, Vec<(f64, f64)>);

/// Lines over one vertical axis.
pub struct Panel {
    pub y: Axis,
    pub series: Vec<Series>,
    pub guide: Option<Guide>,
}

/// A place in the picture.
#[derive(Clone, Copy)]
pub struct Area {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// The name of a line, and where it belongs.
struct Name<'a> {
    y: f64,
    text: &'a str,
    colour: &'static str,
}

impl Panel {
    pub(super) fn xs(&self) -> impl Iterator<Item = f64> {
        self.series.iter().flat_map(|series| series.points.iter().map(|[x, ..]| *x))
    }

    fn ys(&self) -> impl Iterator<Item = f64> {
        let guide = self.guide.iter().flat_map(|(_, points)| points.iter().map(|(_, y)| *y));
        self.series.iter().flat_map(|series| series.points.iter().flat_map(|[_, spread @ ..]| *spread)).chain(guide)
    }

    pub(super) fn draw(&self, svg: &mut Svg, area: Area, across: &Scale) {
        let up = Scale::new(&self.y, self.ys());
        let place = |x: f64, y: f64| {
            let right = area.left + across.share(x) * (area.right - area.left);
            [right, area.bottom - up.share(y) * (area.bottom - area.top)]
        };
        for tick in &up.ticks {
            let [_, y] = place(0.0, *tick);
            svg.line(&[[area.left, y], [area.right, y]], FAINT, 1.0, "");
            svg.text([area.left - 8.0, y + 4.5], Anchor::End, 13, INK, &shown(*tick));
        }
        svg.line(&[[area.left, area.bottom], [area.right, area.bottom]], INK, 1.0, "");
        svg.sideways([18.0, f64::midpoint(area.top, area.bottom)], 14, INK, self.y.label());
        let mut names = Vec::new();
        if let Some((label, points)) = &self.guide {
            let line: Vec<_> = points.iter().map(|(x, y)| place(*x, *y)).collect();
            svg.line(&line, INK, 1.5, "4 5");
            names.extend(line.last().map(|[_, y]| Name { y: *y, text: label, colour: INK }));
        }
        for series in &self.series {
            let end = series.draw(svg, place);
            names.extend(end.map(|[_, y]| Name { y, text: &series.label, colour: series.shape.colour() }));
        }
        for name in apart(names, area) {
            svg.text([area.right + 10.0, name.y + 4.5], Anchor::Start, 14, name.colour, name.text);
        }
    }
}

impl Series {
    /// Gives the place of the last point.
    fn draw(&self, svg: &mut Svg, place: impl Fn(f64, f64) -> [f64; 2]) -> Option<[f64; 2]> {
        let colour = self.shape.colour();
        for [x, low, _, high] in &self.points {
            svg.line(&[place(*x, *low), place(*x, *high)], colour, 1.5, "");
        }
        let middles: Vec<_> = self.points.iter().map(|[x, _, median, _]| place(*x, *median)).collect();
        svg.line(&middles, colour, 2.0, "");
        for middle in middles.iter().filter(|_| middles.len() <= MARKED) {
            match self.shape {
                Shape::Circle => svg.disc(*middle, 4.5, colour),
                shape => svg.polygon(&shape.outline(*middle), colour),
            }
        }
        middles.last().copied()
    }
}

/// Moves names up where they would touch, from the lowest on.
fn apart(mut names: Vec<Name<'_>>, area: Area) -> Vec<Name<'_>> {
    names.sort_by(|a, b| b.y.total_cmp(&a.y));
    let mut limit = area.bottom;
    for name in &mut names {
        name.y = name.y.min(limit);
        limit = name.y - LINE;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_touch() {
        let area = Area { left: 0.0, right: 1.0, top: 0.0, bottom: 100.0 };
        let names = [90.0, 95.0, 30.0, 120.0].map(|y| Name { y, text: "", colour: INK });
        let ys: Vec<f64> = apart(names.into(), area).iter().map(|name| name.y).collect();
        assert_eq!(ys, [100.0, 83.0, 66.0, 30.0]);
    }
}
