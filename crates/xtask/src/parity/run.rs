//! One comparison: both sides on one checkpoint, one folder of frames and one prompts file.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::Sides;
use super::compare::Comparison;
use crate::binary::{self, Compute};
use crate::tensors::TensorFile;
use crate::{prompts, python, workspace};

/// What both sides are given.
pub struct Job {
    checkpoint: PathBuf,
    input: PathBuf,
    prompts: PathBuf,
    compute: Compute,
    /// Where both sides write, and the begin of the files' names.
    scratch: PathBuf,
}

impl Job {
    /// Takes a private copy of the prompts. `name` goes into the names of the files that are left under `target`.
    pub fn new(name: &str, checkpoint: &Path, input: &Path, file: &Path, compute: &Compute) -> anyhow::Result<Self> {
        let plain = |text: &str| text.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-', "-");
        let clip = input.file_name().unwrap_or_default().to_string_lossy();
        let scratch = workspace::scratch("parity")?.join(format!("{}-{}", plain(name), plain(&clip)));
        let prompts = suffixed(&scratch, "prompts.json");
        prompts::copy_absolute(file, &prompts)?;
        Ok(Self { checkpoint: checkpoint.into(), input: input.into(), prompts, compute: compute.clone(), scratch })
    }

    /// The same with the first object alone, up to one frame after the one it is prompted on.
    pub fn single_object(&self) -> anyhow::Result<Self> {
        let scratch = suffixed(&self.scratch, "single");
        let prompts = suffixed(&scratch, "prompts.json");
        let frame = prompts::first_only(&self.prompts, &prompts)?;
        let compute = Compute { frames: NonZeroUsize::new(frame + 2), ..self.compute.clone() };
        Ok(Self { checkpoint: self.checkpoint.clone(), input: self.input.clone(), prompts, compute, scratch })
    }

    /// How many frames are compared; `None` for all.
    pub fn frames(&self) -> Option<NonZeroUsize> {
        self.compute.frames
    }

    /// A file of this job.
    pub fn file(&self, suffix: &str) -> PathBuf {
        suffixed(&self.scratch, suffix)
    }

    /// The reference's command, with its output at `reference.safetensors`.
    pub fn reference(&self, sides: &Sides) -> Command {
        let mut command = python::reference(&sides.python, "track");
        command.arg("--checkpoint").arg(&self.checkpoint).arg("--input").arg(&self.input);
        command.arg("--prompts").arg(&self.prompts).arg("--out").arg(self.file("reference.safetensors"));
        command.args(self.compute.shared_options());
        command
    }

    /// Our command, with its outputs at `maskd.safetensors` and `maskd.ndjson`.
    pub fn maskd(&self, sides: &Sides) -> Command {
        let mut command = binary::track(&sides.maskd, &self.checkpoint, &self.input, &self.prompts, &self.compute);
        command.arg("--logits").arg(self.file("maskd.safetensors")).arg("--ndjson").arg(self.file("maskd.ndjson"));
        command
    }

    /// Runs both sides and compares what they wrote.
    pub fn compare(&self, sides: &Sides) -> anyhow::Result<Comparison> {
        binary::run(&mut self.reference(sides)).context("the reference failed")?;
        binary::run(&mut self.maskd(sides)).context("maskd failed")?;
        Comparison::new(
            &TensorFile::read(&self.file("reference.safetensors"))?,
            &TensorFile::read(&self.file("maskd.safetensors"))?,
            &binary::read_lines(&self.file("maskd.ndjson"))?,
        )
    }
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}
