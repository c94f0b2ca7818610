//! The one thread that owns the device: takes frames of all streams, tracks their objects in one batch, and hands the results to the
//! sinks.

mod events;
mod prompts;
mod stream;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use maskd_tracker::{SavedTrack, Step, StreamFrame, StreamId, StreamTracker, TrackerError};
use maskd_types::{Action, Frame, Notice, ObjectEventKind, ObjectId, SourceState, StreamStatus, TrackedFrame};

use crate::DaemonError;
use crate::board::Board;
use crate::inlet::{Arrival, Inlet, Taken};
use crate::outlets::Outlets;
use crate::state::Keeper;

pub(crate) use stream::{NewStream, TrackedStream};

/// How long to wait for frames before looking at everything else.
const PATIENCE: Duration = Duration::from_millis(50);

/// What others ask of the thread.
pub(crate) enum Command {
    /// Tracks are wanted in a further stream.
    Add(NewStream),
    /// A stream is not watched any longer: its tracks end.
    Remove(StreamId),
    /// Tracks of all streams outlive their sources for so long from now on.
    KeepTracks(Duration),
}

/// What the thread works with.
pub(crate) struct Scheduler {
    pub(crate) tracker: Box<dyn StreamTracker>,
    pub(crate) inlet: Arc<Inlet>,
    pub(crate) outlets: Arc<Outlets>,
    pub(crate) board: Arc<Board>,
    pub(crate) keeper: Option<Keeper>,
    pub(crate) commands: Receiver<Command>,
    pub(crate) streams: BTreeMap<StreamId, TrackedStream>,
}

/// A frame and what is to be done on it.
struct Job {
    stream: StreamId,
    frame: Frame,
    actions: Vec<(ObjectId, Action)>,
}

impl Scheduler {
    /// Works until the inlet is shut and empty.
    pub(crate) fn run(mut self) -> Result<(), DaemonError> {
        loop {
            self.obey();
            match self.inlet.take(PATIENCE) {
                Taken::Arrivals(arrivals) => self.work(arrivals)?,
                Taken::Nothing => {}
                Taken::Closed => return Ok(()),
            }
            self.expire();
            self.board.alive();
        }
    }

    fn obey(&mut self) {
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Add(new) => self.add(new),
                Command::Remove(stream) => self.remove(stream),
                Command::KeepTracks(time) => self.streams.values_mut().for_each(|stream| stream.keep_tracks(time)),
            }
        }
    }

    fn add(&mut self, new: NewStream) {
        let restored: Vec<ObjectId> =
            new.saved.iter().filter(|track| self.restore(new.id, track)).map(|t| t.object).collect();
        self.streams.insert(new.id, TrackedStream::new(new, &restored));
    }

    fn restore(&mut self, stream: StreamId, track: &SavedTrack) -> bool {
        let restored = self.tracker.restore(stream, track);
        if let Err(error) = &restored {
            tracing::warn!(%error, "a saved track is not taken back");
        }
        self.tracker.interrupted(stream);
        restored.is_ok()
    }

    fn remove(&mut self, stream: StreamId) {
        if let Some(mut removed) = self.streams.remove(&stream) {
            self.outlets.notices(removed.end_all());
        }
        self.tracker.forget(stream);
    }

    fn work(&mut self, arrivals: Vec<Arrival>) -> Result<(), DaemonError> {
        let mut jobs = Vec::new();
        for Arrival { stream: id, statuses, frame } in arrivals {
            let Some(stream) = self.streams.get_mut(&id) else { continue };
            for status in statuses {
                if stream.enter(&status) {
                    self.tracker.interrupted(id);
                }
                tell(&status);
                self.outlets.notices([Notice::Status(status)]);
            }
            if let Some(frame) = frame {
                let actions = stream.actions_on(&frame, &self.tracker.objects(id));
                jobs.push(Job { stream: id, frame, actions });
            }
        }
        if jobs.is_empty() { Ok(()) } else { self.track(jobs) }
    }

    fn track(&mut self, mut jobs: Vec<Job>) -> Result<(), DaemonError> {
        self.board.step_begins();
        let mut answers = self.step(&jobs)?;
        for (job, answer) in jobs.iter_mut().zip(&mut answers) {
            if let Err(error) = answer {
                let stream = self.streams.get(&job.stream).map_or("", |stream| stream.name());
                tracing::warn!(stream, frame = job.frame.number, %error, "a prompt is not taken");
                job.actions.clear();
                *answer = self.step(std::slice::from_ref(job))?.swap_remove(0);
            }
        }
        self.board.step_ends();
        for (job, answer) in jobs.into_iter().zip(answers) {
            if let Ok(step) = answer {
                self.publish(job, step);
            }
        }
        Ok(())
    }

    /// The tracker's answers, one for each job. The outer error is the device's and final.
    fn step(&mut self, jobs: &[Job]) -> Result<Vec<Result<Step, TrackerError>>, DaemonError> {
        let inputs =
            jobs.iter().map(|job| StreamFrame { stream: job.stream, frame: &job.frame, actions: &job.actions });
        let inputs: Vec<StreamFrame<'_>> = inputs.collect();
        let answers = self.tracker.step(&inputs).map_err(DaemonError::Device)?;
        let judged = answers.into_iter().map(|answer| match answer {
            // An error of the device that came while a frame was on its way is no fault of that frame.
            Err(error @ TrackerError::Model(_)) => Err(DaemonError::Device(error)),
            answer => Ok(answer),
        });
        judged.collect()
    }

    fn publish(&mut self, job: Job, mut step: Step) {
        let Some(stream) = self.streams.get_mut(&job.stream) else { return };
        stream.name_objects(&mut step.objects);
        let notices = stream.compare(&job.frame, &step.objects, &job.actions);
        let prompted = !job.actions.is_empty();
        let frame = TrackedFrame {
            stream: stream.shared_name(),
            frame: job.frame,
            objects: step.objects,
            latency: step.latency,
        };
        self.board.tracked(job.stream, &frame, self.tracker.bank_bytes(job.stream));
        self.announce(job.stream, notices);
        self.outlets.frame(Arc::new(frame));
        if prompted {
            self.save(job.stream);
        }
    }

    fn save(&self, id: StreamId) {
        let (Some(keeper), Some(stream)) = (&self.keeper, self.streams.get(&id)) else { return };
        match self.tracker.save(id) {
            Ok(tracks) => keeper.keep(stream.record(tracks)),
            Err(error) => tracing::error!(stream = stream.name(), %error, "tracks cannot be saved"),
        }
    }

    /// Ends the tracks of sources that have been away for too long.
    fn expire(&mut self) {
        let now = Instant::now();
        let mut ended = Vec::new();
        for (id, stream) in &mut self.streams {
            if stream.expired(now) {
                ended.push((*id, stream.lose_all()));
            }
        }
        for (id, notices) in ended {
            self.tracker.forget(id);
            self.board.forgotten(id);
            self.announce(id, notices);
        }
    }

    /// Tells the sinks what has happened to objects of a stream.
    fn announce(&self, stream: StreamId, notices: Vec<Notice>) {
        self.board.lost(stream, lost(&notices));
        self.outlets.notices(notices);
    }
}

fn lost(notices: &[Notice]) -> u64 {
    let lost = |notice: &&Notice| matches!(notice, Notice::Object(event) if event.kind == ObjectEventKind::Lost);
    notices.iter().filter(lost).count() as u64
}

/// Changes of state are logged once, when they happen.
fn tell(status: &StreamStatus) {
    let reason = status.reason.as_deref().unwrap_or_default();
    match status.state {
        SourceState::Connecting | SourceState::Live | SourceState::Ended => {
            tracing::info!(stream = &*status.stream, state = status.state.name(), reason, "source");
        }
        _ => tracing::warn!(stream = &*status.stream, state = status.state.name(), reason, "source"),
    }
}
