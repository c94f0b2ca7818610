//! What people ask of objects while they are tracked.

use std::time::Instant;

use maskd_tracker::{Applied, StreamId, TrackerError};
use maskd_types::{ObjectId, TrackedObject};
use tokio::sync::oneshot;

use super::asking::Asked;
use super::{Scheduler, TrackedStream};
use crate::DaemonError;
use crate::control::{ControlError, NamedTrack, PromptRequest, Prompted, Reply, Request, Target};
use crate::state::tracks_file;

impl Scheduler {
    /// Does what is asked, or says why not.
    ///
    /// # Errors
    /// Where the device failed; whoever asked learns no more than that the daemon ends.
    pub(super) fn answer(&mut self, request: Request) -> Result<(), DaemonError> {
        match request {
            Request::Prompt(request, reply) => return self.prompt(request, reply),
            Request::Remove { stream, object, reply } => send(reply, self.remove_object(&stream, object)),
            Request::Rename { stream, object, name, reply } => send(reply, self.rename(&stream, object, name)),
            Request::Save { stream, reply } => send(reply, self.saved(&stream)),
            Request::Load { stream, tracks, reply } => send(reply, self.load(&stream, &tracks)),
        }
        Ok(())
    }

    fn prompt(&mut self, request: PromptRequest, reply: Reply<Prompted>) -> Result<(), DaemonError> {
        let (id, object) = match self.aim(&request) {
            Ok(aim) => aim,
            Err(error) => {
                send(reply, Err(error));
                return Ok(());
            }
        };
        let name = |stream: &mut TrackedStream| {
            if let Target::New { name } = &request.target {
                stream.call(object, name.as_deref());
            }
        };
        let Some(frame) = request.frame.or(self.tracker.ring(id).newest) else {
            // No frame is remembered, yet or at all: the next one it is.
            self.with(id, |stream| {
                name(stream);
                stream.asking.wait(Asked { object, prompt: request.prompt, reply });
            });
            return Ok(());
        };
        match self.tracker.prompt_past(id, frame, object, &request.prompt) {
            Err(error @ TrackerError::Model(_)) => return Err(DaemonError::Device(error)),
            Err(error) => send(reply, Err(error.into())),
            Ok(applied) => {
                self.with(id, name);
                let done = applied.behind == 0;
                self.with(id, |stream| send(reply, Ok(stream.applied(applied))));
                if done {
                    self.save(id);
                }
            }
        }
        Ok(())
    }

    /// The stream and the object that a prompt is about.
    fn aim(&mut self, request: &PromptRequest) -> Result<(StreamId, ObjectId), ControlError> {
        let id = self.named(&request.stream)?;
        let tracked = self.tracker.objects(id);
        match request.target {
            Target::Known(object) if tracked.contains(&object) => Ok((id, object)),
            Target::Known(object) => Err(ControlError::UnknownObject { stream: request.stream.clone(), object }),
            Target::New { .. } => {
                let stream = self.streams.get_mut(&id).ok_or(ControlError::Ending)?;
                stream.has_room(tracked.len() + stream.asking.waiting(), 1)?;
                Ok((id, stream.free_id(&tracked)))
            }
        }
    }

    fn remove_object(&mut self, name: &str, object: ObjectId) -> Result<(), ControlError> {
        let id = self.tracking(name, object)?;
        self.tracker.remove(id, object);
        let ended = self.streams.get_mut(&id).and_then(|stream| stream.end(object));
        self.announce(id, ended.into_iter().collect());
        self.save(id);
        Ok(())
    }

    fn rename(&mut self, name: &str, object: ObjectId, called: Option<String>) -> Result<(), ControlError> {
        let id = self.tracking(name, object)?;
        self.with(id, |stream| stream.call(object, called.as_deref()));
        self.save(id);
        Ok(())
    }

    fn saved(&self, name: &str) -> Result<Vec<u8>, ControlError> {
        let id = self.named(name)?;
        let stream = self.streams.get(&id).ok_or(ControlError::Ending)?;
        let bytes = tracks_file(&stream.record(self.tracker.save(id)?), &self.model);
        bytes.map_err(|error| ControlError::Tracks { reason: error.to_string() })
    }

    fn load(&mut self, name: &str, tracks: &[NamedTrack]) -> Result<Vec<ObjectId>, ControlError> {
        let id = self.named(name)?;
        let known = self.tracker.objects(id);
        let new = tracks.iter().filter(|track| !known.contains(&track.track.object)).count();
        self.streams.get(&id).ok_or(ControlError::Ending)?.has_room(known.len(), new)?;
        for NamedTrack { track, name } in tracks {
            if known.contains(&track.object) {
                self.tracker.remove(id, track.object);
            }
            self.tracker.restore(id, track)?;
            self.with(id, |stream| stream.call(track.object, name.as_deref()));
        }
        self.tracker.interrupted(id);
        self.save(id);
        Ok(tracks.iter().map(|track| track.track.object).collect())
    }

    /// The stream of that name, which has to track the object.
    fn tracking(&self, name: &str, object: ObjectId) -> Result<StreamId, ControlError> {
        let id = self.named(name)?;
        let unknown = || ControlError::UnknownObject { stream: name.to_owned(), object };
        self.tracker.objects(id).contains(&object).then_some(id).ok_or_else(unknown)
    }

    fn named(&self, name: &str) -> Result<StreamId, ControlError> {
        let found = self.streams.iter().find(|(_, stream)| stream.name() == name);
        found.map(|(id, _)| *id).ok_or_else(|| ControlError::UnknownStream { stream: name.to_owned() })
    }

    fn with(&mut self, id: StreamId, act: impl FnOnce(&mut TrackedStream)) {
        if let Some(stream) = self.streams.get_mut(&id) {
            act(stream);
        }
    }
}

impl TrackedStream {
    /// Takes note of a prompt that was applied to a remembered frame.
    fn applied(&mut self, applied: Applied) -> Prompted {
        let Applied { frame, object, behind } = applied;
        let (tell, caught_up) = oneshot::channel();
        if behind == 0 {
            self.asking.applied(object.id);
            tell.send(frame).ok();
        } else {
            self.asking.applied_to_past(object.id, tell);
        }
        self.prompted(object, frame, behind, caught_up)
    }

    /// Answers a prompt that waited for a frame.
    pub(super) fn reply(&self, asked: Asked, objects: &[TrackedObject], frame: u64) {
        let (tell, caught_up) = oneshot::channel();
        tell.send(frame).ok();
        let found = objects.iter().find(|object| object.id == asked.object).cloned();
        let prompted = found.map(|object| self.prompted(object, frame, 0, caught_up));
        send(asked.reply, prompted.ok_or(ControlError::Ending));
    }

    fn prompted(
        &self,
        mut object: TrackedObject,
        frame: u64,
        behind: u64,
        caught_up: oneshot::Receiver<u64>,
    ) -> Prompted {
        self.name_objects(std::slice::from_mut(&mut object));
        Prompted { object, frame, behind, applied: Instant::now(), caught_up }
    }
}

/// Whoever asked may be gone by now.
pub(super) fn send<T>(reply: Reply<T>, answer: Result<T, ControlError>) {
    reply.send(answer).ok();
}
