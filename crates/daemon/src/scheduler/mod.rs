//! The one thread that owns the device: takes frames of all streams, tracks their objects in one batch, and hands the results to the
//! sinks.

mod asking;
mod events;
mod prompts;
mod requests;
mod stream;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use maskd_tracker::{Step, StreamFrame, StreamId, StreamTracker, TrackerError};
use maskd_types::{Action, Frame, Notice, ObjectEventKind, ObjectId, SourceState, StreamStatus, TrackedFrame};

use crate::DaemonError;
use crate::audience::{Audience, Happening};
use crate::board::Board;
use crate::control::{NamedTrack, Request};
use crate::inlet::{Arrival, Inlet, Taken};
use crate::outlets::Outlets;
use crate::state::Keeper;

use asking::Asked;
use requests::send;
pub(crate) use stream::{NewStream, TrackedStream};

/// How long to wait for frames before looking at everything else.
const PATIENCE: Duration = Duration::from_millis(50);

/// What others ask of the thread.
pub(crate) enum Command {
    /// Tracks are wanted in a further stream.
    Add(NewStream),
    /// A stream is not watched any longer: its tracks end.
    Remove {
        /// The stream.
        stream: StreamId,
        /// Whether it is gone for good, and not about to come again with other settings.
        for_good: bool,
    },
    /// Somebody asks something of objects.
    Request(Request),
    /// Tracks of all streams outlive their sources for so long from now on.
    KeepTracks(Duration),
}

/// What the thread works with.
pub(crate) struct Scheduler {
    pub(crate) tracker: Box<dyn StreamTracker>,
    pub(crate) inlet: Arc<Inlet>,
    pub(crate) outlets: Arc<Outlets>,
    pub(crate) audience: Arc<Audience>,
    pub(crate) board: Arc<Board>,
    pub(crate) keeper: Option<Keeper>,
    /// Tells models apart: saved tracks mean something to the model that made them only.
    pub(crate) model: String,
    pub(crate) commands: Receiver<Command>,
    pub(crate) streams: BTreeMap<StreamId, TrackedStream>,
}

/// A frame and what is to be done on it.
struct Job {
    stream: StreamId,
    frame: Frame,
    actions: Vec<(ObjectId, Action)>,
    /// Who is behind the only action, where somebody is.
    asked: Option<Asked>,
}

impl Scheduler {
    /// Works until the inlet is locked up and empty.
    pub(crate) fn run(mut self) -> Result<(), DaemonError> {
        loop {
            self.obey()?;
            match self.inlet.take(PATIENCE) {
                Taken::Arrivals(arrivals) => self.work(arrivals)?,
                Taken::Nothing => {}
                Taken::Closed => return Ok(()),
            }
            self.expire();
            self.board.alive();
        }
    }

    fn obey(&mut self) -> Result<(), DaemonError> {
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Add(new) => self.add(new),
                Command::Remove { stream, for_good } => self.remove(stream, for_good),
                Command::Request(request) => self.answer(request)?,
                Command::KeepTracks(time) => self.streams.values_mut().for_each(|stream| stream.keep_tracks(time)),
            }
        }
        Ok(())
    }

    fn add(&mut self, new: NewStream) {
        let restored: Vec<NamedTrack> = new.saved.iter().filter(|track| self.restore(new.id, track)).cloned().collect();
        let objects: Vec<ObjectId> = restored.iter().map(|track| track.track.object).collect();
        let mut stream = TrackedStream::new(new, &objects);
        restored.iter().for_each(|track| stream.call(track.track.object, track.name.as_deref()));
        self.streams.insert(stream.id(), stream);
    }

    fn restore(&mut self, stream: StreamId, track: &NamedTrack) -> bool {
        let restored = self.tracker.restore(stream, &track.track);
        if let Err(error) = &restored {
            tracing::warn!(%error, "a saved track is not taken back");
        }
        self.tracker.interrupted(stream);
        restored.is_ok()
    }

    fn remove(&mut self, stream: StreamId, for_good: bool) {
        if let Some(mut removed) = self.streams.remove(&stream) {
            self.announce(stream, removed.end_all());
            if for_good {
                let status = removed.farewell();
                log(&status);
                self.tell(vec![Notice::Status(status)]);
            }
        }
        self.tracker.forget(stream);
        self.board.removed(stream);
    }

    fn work(&mut self, arrivals: Vec<Arrival>) -> Result<(), DaemonError> {
        let (mut jobs, mut news) = (Vec::new(), Vec::new());
        for Arrival { stream: id, statuses, frame } in arrivals {
            let Some(stream) = self.streams.get_mut(&id) else { continue };
            for status in statuses {
                if stream.enter(&status) {
                    self.tracker.interrupted(id);
                }
                log(&status);
                news.push(Notice::Status(status));
            }
            if let Some(frame) = frame {
                let asked = stream.asking.next(&frame);
                let actions = match &asked {
                    Some(asked) => vec![asked.action()],
                    None => stream.actions_on(&frame, &self.tracker.objects(id)),
                };
                jobs.push(Job { stream: id, frame, actions, asked });
            }
        }
        self.tell(news);
        if jobs.is_empty() { Ok(()) } else { self.track(jobs) }
    }

    fn track(&mut self, mut jobs: Vec<Job>) -> Result<(), DaemonError> {
        self.board.step_begins();
        let mut answers = self.step(&jobs)?;
        for (job, answer) in jobs.iter_mut().zip(&mut answers) {
            if answer.is_err() {
                job.actions.clear();
                let instead = self.step(std::slice::from_ref(job))?.swap_remove(0);
                if let Err(error) = std::mem::replace(answer, instead) {
                    self.refuse(job, error);
                }
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

    /// Says that what was asked on a frame is not done.
    fn refuse(&self, job: &mut Job, error: TrackerError) {
        if let Some(asked) = job.asked.take() {
            send(asked.reply, Err(error.into()));
            return;
        }
        let stream = self.streams.get(&job.stream).map_or("", |stream| stream.name());
        tracing::warn!(stream, frame = job.frame.number, %error, "a prompt is not taken");
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
        stream.asking.caught_up(&step.caught_up, job.frame.number);
        let notices = stream.compare(&job.frame, &step.objects, &job.actions);
        let prompted = !job.actions.is_empty() || !step.caught_up.is_empty();
        if let Some(asked) = job.asked {
            stream.reply(asked, &step.objects, job.frame.number);
        }
        let frame = TrackedFrame {
            stream: stream.shared_name(),
            frame: job.frame,
            objects: step.objects,
            latency: step.latency,
        };
        let (bank, ring) = (self.tracker.bank_bytes(job.stream), self.tracker.ring(job.stream));
        self.board.tracked(job.stream, &frame, bank, ring);
        self.announce(job.stream, notices);
        let frame = Arc::new(frame);
        self.audience.frame(Arc::clone(&frame));
        self.outlets.frame(frame);
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

    /// Tells what has happened to objects of a stream.
    fn announce(&self, stream: StreamId, notices: Vec<Notice>) {
        self.board.lost(stream, lost(&notices));
        self.tell(notices);
    }

    /// Tells everybody.
    fn tell(&self, notices: Vec<Notice>) {
        notices.iter().cloned().map(Happening::Notice).for_each(|notice| self.audience.tell(notice));
        self.outlets.notices(notices);
    }
}

fn lost(notices: &[Notice]) -> u64 {
    let lost = |notice: &&Notice| matches!(notice, Notice::Object(event) if event.kind == ObjectEventKind::Lost);
    notices.iter().filter(lost).count() as u64
}

/// Changes of state are logged once, when they happen.
fn log(status: &StreamStatus) {
    let reason = status.reason.as_deref().unwrap_or_default();
    match status.state {
        SourceState::Connecting | SourceState::Live | SourceState::Ended => {
            tracing::info!(stream = &*status.stream, state = status.state.name(), reason, "source");
        }
        _ => tracing::warn!(stream = &*status.stream, state = status.state.name(), reason, "source"),
    }
}
