//! Figures, for people and for scripts.

use std::fmt::Write;
use std::time::Duration;

use maskd_eval::sight::{Sight, Tally};
use maskd_eval::{Mean, Statistics};
use serde::Serialize;

use super::video::{Object, Video};

/// All there is to say.
#[derive(Serialize)]
pub struct Report {
    sequences: Vec<SequenceReport>,
    /// Over all objects.
    mean: Mean,
    /// The same for the first mask of every object, kept on all frames.
    first_mask_kept: Mean,
    /// Of rendered scenes only: real annotations do not say what hides.
    #[serde(skip_serializing_if = "Option::is_none")]
    sight: Option<Sight>,
    /// Frames that were tracked per second of tracking; none where masks were files.
    #[serde(skip_serializing_if = "Option::is_none")]
    frames_per_second: Option<f64>,
}

#[derive(Serialize)]
struct SequenceReport {
    name: String,
    j_and_f: f64,
    objects: Vec<ObjectReport>,
}

#[derive(Serialize)]
struct ObjectReport {
    id: u32,
    /// Frames that were judged.
    frames: usize,
    j: Statistics,
    f: Statistics,
}

impl Report {
    pub fn new(videos: &[Video], rendered: bool) -> Self {
        let objects = || videos.iter().flat_map(|video| video.objects.values());
        let frames: u64 = videos.iter().map(|video| video.tracked.0).sum();
        let time: Duration = videos.iter().map(|video| video.tracked.1).sum();
        let mut sight = Sight::default();
        videos.iter().for_each(|video| sight.add(video.sight()));
        Self {
            sequences: videos.iter().map(SequenceReport::new).collect(),
            mean: Mean::of(objects().map(|object| &object.scores)),
            first_mask_kept: Mean::of(objects().map(|object| &object.kept)),
            sight: rendered.then_some(sight),
            frames_per_second: (frames > 0).then(|| frames as f64 / time.as_secs_f64()),
        }
    }

    /// For a terminal.
    pub fn table(&self) -> String {
        let width = self.sequences.iter().map(|sequence| sequence.name.chars().count()).max().unwrap_or(0).max(17);
        let mut text = format!("{:width$}  object  frames      J      F    J&F\n", "sequence");
        for sequence in &self.sequences {
            for object in &sequence.objects {
                let (name, mean) = (&sequence.name, (object.j.mean + object.f.mean) / 2.0);
                // Writing to a text cannot fail, here and below.
                let _ = write!(text, "{name:width$}  {:6}  {:6}  ", object.id, object.frames);
                let _ = writeln!(text, "{:.3}  {:.3}  {mean:.3}", object.j.mean, object.f.mean);
            }
        }
        for (name, mean) in [("mean", &self.mean), ("first mask kept", &self.first_mask_kept)] {
            let _ = write!(text, "{name:width$}  {:6}          ", mean.objects);
            let _ = writeln!(text, "{:.3}  {:.3}  {:.3}", mean.j.mean, mean.f.mean, mean.j_and_f);
        }
        self.sight.iter().for_each(|sight| text.push_str(&sight_lines(sight)));
        if let Some(rate) = self.frames_per_second {
            let _ = writeln!(text, "{rate:.1} frames per second");
        }
        text
    }
}

fn sight_lines(sight: &Sight) -> String {
    let line = |what: &str, tally: &Tally| match tally.share() {
        Some(share) => format!("{what}: {} of {} ({:.0} %)\n", tally.right, tally.cases, 100.0 * share),
        None => format!("{what}: did not happen\n"),
    };
    line("kept through a crossing", &sight.crossings)
        + &line("noticed out of sight", &sight.lost)
        + &line("found again", &sight.reacquired)
}

impl SequenceReport {
    fn new(video: &Video) -> Self {
        let objects = video.objects.iter().map(|(id, object)| ObjectReport::new(id.get(), object)).collect();
        let mean = Mean::of(video.objects.values().map(|object| &object.scores));
        Self { name: video.name.clone(), j_and_f: mean.j_and_f, objects }
    }
}

impl ObjectReport {
    fn new(id: u32, object: &Object) -> Self {
        Self { id, frames: object.scores.frames(), j: object.scores.j(), f: object.scores.f() }
    }
}
