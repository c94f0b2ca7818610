//! How the answers are drawn.

use super::chart::{Axis, Chart, Panel, Series, Shape};
use super::figures::{Figures, Point, Spread};
use super::questions::{OBJECTS, SIZES};
use crate::bench::{fit, median};

fn series(figures: &Figures, name: &str, label: &str, shape: Shape) -> Series {
    let spread = |point: &Point| {
        let Spread { low, median, high, .. } = *point.values.get(name)?;
        Some([point.x, low, median, high])
    };
    Series { label: label.to_owned(), shape, points: figures.points.iter().filter_map(spread).collect() }
}

/// What takes the time of a frame.
fn stages(figures: &Figures) -> Vec<Series> {
    vec![
        series(figures, "total", "total", Shape::Circle),
        series(figures, "track", "objects", Shape::Square),
        series(figures, "encode", "image", Shape::Triangle),
    ]
}

fn footer(figures: &Figures) -> String {
    format!("built-in model, {}, {}: medians, bars are the middle half", figures.machine, figures.date)
}

/// Times how many of the first point the last one takes.
fn last_of_first(medians: &[(f64, f64)]) -> f64 {
    match (medians.first(), medians.last()) {
        (Some((_, first)), Some((_, last))) => last / first,
        _ => f64::NAN,
    }
}

pub fn by_objects(figures: &Figures) -> Chart {
    let medians = figures.medians("total");
    let each = fit(&medians).map_or(f64::NAN, |line| line.slope);
    let ratio = last_of_first(&medians);
    Chart {
        title: format!("16 objects take {ratio:.1} times as long as one: {each:.1} ms for each further one"),
        footer: footer(figures),
        x: Axis::at("objects", &OBJECTS.map(f64::from)),
        panels: vec![Panel { y: Axis::from_zero("ms per frame"), series: stages(figures), guide: None }],
    }
}

pub fn by_size(figures: &Figures) -> Chart {
    let medians = figures.medians("total");
    let ratio = last_of_first(&medians);
    let proportional = medians.first().map(|&(x, y)| {
        let line = |size: u32| (f64::from(size), y * (f64::from(size) / x).powi(2));
        ("as pixels do".to_owned(), SIZES.map(line).to_vec())
    });
    Chart {
        title: format!("16 times the pixels take {ratio:.0} times as long"),
        footer: footer(figures),
        x: Axis::at("side of the image, pixels", &SIZES.map(f64::from)).logarithmic(),
        panels: vec![Panel {
            y: Axis::from_zero("ms per frame").logarithmic(),
            series: stages(figures),
            guide: proportional,
        }],
    }
}

pub fn by_length(figures: &Figures) -> Chart {
    let half = figures.points.len() / 2;
    let middle = |points: &[Point], name: &str| {
        let medians = points.iter().filter_map(|point| Some(point.values.get(name)?.median));
        median(medians)
    };
    let (early, late) = figures.points.split_at(half);
    let grown = |name: &str| (middle(late, name) / middle(early, name) - 1.0) * 100.0;
    Chart {
        title: format!(
            "Second half of the video against the first: time {:+.1} %, memory {:+.1} %",
            grown("total"),
            grown("memory")
        ),
        footer: footer(figures),
        x: Axis::from_zero("frame of the video"),
        panels: vec![
            Panel { y: Axis::from_zero("ms per frame"), series: stages(figures), guide: None },
            Panel {
                y: Axis::from_zero("MiB resident"),
                series: vec![series(figures, "memory", "memory", Shape::Diamond)],
                guide: None,
            },
        ],
    }
}
