//! `maskd track`: from an input and prompts to masks on every frame.
//!
//! A source thread hands frames over a bounded queue to this thread, which owns the network; every output has a thread
//! and a bounded queue of its own. All queues make whoever fills them wait: nothing is dropped on the way from a file.

mod histogram;
mod logits;
mod paths;
mod pipeline;
mod producer;
mod progress;
mod sinks;
mod tally;
mod worker;

use std::io::{Write, stdout};

use maskd_tracker::{Tracker, TrackerOptions};

use crate::cli::TrackArgs;
use crate::console::Console;
use crate::exit::Failure;
use crate::input::{Input, frames_to_come};
use crate::prompts::{self, Origin, Plan, Schedule};
use crate::signals::Stop;
use crate::{checkpoint, threads};
use pipeline::Pipeline;
use producer::Producer;
use progress::Progress;
use sinks::Outputs;
use tally::Tally;

/// Runs the command.
///
/// # Errors
/// Whatever kept a frame from being tracked or written.
pub fn run(arguments: &TrackArgs) -> Result<(), Failure> {
    let console = Console::new(arguments.quiet);
    paths::check(arguments)?;
    threads::limit(arguments.model.threads)?;
    let plan = Plan::new(prompts::given(&arguments.prompts)?)?;
    if arguments.masks.is_some() {
        plan.check_pixel_values()?;
    }
    let input = Input::open(&arguments.input)?;
    let limit = arguments.frames.map(u64::from);
    let frames = frames_to_come(input.info().frames, limit);
    let schedule = Schedule::new(&with_truth(plan, &input, console)?, input.info(), frames)?;
    let tracker = open_tracker(arguments, frames, console)?;
    // Until here a signal just ends the program: there is nothing that would have to be closed.
    let stop = Stop::on_signals()?;
    let outputs = Outputs::open(arguments, input.info())?;
    let written = outputs.any();
    let total = frames.or(frames_to_come(input.info().frames_estimate, limit)).or(limit);
    let pipeline = Pipeline {
        live: input.live,
        frames: Producer::start(input)?,
        tracker,
        schedule,
        outputs,
        limit,
        prefetch: !arguments.no_prefetch,
        stop,
        progress: Progress::start(console, total),
        tally: Tally::start(),
    };
    let (tally, result) = pipeline.run();
    tell(&tally, written, console);
    result
}

/// Scenes know what is in them: where the user says nothing, that is tracked.
fn with_truth(plan: Plan, input: &Input, console: Console) -> Result<Plan, Failure> {
    if !plan.is_empty() || input.truth.is_empty() {
        return Ok(plan);
    }
    let objects = input.truth.len();
    console.note(format!("no prompts: tracking the {objects} objects in sight at frame 0 from {}", Origin::Scene));
    Ok(Plan::new(input.truth.iter().cloned())?)
}

fn open_tracker(arguments: &TrackArgs, frames: Option<u64>, console: Console) -> Result<Box<dyn Tracker>, Failure> {
    let model = &arguments.model;
    let checkpoint = checkpoint::open(model.checkpoint.as_deref(), console)?;
    let options = TrackerOptions {
        image_size: model.image_size,
        precision: model.precision,
        fill_holes_area: arguments.fill_holes,
        no_overlap: arguments.no_overlap,
        known_frames: frames,
        keep_logits: arguments.logits.is_some(),
        // For developers: what `cargo xtask parity` compares to find the first block that differs.
        taps: std::env::var_os("MASKD_TAPS").map(Into::into),
        ..TrackerOptions::default()
    };
    let tracker = maskd_tracker::open(checkpoint, &model.device, options)?;
    console.note(format!("running on {}", tracker.device()));
    Ok(tracker)
}

/// What is said at the end. With no output asked for, the table is the result, and goes to standard output.
fn tell(tally: &Tally, written: bool, console: Console) {
    if tally.frames() == 0 {
        return;
    }
    console.note(tally.line());
    if !written {
        // A reader that has gone needs no table.
        let _ = stdout().lock().write_all(tally.table().as_bytes());
        console.note("nothing was kept; add --video OUT.mp4, --masks DIR or --ndjson PATH");
    }
}
