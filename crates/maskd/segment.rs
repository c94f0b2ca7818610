//! `maskd segment`: one image, prompts, and every mask that the network offers for them.

mod write;

use maskd_tracker::{Candidate, Segmenter};
use maskd_types::{Action, Frame, ObjectId, Prompt};

use crate::cli::SegmentArgs;
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::input::{Input, no_frames};
use crate::prompts::{self, Plan, Schedule};
use crate::{checkpoint, threads};
use write::Writer;

/// Runs the command.
///
/// # Errors
/// Whatever kept an object from being cut out or written.
pub fn run(arguments: &SegmentArgs) -> Result<(), Failure> {
    let console = Console::new(arguments.quiet);
    threads::limit(arguments.model.threads)?;
    let plan = Plan::new(prompts::given(&arguments.prompts)?)?;
    let mut input = Input::open(&arguments.image)?;
    let info = input.info().clone();
    let prompts = Schedule::new(&plan, &info, Some(1))?.take(0);
    let frame = input.source.next_frame()?.ok_or_else(|| no_frames(&info))?;
    only_one(&mut input, &arguments.image)?;
    let mut writer = Writer::create(arguments)?;
    let mut segmenter = open_segmenter(arguments, console)?;
    for (object, action) in prompts {
        if let Action::Prompt(prompt) = action {
            let candidates = segment(segmenter.as_mut(), &frame, &prompt, arguments.multimask)?;
            writer.write(&info.name, &frame, object, &candidates)?;
        }
    }
    Ok(())
}

fn only_one(input: &mut Input, name: &str) -> Result<(), Failure> {
    if matches!(input.source.next_frame(), Ok(None)) {
        return Ok(());
    }
    let error = anyhow::anyhow!("{name} has more than one frame");
    Err(Failure::new(Code::Usage, error, "give one image, or use `maskd track` for a video"))
}

fn open_segmenter(arguments: &SegmentArgs, console: Console) -> Result<Box<dyn Segmenter>, Failure> {
    let model = &arguments.model;
    let checkpoint = checkpoint::open(model.checkpoint.as_deref(), console)?;
    let segmenter = maskd_tracker::open_segmenter(checkpoint, &model.device, model.image_size, model.precision)?;
    console.note(format!("running on {}", segmenter.device()));
    Ok(segmenter)
}

/// Candidates with the most promising one first.
fn segment(
    segmenter: &mut dyn Segmenter,
    frame: &Frame,
    prompt: &Prompt,
    multimask: bool,
) -> Result<Vec<Candidate>, Failure> {
    let mut candidates = segmenter.segment(frame, prompt, multimask)?;
    candidates.sort_by(|a, b| b.iou.total_cmp(&a.iou));
    Ok(candidates)
}

/// Name of a candidate's picture.
fn file_name(object: ObjectId, candidate: usize) -> String {
    format!("{object}_{candidate}.png")
}
