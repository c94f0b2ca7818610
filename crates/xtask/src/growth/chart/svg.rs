//! The few elements of SVG that charts are made of.

use std::fmt::Write;

/// Grey that can be read on white and on near-black.
pub const INK: &str = "#7b828c";
/// The same for what is not to be read.
pub const FAINT: &str = "#7b828c40";

/// Which end of a text its place is.
#[derive(Clone, Copy, Debug)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A picture that is being written.
pub struct Svg(String);

impl Svg {
    /// Without a ground of its own; `title` is what screen readers say.
    pub fn new([width, height]: [f64; 2], title: &str) -> Self {
        let mut svg = Self(String::new());
        svg.add(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"img\" font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif\">\n<title>{}</title>",
            escaped(title)
        ));
        svg
    }

    /// Through all points; `dashes` as SVG has them, or nothing.
    pub fn line(&mut self, points: &[[f64; 2]], colour: &str, width: f64, dashes: &str) {
        let dashes = if dashes.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dashes}\"") };
        let points = list(points);
        self.add(format_args!(
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{dashes}/>"
        ));
    }

    pub fn polygon(&mut self, corners: &[[f64; 2]], colour: &str) {
        self.add(format_args!("<polygon points=\"{}\" fill=\"{colour}\"/>", list(corners)));
    }

    pub fn disc(&mut self, [x, y]: [f64; 2], radius: f64, colour: &str) {
        self.add(format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"/>"));
    }

    /// On one line, whose base is at `y`.
    pub fn text(&mut self, [x, y]: [f64; 2], anchor: Anchor, size: u32, colour: &str, text: &str) {
        let (anchor, text) = (anchor.name(), escaped(text));
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"{colour}\">{text}</text>"
        ));
    }

    /// From below to above, around its middle.
    pub fn sideways(&mut self, [x, y]: [f64; 2], size: u32, colour: &str, text: &str) {
        let text = escaped(text);
        self.add(format_args!(
            "<text transform=\"translate({x:.1} {y:.1}) rotate(-90)\" text-anchor=\"middle\" font-size=\"{size}\" \
             fill=\"{colour}\">{text}</text>"
        ));
    }

    /// The whole file.
    pub fn finish(mut self) -> String {
        self.add(format_args!("</svg>"));
        self.0
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{element}");
    }
}

fn list(points: &[[f64; 2]]) -> String {
    points.iter().map(|[x, y]| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
