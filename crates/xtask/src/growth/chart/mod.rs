//! Small line charts as SVG, which read well on light and on dark ground.

mod axis;
mod panel;
mod svg;

pub use axis::Axis;
use axis::Scale;
use panel::Area;
pub use panel::{Panel, Series, Shape};
use svg::{Anchor, INK, Svg};

const WIDTH: f64 = 800.0;
/// Around what is drawn; to the right are the names of the lines.
const LEFT: f64 = 66.0;
const RIGHT: f64 = 116.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 74.0;
/// Between two panels.
const GAP: f64 = 26.0;
/// Of a panel that is alone, and of one that is not.
const HEIGHTS: [f64; 2] = [290.0, 170.0];

/// Panels one below the other over one horizontal axis.
pub struct Chart {
    /// What it shows, in a sentence.
    pub title: String,
    /// Where it comes from.
    pub footer: String,
    pub x: Axis,
    pub panels: Vec<Panel>,
}

impl Chart {
    /// The whole file.
    pub fn svg(&self) -> String {
        let height = if self.panels.len() > 1 { HEIGHTS[1] } else { HEIGHTS[0] };
        let all = self.panels.len() as f64 * (height + GAP) - GAP;
        let mut svg = Svg::new([WIDTH, TOP + all + BOTTOM], &self.title);
        svg.text([LEFT, 24.0], Anchor::Start, 17, INK, &self.title);
        let across = Scale::new(&self.x, self.panels.iter().flat_map(Panel::xs));
        for (index, panel) in self.panels.iter().enumerate() {
            let top = TOP + index as f64 * (height + GAP);
            panel.draw(&mut svg, Area { left: LEFT, right: WIDTH - RIGHT, top, bottom: top + height }, &across);
        }
        let bottom = TOP + all;
        for tick in &across.ticks {
            let x = LEFT + across.share(*tick) * (WIDTH - RIGHT - LEFT);
            svg.text([x, bottom + 18.0], Anchor::Middle, 13, INK, &axis::shown(*tick));
        }
        svg.text([f64::midpoint(LEFT, WIDTH - RIGHT), bottom + 40.0], Anchor::Middle, 14, INK, self.x.label());
        svg.text([LEFT, bottom + 64.0], Anchor::Start, 12, INK, &self.footer);
        svg.finish()
    }
}
