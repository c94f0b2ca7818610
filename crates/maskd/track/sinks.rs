//! The outputs of a run, each on a thread of its own.

use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::Receiver;
use maskd_output::masks::{MasksConfig, MasksSink};
use maskd_output::ndjson::{NdjsonConfig, NdjsonSink};
use maskd_output::sheet::{SheetConfig, SheetSink};
use maskd_output::video::{VideoConfig, VideoSink};
use maskd_output::{OutputError, Sink};
use maskd_tracker::StepLogits;
use maskd_types::{SourceInfo, TrackedFrame};

use super::logits::LogitsFile;
use super::worker::Worker;
use crate::cli::TrackArgs;
use crate::exit::{Advice, Code, Failure};

/// Frames that wait for a slow output before the tracker waits too.
const WAITING: usize = 8;

/// Whether a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// There is use for another frame.
    More,
    /// An output failed, or the reader of the only one had enough.
    End,
}

/// Where frames go.
#[derive(Default)]
pub struct Outputs {
    frames: Vec<Worker<Arc<TrackedFrame>>>,
    logits: Option<Worker<(u64, StepLogits)>>,
    asked: bool,
    failures: Vec<Failure>,
}

impl Outputs {
    /// Opens everything that was asked for.
    ///
    /// # Errors
    /// Where one of them cannot be written.
    pub fn open(arguments: &TrackArgs, info: &SourceInfo) -> Result<Self, Failure> {
        let mut outputs = Self::default();
        if let Some(path) = &arguments.ndjson {
            outputs.add(NdjsonSink::create(&NdjsonConfig::new(path))?)?;
        }
        if let Some(folder) = &arguments.masks {
            outputs.add(MasksSink::create(&MasksConfig { directory: folder.clone() })?)?;
        }
        if let Some(path) = &arguments.video {
            outputs.add(VideoSink::create(VideoConfig::new(path, info.rate))?)?;
        }
        if let Some(path) = &arguments.contact_sheet {
            outputs.add(SheetSink::create(SheetConfig::new(path.clone()))?)?;
        }
        if let Some(path) = &arguments.logits {
            outputs.logits = Some(logits_worker(path)?);
        }
        outputs.asked = outputs.any();
        Ok(outputs)
    }

    /// Whether there is any output.
    pub fn any(&self) -> bool {
        !self.frames.is_empty() || self.logits.is_some()
    }

    /// Hands a frame to every output, and waits where one is behind.
    pub fn give(&mut self, frame: &Arc<TrackedFrame>, logits: Option<StepLogits>) -> Flow {
        let refused = self.frames.extract_if(.., |worker| !worker.give(Arc::clone(frame)));
        let mut ended: Vec<Result<(), Failure>> = refused.map(Worker::join).collect();
        if let (Some(worker), Some(logits)) = (&self.logits, logits)
            && !worker.give((frame.frame.number, logits))
        {
            ended.extend(self.logits.take().map(Worker::join));
        }
        self.failures.extend(ended.into_iter().filter_map(Result::err));
        let useless = self.asked && !self.any();
        if useless || !self.failures.is_empty() { Flow::End } else { Flow::More }
    }

    /// Waits until everything has been written and closed; gives what went wrong, then or before.
    pub fn finish(mut self) -> Vec<Failure> {
        let frames = self.frames.into_iter().map(Worker::join);
        let results = frames.chain(self.logits.map(Worker::join));
        self.failures.extend(results.filter_map(Result::err));
        self.failures
    }

    fn add(&mut self, sink: impl Sink + 'static) -> Result<(), Failure> {
        let name = format!("the output {}", sink.name());
        self.frames.push(Worker::start(&name, WAITING, |frames| serve(sink, &frames))?);
        Ok(())
    }
}

/// Writes until there are no more frames; the sink is closed even where a frame cannot be written, so that what it
/// wrote before stays usable.
fn serve(mut sink: impl Sink, frames: &Receiver<Arc<TrackedFrame>>) -> Result<(), Failure> {
    let written = frames.iter().try_for_each(|frame| sink.write(&frame));
    let finished = sink.finish();
    match written.and(finished) {
        // Like other programs in a pipe: a reader such as `head` that has seen enough is no trouble.
        Err(error) if error.is_broken_pipe() => Ok(()),
        result => Ok(result?),
    }
}

fn logits_worker(path: &Path) -> Result<Worker<(u64, StepLogits)>, Failure> {
    let failed = {
        let path = path.to_owned();
        move |source| LogitsError { path: path.clone(), source }
    };
    let mut file = LogitsFile::create(path).map_err(&failed)?;
    Worker::start("the output of logits", WAITING, move |steps| {
        let written = steps.iter().try_for_each(|(frame, logits)| file.write(frame, &logits));
        Ok(written.and_then(|()| file.finish()).map_err(failed)?)
    })
}

/// The logits cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the logits cannot be written to {}", path.display())]
struct LogitsError {
    path: std::path::PathBuf,
    source: std::io::Error,
}

impl Advice for LogitsError {
    fn code(&self) -> Code {
        Code::RunTime
    }

    fn help(&self) -> String {
        "the folder must exist, be writable and have room for the logits twice over while the file is put together"
            .into()
    }
}

impl Advice for OutputError {
    fn code(&self) -> Code {
        Code::RunTime
    }

    fn help(&self) -> String {
        if self.is_disk_full() {
            return "make room or write to another disk; what was written so far is valid".into();
        }
        match self {
            Self::LargeId { .. } => "give objects numbers up to 255, or leave out --masks".into(),
            Self::MissingElement { package, .. } => format!("on Debian: apt install {package}"),
            Self::Gstreamer(_) | Self::Description(_) => {
                "check the GStreamer installation; on Debian: apt install gstreamer1.0-plugins-ugly \
                 gstreamer1.0-plugins-good"
                    .into()
            }
            Self::Encoder { .. } | Self::Stalled { .. } => {
                "run it again with GST_DEBUG=3 for GStreamer's own log, or leave out --video".into()
            }
            _ => "give a path that can be written: its folder must exist and be open to you".into(),
        }
    }
}
