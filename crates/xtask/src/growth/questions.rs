//! The three questions, and what is measured for each.

use std::collections::BTreeMap;

use super::chart::Chart;
use super::figures::{Figures, Point, Spread};
use super::measure::{Run, Runner, Sample};
use super::{Args, plots, today};
use crate::soak::machine;

pub const OBJECTS: [u32; 5] = [1, 2, 4, 8, 16];
pub const SIZES: [u32; 5] = [256, 384, 512, 768, 1024];
/// Side of the square at which objects are counted and videos are long.
const SMALLEST: u32 = SIZES[0];
/// The prompted frame and six others: from the next one on the memory bank is full.
const FULL_BANK: usize = 7;
/// Places along a long video.
const PLACES: u64 = 20;
/// Frames that count of a video that has just begun.
const FRESH: usize = 30;
/// What a frame of such a video takes, among the figures.
pub const FRESH_TOTAL: &str = "fresh total";

/// What the cost may grow with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Question {
    /// Objects that are tracked
    Objects,
    /// Side of the square that the network sees
    Size,
    /// Frames that went before
    Length,
}

impl Question {
    pub const ALL: [Self; 3] = [Self::Objects, Self::Size, Self::Length];

    fn name(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Size => "size",
            Self::Length => "length",
        }
    }

    /// Name of the file that the answer is in.
    pub fn file(self, extension: &str) -> String {
        format!("growth-{}.{extension}", self.name())
    }

    pub fn measure(self, runner: &Runner, args: &Args) -> anyhow::Result<Figures> {
        // Before the load is this program's own.
        let load = machine::load();
        let points = match self {
            Self::Objects => in_turn(runner, args, &OBJECTS, |objects| Run {
                objects,
                image_size: SMALLEST,
                frames: counted(args, SMALLEST),
            })?,
            Self::Size => in_turn(runner, args, &SIZES, |image_size| Run {
                objects: 1,
                image_size,
                frames: counted(args, image_size),
            })?,
            Self::Length => along(runner, args.length.get())?,
        };
        Ok(Figures {
            question: self.name().to_owned(),
            machine: machine::description(),
            load,
            date: today()?,
            command: self.command(args),
            points,
        })
    }

    fn command(self, args: &Args) -> String {
        let amount = match self {
            Self::Length => format!("--length {}", args.length),
            Self::Objects | Self::Size => format!("--frames {} --rounds {}", args.frames, args.rounds),
        };
        format!("cargo xtask growth {} --device {} --threads {} {amount}", self.name(), args.device, args.threads)
    }

    pub fn draw(self, figures: &Figures) -> Chart {
        match self {
            Self::Objects => plots::by_objects(figures),
            Self::Size => plots::by_size(figures),
            Self::Length => plots::by_length(figures),
        }
    }
}

/// Frames of a run so that enough count; at larger sizes fewer are enough, for each takes longer.
fn counted(args: &Args, size: u32) -> u64 {
    let share = (f64::from(SMALLEST) / f64::from(size)).powi(2);
    FULL_BANK as u64 + ((args.frames.get() as f64 * share).ceil() as u64).max(4)
}

/// Measures all points in turn, and that several times: what else the machine does then hits all alike.
fn in_turn(runner: &Runner, args: &Args, places: &[u32], run: impl Fn(u32) -> Run) -> anyhow::Result<Vec<Point>> {
    let mut samples = vec![Vec::new(); places.len()];
    for round in 1..=args.rounds.get() {
        for (place, kept) in places.iter().zip(&mut samples) {
            let run = run(*place);
            println!("round {round}: {} objects, {} pixels, {} frames", run.objects, run.image_size, run.frames);
            kept.extend(runner.run(run)?.split_off(FULL_BANK));
        }
    }
    Ok(places.iter().zip(&samples).map(|(place, samples)| point(f64::from(*place), samples)).collect())
}

/// Places along a long video, once the memory bank is full. At each of them it is paused, and a video that has just begun is measured:
/// what the machine is slower at by then, it is slower at for both.
fn along(runner: &Runner, length: u64) -> anyhow::Result<Vec<Point>> {
    let run = Run { objects: 1, image_size: SMALLEST, frames: length };
    let mut long = runner.start(run)?;
    long.take(FULL_BANK)?;
    let mut points = Vec::new();
    for (from, to) in stretches(length) {
        let mut here = point(f64::midpoint(from as f64, to as f64), &long.take(usize::try_from(to - from)?)?);
        long.pause()?;
        let fresh = runner.run(Run { frames: (FULL_BANK + FRESH) as u64, ..run })?.split_off(FULL_BANK);
        long.go_on()?;
        here.values.extend(point(0.0, &fresh).values.remove("total").map(|total| (FRESH_TOTAL.to_owned(), total)));
        println!("{to} frames of {length}");
        points.push(here);
    }
    Ok(points)
}

/// First frame of every stretch of a long video, and the one behind its last.
fn stretches(length: u64) -> Vec<(u64, u64)> {
    let full = FULL_BANK as u64;
    let at = |place: u64| full + length.saturating_sub(full) * place / PLACES;
    (0..PLACES).map(|place| (at(place), at(place + 1))).filter(|(from, to)| from < to).collect()
}

fn point(x: f64, samples: &[Sample]) -> Point {
    let mut values = BTreeMap::<String, Vec<f64>>::new();
    for (name, value) in samples.iter().flatten() {
        values.entry(name.clone()).or_default().push(*value);
    }
    // How long a frame waited is a matter of how fast the scene is rendered.
    values.remove("end_to_end");
    Point { x, values: values.into_iter().filter_map(|(name, all)| Some((name, Spread::of(&all)?))).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(count: u32) -> Vec<Sample> {
        (0..count).map(|n| Sample::from([("total".to_owned(), f64::from(n)), ("end_to_end".to_owned(), 9.0)])).collect()
    }

    #[test]
    fn a_long_video_is_cut_into_stretches_after_the_bank_is_full() {
        let cut = stretches(47);
        assert_eq!((cut.len(), cut[0], cut[19]), (20, (7, 9), (45, 47)));
        assert_eq!(stretches(10), [(7, 8), (8, 9), (9, 10)]);
        assert!(stretches(5).is_empty());
    }

    #[test]
    fn how_long_a_frame_waited_does_not_count() {
        let point = point(8.0, &frames(4));
        assert_eq!(point.values.keys().collect::<Vec<_>>(), ["total"]);
        assert_eq!(point.values["total"].median, 1.5);
    }

    #[test]
    fn every_question_is_drawn_even_of_nothing() {
        for question in Question::ALL {
            for points in [vec![point(1.0, &frames(9)), point(1024.0, &frames(9))], Vec::new()] {
                let [question_name, machine, date, command] = ["q", "A & B <1>", "2026-11-26", "c"].map(str::to_owned);
                let figures = Figures { question: question_name, machine, load: None, date, command, points };
                let svg = question.draw(&figures).svg();
                assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN\"") && svg.contains("A &amp; B &lt;1&gt;"));
            }
        }
    }
}
