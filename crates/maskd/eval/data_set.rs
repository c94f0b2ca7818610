//! Sequences laid out as those of DAVIS.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use maskd_capture::CaptureOptions;
use maskd_eval::EvalError;
use maskd_eval::davis::{DataSet, Sequence, Start};
use maskd_output::Sink;
use maskd_output::masks::{MasksConfig, MasksSink};
use maskd_tracker::Step;
use maskd_types::{Frame, TrackedFrame};

use super::follow::{self, Take};
use super::open_tracker;
use super::video::{Truth, Video};
use crate::cli::EvalArgs;
use crate::console::Console;
use crate::exit::{Code, Failure};
use crate::input::no_frames;

/// Judges every sequence that was asked for, or all.
///
/// # Errors
/// The first thing that is wrong with the data, or with a mask.
pub fn evaluate(arguments: &EvalArgs, console: Console) -> Result<Vec<Video>, Failure> {
    let data = DataSet::open(Path::new(&arguments.data))?;
    let names = if arguments.sequences.is_empty() { data.names()? } else { arguments.sequences.clone() };
    let sequence = |name: &String| {
        let sequence = data.sequence(name)?;
        Ok(if arguments.merge_objects { sequence.merged() } else { sequence })
    };
    // All of them are looked at before the first is tracked, which takes its time.
    let sequences = names.iter().map(sequence).collect::<Result<Vec<Sequence>, EvalError>>()?;
    let mut videos = Vec::with_capacity(sequences.len());
    for sequence in &sequences {
        let video = match &arguments.masks {
            Some(folder) => judge_files(sequence, &folder.join(&sequence.name))?,
            None => track(sequence, arguments, if videos.is_empty() { console } else { Console::new(true) })?,
        };
        console.note(format!("{}: {} of {}", sequence.name, videos.len() + 1, sequences.len()));
        videos.push(video);
    }
    Ok(videos)
}

fn track(sequence: &Sequence, arguments: &EvalArgs, console: Console) -> Result<Video, Failure> {
    let starts = sequence.starts()?;
    let folder = sequence.folder.to_str().ok_or_else(|| {
        let error = anyhow::anyhow!("{} is no name in Unicode", sequence.folder.display());
        Failure::new(Code::RunTime, error, "rename the folder")
    })?;
    let mut source = maskd_capture::open(folder, &CaptureOptions::default())?;
    let mut tracker = open_tracker(arguments, sequence.numbers.len(), console)?;
    console.note(format!("running on {}", tracker.device()));
    let mut kept = arguments.save_masks.as_ref().map(|folder| Kept::create(sequence, folder)).transpose()?;
    let mut video = Video::new(sequence.name.clone());
    let mut next = source.next_frame()?;
    for place in 0..sequence.numbers.len() {
        let frame = next.take().ok_or_else(|| no_frames(source.info()))?;
        next = source.next_frame()?;
        let take = take(sequence, &starts, place, frame)?;
        let step = follow::step(tracker.as_mut(), arguments.prompt.into(), &mut video, &take, next.as_ref())?;
        if let (Some(kept), Some(number)) = (&mut kept, sequence.numbers.get(place)) {
            kept.write(*number, take.frame, step)?;
        }
    }
    kept.map_or(Ok(()), Kept::finish)?;
    Ok(video)
}

fn take(sequence: &Sequence, starts: &[Start], place: usize, frame: Frame) -> Result<Take, EvalError> {
    let here = starts.iter().filter(|start| start.frame == place);
    let begins = here.map(|start| (start.object, start.mask.clone())).collect();
    let truth = truth(sequence, starts, place)?;
    Ok(Take { frame, begins, truth })
}

/// The true masks of all objects that are judged on a frame.
fn truth(sequence: &Sequence, starts: &[Start], place: usize) -> Result<Vec<Truth>, EvalError> {
    let judged: Vec<&Start> =
        starts.iter().filter(|start| sequence.judged(start.frame).any(|frame| frame == place)).collect();
    if judged.is_empty() {
        return Ok(Vec::new());
    }
    let annotation = sequence.annotation(place)?;
    let truth = annotation.iter().flat_map(|annotation| {
        judged.iter().map(|start| Truth { id: start.object, mask: annotation.mask(start.object), hidden: None })
    });
    Ok(truth.collect())
}

/// Judges masks that are files.
fn judge_files(sequence: &Sequence, folder: &Path) -> Result<Video, Failure> {
    let starts = sequence.starts()?;
    let files = sequence.masks(folder)?;
    let mut video = Video::new(sequence.name.clone());
    starts.iter().for_each(|start| video.begin(start.object, start.mask.clone()));
    for place in 0..sequence.numbers.len() {
        let truth = truth(sequence, &starts, place)?;
        let Some(first) = truth.first() else { continue };
        let size = [first.mask.width(), first.mask.height()];
        let masks = sequence.read(file(&files, folder, sequence, place)?)?;
        if masks.size != size {
            let path = file(&files, folder, sequence, place)?.clone();
            return Err(EvalError::Size { path, found: masks.size, expected: size }.into());
        }
        for truth in &truth {
            let mask = masks.mask(truth.id);
            video.judge(truth, &mask, !mask.is_empty());
        }
    }
    Ok(video)
}

fn file<'a>(
    files: &'a BTreeMap<usize, PathBuf>,
    folder: &Path,
    sequence: &Sequence,
    place: usize,
) -> Result<&'a PathBuf, EvalError> {
    let number = sequence.numbers.get(place).copied().unwrap_or_default();
    files.get(&place).ok_or_else(|| EvalError::NoMask { path: folder.join(format!("{number:05}.png")) })
}

/// Masks that are written for other programs.
struct Kept {
    sink: MasksSink,
    stream: Arc<str>,
}

impl Kept {
    fn create(sequence: &Sequence, folder: &Path) -> Result<Self, Failure> {
        let sink = MasksSink::create(&MasksConfig { directory: folder.join(&sequence.name) })?;
        Ok(Self { sink, stream: sequence.name.as_str().into() })
    }

    /// Named by the number that the frame's own file has.
    fn write(&mut self, number: u64, frame: Frame, step: Step) -> Result<(), Failure> {
        let frame = Frame { number, ..frame };
        let stream = Arc::clone(&self.stream);
        Ok(self.sink.write(&TrackedFrame { stream, frame, objects: step.objects, latency: step.latency })?)
    }

    fn finish(mut self) -> Result<(), Failure> {
        Ok(self.sink.finish()?)
    }
}
