//! What the tracker's thread knows of one stream.

use std::sync::Arc;
use std::time::{Duration, Instant};

use maskd_config::PromptConfig;
use maskd_tracker::{SavedTrack, StreamId};
use maskd_types::{
    Action, CaptureTime, Frame, Notice, ObjectEvent, ObjectEventKind, ObjectId, SourceState, StreamStatus,
    TrackedObject,
};

use super::asking::Asking;
use super::events::Known;
use super::prompts::{Pending, action};
use crate::control::{ControlError, NamedTrack};
use crate::state::StreamRecord;

/// A stream that is to be tracked.
pub(crate) struct NewStream {
    pub(crate) id: StreamId,
    pub(crate) name: Arc<str>,
    pub(crate) prompts: Vec<PromptConfig>,
    /// How long tracks outlive their source.
    pub(crate) keep_tracks: Duration,
    pub(crate) max_objects: usize,
    /// Tracks of an earlier run.
    pub(crate) saved: Vec<NamedTrack>,
}

/// A stream that is tracked.
pub(crate) struct TrackedStream {
    id: StreamId,
    name: Arc<str>,
    prompts: Vec<PromptConfig>,
    pending: Pending,
    known: Known,
    pub(super) asking: Asking,
    keep_tracks: Duration,
    max_objects: usize,
    /// Since when there have been no frames.
    down_since: Option<Instant>,
    last: (u64, CaptureTime),
}

impl TrackedStream {
    /// `restored` are the objects whose tracks have come back.
    pub(super) fn new(new: NewStream, restored: &[ObjectId]) -> Self {
        Self {
            id: new.id,
            pending: Pending::new(&new.prompts, restored),
            name: new.name,
            prompts: new.prompts,
            known: Known::default(),
            asking: Asking::default(),
            keep_tracks: new.keep_tracks,
            max_objects: new.max_objects,
            down_since: None,
            last: (0, CaptureTime::now()),
        }
    }

    pub(super) fn id(&self) -> StreamId {
        self.id
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// Takes note of a new state; whether frames come again after a gap.
    pub(super) fn enter(&mut self, status: &StreamStatus) -> bool {
        match status.state {
            SourceState::Live => self.down_since.take().is_some(),
            SourceState::Connecting => false,
            _ => {
                self.down_since.get_or_insert_with(Instant::now);
                false
            }
        }
    }

    /// Tracks outlive their source for so long from now on, where it is away already too.
    pub(super) fn keep_tracks(&mut self, time: Duration) {
        self.keep_tracks = time;
    }

    /// Whether the source has been away for so long that its tracks mean nothing any more; true once.
    pub(super) fn expired(&mut self, now: Instant) -> bool {
        let expired = self.down_since.is_some_and(|since| now.duration_since(since) > self.keep_tracks);
        if expired {
            // What comes after this is a new beginning and no gap.
            self.down_since = None;
        }
        expired
    }

    /// What is due on a frame on which `tracked` objects are known.
    pub(super) fn actions_on(&mut self, frame: &Frame, tracked: &[ObjectId]) -> Vec<(ObjectId, Action)> {
        let mut count = tracked.len();
        let mut actions = Vec::new();
        for prompt in self.pending.due(frame) {
            let object = prompt.object;
            if !tracked.contains(&object) {
                count += 1;
            }
            if count > self.max_objects {
                tracing::warn!(stream = &*self.name, %object, limit = self.max_objects, "too many objects: not tracked");
                count -= 1;
                continue;
            }
            match action(prompt, frame) {
                Ok(action) => actions.push((object, action)),
                Err(error) => tracing::error!(stream = &*self.name, %object, %error, "a mask cannot be used"),
            }
        }
        actions
    }

    pub(super) fn name_objects(&self, objects: &mut [TrackedObject]) {
        for object in objects {
            object.name = self.pending.name(object.id);
        }
    }

    /// Gives an object another name, or none.
    pub(super) fn call(&mut self, object: ObjectId, name: Option<&str>) {
        self.pending.call(object, name);
    }

    /// An id for a further object beside `tracked`.
    pub(super) fn free_id(&mut self, tracked: &[ObjectId]) -> ObjectId {
        let prompted = self.prompts.iter().map(|prompt| prompt.object);
        self.asking.free_id(tracked.iter().copied().chain(prompted))
    }

    /// Whether objects may join those there are.
    pub(super) fn has_room(&self, objects: usize, joining: usize) -> Result<(), ControlError> {
        if objects + joining > self.max_objects {
            return Err(ControlError::TooManyObjects { stream: self.name.to_string(), limit: self.max_objects });
        }
        Ok(())
    }

    /// What has happened to objects since the frame before.
    pub(super) fn compare(
        &mut self,
        frame: &Frame,
        objects: &[TrackedObject],
        actions: &[(ObjectId, Action)],
    ) -> Vec<Notice> {
        self.last = (frame.number, frame.stamp.capture);
        let mut prompted = self.asking.take_spoken_of();
        prompted.extend(actions.iter().map(|(object, _)| *object));
        let events = self.known.compare(objects, &prompted);
        events.into_iter().map(|(object, kind)| self.event(object, kind)).collect()
    }

    /// Every object is lost and ends.
    pub(super) fn lose_all(&mut self) -> Vec<Notice> {
        let objects = self.known.take();
        let both = [ObjectEventKind::Lost, ObjectEventKind::End];
        objects.into_iter().flat_map(|object| both.map(|kind| self.event(object, kind))).collect()
    }

    /// One object ends; `None` where it has not been seen on any frame yet.
    pub(super) fn end(&mut self, object: ObjectId) -> Option<Notice> {
        self.asking.forget(object);
        self.known.forget(object).then(|| self.event(object, ObjectEventKind::End))
    }

    /// Every object ends.
    pub(super) fn end_all(&mut self) -> Vec<Notice> {
        let objects = self.known.take();
        objects.into_iter().map(|object| self.event(object, ObjectEventKind::End)).collect()
    }

    /// What is told of the stream last.
    pub(super) fn farewell(&self) -> StreamStatus {
        StreamStatus {
            stream: Arc::clone(&self.name),
            state: SourceState::Ended,
            reason: Some("the stream was taken out".into()),
            since: CaptureTime::now(),
            removed: true,
        }
    }

    /// What is kept of the stream.
    pub(super) fn record(&self, tracks: Vec<SavedTrack>) -> StreamRecord {
        let named = |track: SavedTrack| {
            let name = self.pending.name(track.object).map(|name| name.to_string());
            NamedTrack { track, name }
        };
        let tracks = tracks.into_iter().map(named).collect();
        StreamRecord { stream: Arc::clone(&self.name), prompts: self.prompts.clone(), tracks }
    }

    fn event(&self, object: ObjectId, kind: ObjectEventKind) -> Notice {
        let (frame, capture) = self.last;
        tracing::info!(stream = &*self.name, %object, frame, event = ?kind, "object");
        let (stream, name) = (Arc::clone(&self.name), self.pending.name(object));
        Notice::Object(ObjectEvent { stream, object, name, kind, frame, capture })
    }
}
