//! `track`: the tracker as users have it, on decoded frames.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use maskd_model::Device;
use maskd_tracker::{Step, Tracker, TrackerOptions, open};
use maskd_types::{Action, ObjectId};
use serde_json::json;

use crate::cli::TrackArgs;
use crate::events::{round, say};
use crate::frames::Clip;
use crate::logits::Logits;
use crate::memory::resident_mib;
use crate::prompts::Said;
use crate::timing::{millis, summary};
use crate::{panics, prompts};

/// Milliseconds of a frame.
struct Times {
    encode: f64,
    track: f64,
    /// From outside: everything.
    wall: f64,
}

/// Tracks, and says how long every frame took.
pub fn run(args: &TrackArgs) -> anyhow::Result<()> {
    let most = args.frames.map_or(usize::MAX, |frames| usize::try_from(frames.get()).unwrap_or(usize::MAX));
    let clip = Clip::read(&args.input, most)?;
    let frames = args.frames.map_or(clip.len() as u64, u64::from);
    let said = prompts::read(&args.prompts, clip.size())?;
    let mut tracker = load(args, frames)?;
    let mut files = Files::new(args)?;
    let mut times = Vec::new();
    for number in 0..frames {
        let (step, taken) = step(tracker.as_mut(), &clip, number, &actions_of(&said, number))?;
        say(
            "frame",
            json!({ "frame": number, "objects": step.objects.len(), "encode": round(taken.encode),
                "track": round(taken.track), "wall": round(taken.wall), "rss_MiB": resident_mib() }),
        );
        files.add(number, &step, &taken)?;
        times.push(taken);
    }
    files.end()?;
    conclude(&times, args.warm_up);
    Ok(())
}

fn load(args: &TrackArgs, frames: u64) -> anyhow::Result<Box<dyn Tracker>> {
    panics::watch(&Device::find(&args.network.device)?, false);
    let checkpoint = args.network.open()?;
    say("read", json!({ "model": checkpoint.config.name }));
    let options = TrackerOptions {
        image_size: args.network.image_size,
        precision: args.network.precision,
        known_frames: Some(frames),
        keep_logits: args.logits.is_some(),
        ..TrackerOptions::default()
    };
    let tracker = open(checkpoint, &args.network.device, options)?;
    say("loaded", json!({ "device": tracker.device() }));
    Ok(tracker)
}

fn actions_of(said: &[Said], frame: u64) -> Vec<(ObjectId, Action)> {
    said.iter().filter(|one| one.frame == frame).map(|one| (one.object, one.action.clone())).collect()
}

/// What was asked to be written.
struct Files<'a> {
    args: &'a TrackArgs,
    logits: Logits,
    lines: Option<BufWriter<File>>,
}

impl<'a> Files<'a> {
    fn new(args: &'a TrackArgs) -> anyhow::Result<Self> {
        let create = |path| File::create(path).with_context(|| format!("cannot write {}", Path::display(path)));
        let lines = args.ndjson.as_deref().map(create).transpose()?.map(BufWriter::new);
        Ok(Self { args, logits: Logits::default(), lines })
    }

    fn add(&mut self, number: u64, step: &Step, taken: &Times) -> anyhow::Result<()> {
        if let Some(found) = step.logits.as_ref().filter(|_| self.args.logits_frames.is_none_or(|most| number < most)) {
            self.logits.add(number, found);
        }
        if let Some(lines) = &mut self.lines {
            let objects = step.objects.iter();
            let objects: Vec<_> =
                objects.map(|one| json!({ "id": one.id, "box": one.bbox, "mask": one.mask })).collect();
            let latency = json!({ "encode": taken.encode, "track": taken.track, "total": taken.wall });
            writeln!(lines, "{}", json!({ "frame": number, "objects": objects, "latency_ms": latency }))?;
        }
        Ok(())
    }

    fn end(self) -> anyhow::Result<()> {
        if let Some(path) = &self.args.logits {
            self.logits.write(path).with_context(|| format!("cannot write {}", path.display()))?;
        }
        self.lines.map_or(Ok(()), |mut lines| lines.flush())?;
        Ok(())
    }
}

fn step(
    tracker: &mut dyn Tracker,
    clip: &Clip,
    number: u64,
    actions: &[(ObjectId, Action)],
) -> anyhow::Result<(Step, Times)> {
    let frame = clip.frame(number);
    let started = Instant::now();
    let step = tracker.step(&frame, actions).with_context(|| format!("on frame {number}"))?;
    let times = Times { encode: step.latency.encode, track: step.latency.track, wall: millis(started) };
    Ok((step, times))
}

fn conclude(times: &[Times], warm_up: usize) {
    let warm = times.get(warm_up..).unwrap_or_default();
    let of = |part: fn(&Times) -> f64| summary(warm.iter().map(part).collect());
    let total: f64 = warm.iter().map(|times| times.wall).sum();
    say(
        "speed",
        json!({
            "frames": warm.len(),
            "frames_per_s": round(warm.len() as f64 * 1e3 / total),
            "encode_ms": of(|times| times.encode),
            "track_ms": of(|times| times.track),
            "wall_ms": of(|times| times.wall),
            "first_frames_ms": times.iter().take(warm_up).map(|times| round(times.wall)).collect::<Vec<_>>(),
        }),
    );
}
