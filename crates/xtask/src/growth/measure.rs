//! Runs of `maskd track` over the built-in scene, frame by frame.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, ensure};
use maskd_scene::{Scene, SceneConfig};
use rustix::process::Signal;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::prompts;
use crate::soak::{Holdings, signal};

/// Objects in every scene, whether they are tracked or not: the pictures are the same for every point.
pub const MOST_OBJECTS: u32 = 16;

/// What all runs share.
pub struct Runner {
    pub binary: PathBuf,
    pub device: String,
    pub threads: NonZeroUsize,
}

/// One run.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// To track, at most [`MOST_OBJECTS`].
    pub objects: u32,
    /// Side of the square that the network sees.
    pub image_size: u32,
    /// To go through, the prompted one included.
    pub frames: u64,
}

/// What a frame took: milliseconds by stage, and MiB of resident memory where it was looked at, as `memory`.
pub type Sample = BTreeMap<String, f64>;

/// Frames from one look at the memory to the next.
const LOOK: usize = 10;

/// A line of `--ndjson`, as far as it is needed here.
#[derive(Deserialize)]
struct Line {
    objects: Vec<IgnoredAny>,
    latency_ms: BTreeMap<String, f64>,
}

impl Runner {
    /// Starts a run.
    pub fn start(&self, run: Run) -> anyhow::Result<Running> {
        let (scene, prompts) = scene(run)?;
        let mut command = Command::new(&self.binary);
        command.args(["track", &scene, "--checkpoint", "nano", "--quiet", "--ndjson", "-", "--device", &self.device]);
        // A frame's latency has to be its own.
        command.arg("--no-prefetch");
        command.args(["--threads", &self.threads.to_string(), "--image-size", &run.image_size.to_string()]);
        prompts.iter().for_each(|prompt| {
            command.args(["--prompt", prompt]);
        });
        let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start maskd")?;
        let output = child.stdout.take().context("maskd has no output")?;
        Ok(Running { child, lines: BufReader::new(output).lines(), run, seen: 0 })
    }

    /// Every frame of a run, in order.
    pub fn run(&self, run: Run) -> anyhow::Result<Vec<Sample>> {
        self.start(run)?.take(usize::try_from(run.frames)?)
    }
}

/// A run under way; it ends with this.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    run: Run,
    seen: usize,
}

impl Running {
    /// The next frames.
    pub fn take(&mut self, frames: usize) -> anyhow::Result<Vec<Sample>> {
        (0..frames).map(|_| self.sample()).collect()
    }

    fn sample(&mut self) -> anyhow::Result<Sample> {
        let (run, seen) = (self.run, self.seen);
        let line = self.lines.next().with_context(|| format!("maskd ended after {seen} frames: {run:?}"))??;
        let line: Line = serde_json::from_str(&line).context("maskd wrote no JSON")?;
        ensure!(line.objects.len() == run.objects as usize, "maskd tracks {} objects: {run:?}", line.objects.len());
        let mut sample = line.latency_ms;
        // The program may have ended already after its last frame.
        if seen.is_multiple_of(LOOK)
            && let Ok(held) = Holdings::of(self.child.id())
        {
            sample.insert("memory".to_owned(), held.memory);
        }
        self.seen += 1;
        Ok(sample)
    }

    /// Leaves the cores to others until it may go on.
    pub fn pause(&self) -> anyhow::Result<()> {
        signal(&self.child, Signal::STOP)
    }

    pub fn go_on(&self) -> anyhow::Result<()> {
        signal(&self.child, Signal::CONT)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Address of a scene that shows all its objects on its first frame, and a box for each that is to be tracked.
fn scene(run: Run) -> anyhow::Result<(String, Vec<String>)> {
    ensure!(run.objects <= MOST_OBJECTS, "the scene has {MOST_OBJECTS} objects, not {}", run.objects);
    for seed in 1..100 {
        let config = SceneConfig { seed, objects: MOST_OBJECTS, frames: run.frames, ..SceneConfig::default() };
        let boxes = Scene::new(config.clone())?.next_frame().context("the scene is empty")?.boxes();
        if boxes.len() == MOST_OBJECTS as usize {
            let wanted = boxes.into_iter().take(run.objects as usize);
            return Ok((config.to_string(), wanted.map(|(id, edges)| prompts::boxed(id, edges)).collect()));
        }
    }
    anyhow::bail!("no scene shows {MOST_OBJECTS} objects on its first frame")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_points_see_the_same_pictures() {
        let run = |objects| scene(Run { objects, image_size: 256, frames: 10 }).unwrap();
        let (one, sixteen) = (run(1), run(16));
        assert_eq!(one.0, sixteen.0);
        assert_eq!((one.1.len(), sixteen.1.len()), (1, 16));
        assert_eq!(one.1[0], sixteen.1[0]);
        assert!(scene(Run { objects: 17, image_size: 256, frames: 10 }).is_err());
    }
}
