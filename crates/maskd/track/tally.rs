//! What there is to say about a run when it is over.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Instant;

use maskd_types::{Latency, ObjectId, ObjectState, TrackedObject};

use super::histogram::Histogram;

/// Counts of one object.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    frames: u64,
    visible: u64,
    reacquired: u64,
    score: f64,
    iou: f64,
}

/// Counts of a run; does not grow with its length.
#[derive(Debug)]
pub struct Tally {
    started: Instant,
    frames: u64,
    latency: Histogram,
    objects: BTreeMap<ObjectId, Counts>,
}

impl Tally {
    /// Starts the clock.
    pub fn start() -> Self {
        Self { started: Instant::now(), frames: 0, latency: Histogram::default(), objects: BTreeMap::new() }
    }

    /// Frames tracked so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Counts a frame.
    pub fn add(&mut self, objects: &[TrackedObject], latency: &Latency) {
        self.frames += 1;
        self.latency.add(latency.total);
        for object in objects {
            self.objects.entry(object.id).or_default().add(object);
        }
    }

    /// Frames, speed, latency and how much was seen of every object, in one line.
    pub fn line(&self) -> String {
        let seconds = self.started.elapsed().as_secs_f64();
        let speed = self.frames as f64 / seconds.max(1e-9);
        let mut line = format!("{} frames in {seconds:.1} s, {speed:.1} frames/s", self.frames);
        if let Some(ms) = self.latency.median_ms() {
            let _ = write!(line, ", median latency {ms:.1} ms");
        }
        for (index, (id, counts)) in self.objects.iter().enumerate() {
            let before = if index == 0 { "; visible: " } else { ", " };
            let _ = write!(line, "{before}object {id} {:.0} %", counts.visible_percent());
        }
        line
    }

    /// The same for every object in a table.
    pub fn table(&self) -> String {
        let mut table = "object  frames  visible  reacquired  mean score  mean iou\n".to_owned();
        for (id, counts) in &self.objects {
            let (frames, mean) = (counts.frames, |sum| sum / counts.frames.max(1) as f64);
            let _ = writeln!(
                table,
                "{id:>6}  {frames:>6}  {:>5.1} %  {:>10}  {:>10.2}  {:>8.2}",
                counts.visible_percent(),
                counts.reacquired,
                mean(counts.score),
                mean(counts.iou),
            );
        }
        table
    }
}

impl Counts {
    fn add(&mut self, object: &TrackedObject) {
        self.frames += 1;
        self.visible += u64::from(matches!(object.state, ObjectState::Visible | ObjectState::Reacquired));
        self.reacquired += u64::from(object.state == ObjectState::Reacquired);
        self.score += f64::from(object.score);
        self.iou += f64::from(object.iou);
    }

    fn visible_percent(&self) -> f64 {
        100.0 * self.visible as f64 / self.frames.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use maskd_types::Rle;

    use super::*;

    fn object(id: u32, state: ObjectState) -> TrackedObject {
        TrackedObject {
            id: ObjectId::new(id).unwrap(),
            name: None,
            state,
            score: 0.5,
            iou: 0.25,
            bbox: None,
            area: 0,
            centroid: None,
            mask: Rle::empty(1, 1),
        }
    }

    #[test]
    fn shares_count_from_the_first_frame_of_an_object() {
        let mut tally = Tally::start();
        let latency = Latency { encode: 1.0, track: 2.0, total: 10.0 };
        tally.add(&[object(1, ObjectState::Visible)], &latency);
        tally.add(&[object(1, ObjectState::Occluded), object(7, ObjectState::Visible)], &latency);
        tally.add(&[object(1, ObjectState::Lost), object(7, ObjectState::Visible)], &latency);
        tally.add(&[object(1, ObjectState::Reacquired)], &latency);
        let line = tally.line();
        assert!(line.starts_with("4 frames in "), "{line}");
        assert!(line.contains("median latency 10.") || line.contains("median latency 9.9"), "{line}");
        assert!(line.ends_with("; visible: object 1 50 %, object 7 100 %"), "{line}");
        let table = tally.table();
        let row: Vec<&str> = table.lines().nth(1).unwrap().split_whitespace().collect();
        assert_eq!(row, ["1", "4", "50.0", "%", "1", "0.50", "0.25"]);
    }
}
