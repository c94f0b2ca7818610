//! How the answers are drawn.

use super::chart::{Axis, Chart, Panel, Series, Shape};
use super::figures::{Figures, Point, Spread};
use super::questions::{FRESH_TOTAL, OBJECTS, SIZES};
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
    let of_fresh = |point: &Point| Some(point.values.get("total")?.median / point.values.get(FRESH_TOTAL)?.median);
    let (early, late) = figures.points.split_at(figures.points.len() / 2);
    let time = median(late.iter().filter_map(of_fresh));
    let memory = |points: &[Point]| median(points.iter().filter_map(|point| Some(point.values.get("memory")?.median)));
    let grown = (memory(late) / memory(early) - 1.0) * 100.0;
    let lines = vec![
        series(figures, "total", "this video", Shape::Circle),
        series(figures, FRESH_TOTAL, "one just begun", Shape::Square),
    ];
    let memory = vec![series(figures, "memory", "memory", Shape::Diamond)];
    Chart {
        title: format!("Late in a long video: {time:.2} times the time of one just begun, memory {grown:+.1} %"),
        footer: footer(figures),
        x: Axis::from_zero("frame of the video"),
        panels: vec![
            Panel { y: Axis::from_zero("ms per frame"), series: lines, guide: None },
            Panel { y: Axis::from_zero("MiB resident"), series: memory, guide: None },
        ],
    }
}
