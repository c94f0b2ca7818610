//! `cargo xtask demo`: from a fresh clone to masks one can look at.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, ensure};

use crate::binary::{self, run};
use crate::{system, workspace};

/// Three objects that cross and hide each other.
const SCENE: &str = "scene://?seed=3&objects=3&frames=240&size=640x360&fps=30";

/// What to track
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A video of your own, or a folder of pictures
    video: Option<PathBuf>,
    /// What to track in it, as `maskd track --prompt` takes it [default: three clicks across its middle]
    #[arg(long = "prompt", value_name = "SPEC", requires = "video")]
    prompts: Vec<String>,
}

/// Installs what is missing, builds, tracks, and says where the results are.
pub fn run_demo(args: &Args) -> anyhow::Result<ExitCode> {
    system::require_for_use()?;
    println!("Building maskd (a few minutes the first time)");
    let binary = binary::build()?;
    let out = workspace::scratch("demo")?;
    track(&binary, SCENE.as_ref(), &[], &out.join("scene"))?;
    if let Some(video) = &args.video {
        let prompts = if args.prompts.is_empty() { clicks(&binary, video)? } else { args.prompts.clone() };
        track(&binary, video, &prompts, &out.join("video"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Clicks for a video that nothing is known of: three places across its middle.
fn clicks(binary: &Path, video: &Path) -> anyhow::Result<Vec<String>> {
    let [width, height] = size_of(binary, video)?;
    let click = |id: u64| format!("{id}:point={},{}", width * id / 4, height / 2);
    Ok((1..=3).map(click).collect())
}

/// Width and height of a video in pixels, from the result of its first frame.
fn size_of(binary: &Path, video: &Path) -> anyhow::Result<[u64; 2]> {
    let mut command = Command::new(binary);
    command.arg("track").arg(video).args(["--quiet", "--frames", "1", "--prompt", "1:point=0,0", "--ndjson", "-"]);
    let output = command.stderr(Stdio::inherit()).output().context("cannot start maskd")?;
    ensure!(output.status.success(), "{} cannot be read", video.display());
    let line: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let side = |name: &str| line[name].as_u64().with_context(|| format!("maskd wrote no {name}"));
    Ok([side("width")?, side("height")?])
}

/// Tracks `input` into three files beside each other and says where they are.
fn track(binary: &Path, input: &Path, prompts: &[String], stem: &Path) -> anyhow::Result<()> {
    let results = ["mp4", "png", "ndjson"].map(|extension| stem.with_extension(extension));
    let [video, sheet, lines] = &results;
    let mut command = Command::new(binary);
    command.arg("track").arg(input);
    command.arg("--video").arg(video).arg("--contact-sheet").arg(sheet).arg("--ndjson").arg(lines);
    prompts.iter().for_each(|prompt| {
        command.args(["--prompt", prompt]);
    });
    run(&mut command)?;
    println!("\n  annotated video  {}", video.display());
    println!("  contact sheet    {}", sheet.display());
    println!("  masks as JSON    {}\n", lines.display());
    Ok(())
}
