use maskd_types::{CaptureClock, Notice, ObjectEvent, ObjectEventKind, ObjectId, SourceState, StreamStatus};
use serde::Serialize;

/// `event` tells the kinds apart, and notices from frames, which have none.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Message<'a> {
    Status(Status<'a>),
    Object(Object<'a>),
}

#[derive(Serialize)]
pub(super) struct Status<'a> {
    stream: &'a str,
    event: &'static str,
    state: SourceState,
    reason: Option<&'a str>,
    time_unix_ns: u64,
}

#[derive(Serialize)]
pub(super) struct Object<'a> {
    stream: &'a str,
    event: &'static str,
    object: ObjectId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    kind: ObjectEventKind,
    frame: u64,
    capture_unix_ns: u64,
    capture_clock: CaptureClock,
}

impl<'a> Message<'a> {
    pub(super) fn of(notice: &'a Notice) -> Self {
        match notice {
            Notice::Status(status) => Self::Status(Status::of(status)),
            Notice::Object(event) => Self::Object(Object::of(event)),
        }
    }
}

impl<'a> Status<'a> {
    fn of(status: &'a StreamStatus) -> Self {
        Self {
            stream: &status.stream,
            event: "status",
            state: status.state,
            reason: status.reason.as_deref(),
            time_unix_ns: status.since.unix_ns,
        }
    }
}

impl<'a> Object<'a> {
    fn of(event: &'a ObjectEvent) -> Self {
        Self {
            stream: &event.stream,
            event: "object",
            object: event.object,
            name: event.name.as_deref(),
            kind: event.kind,
            frame: event.frame,
            capture_unix_ns: event.capture.unix_ns,
            capture_clock: event.capture.clock,
        }
    }
}
