//! What happens, as it happens: over server-sent events and over a WebSocket, the same JSON objects that sinks of kind ndjson write.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use maskd_daemon::Happening;
use maskd_output::message::notice_json;
use serde::Deserialize;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt};
use utoipa::IntoParams;

use super::{Parameters, Upgrade};
use crate::app::Shared;
use crate::problem::Problem;

/// A listener that is gone is noticed by then.
const PING: Duration = Duration::from_secs(10);

/// Listeners say nothing.
const LONGEST_WORD: usize = 128;

/// What to tell.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventParameters {
    /// Only of this stream.
    stream: Option<String>,
}

impl EventParameters {
    fn text(&self, happening: &Happening) -> Option<String> {
        match happening {
            Happening::Notice(notice) => {
                let wanted = self.stream.as_deref().is_none_or(|stream| **notice.stream() == *stream);
                wanted.then(|| notice_json(notice).ok()).flatten()
            }
            Happening::Streams => Some(r#"{"event":"streams"}"#.to_owned()),
        }
    }
}

/// Events as server-sent events.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(EventParameters),
    responses((status = 200, description = "One JSON object per event: {\"event\": \"status\"|\"object\"|\"streams\"|\"missed\", ...}",
        content_type = "text/event-stream"), (status = 503, body = Problem)))]
pub(crate) async fn sse(
    State(app): State<Shared>,
    Parameters(parameters): Parameters<EventParameters>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = BroadcastStream::new(app.daemon.listen()).filter_map(move |happening| {
        let text = match happening {
            Ok(happening) => parameters.text(&happening)?,
            Err(tokio_stream::wrappers::errors::BroadcastStreamRecvError::Lagged(count)) => missed(count),
        };
        Some(Ok(Event::default().data(text)))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(PING))
}

/// Events over a WebSocket, one text message each.
#[utoipa::path(get, path = "/api/v1/events/ws", tag = "events", params(EventParameters),
    responses((status = 101, description = "The same objects as text messages")))]
pub(crate) async fn ws(
    State(app): State<Shared>,
    Parameters(parameters): Parameters<EventParameters>,
    Upgrade(upgrade): Upgrade,
) -> Response {
    let happenings = app.daemon.listen();
    let upgrade = upgrade.max_message_size(LONGEST_WORD).max_frame_size(LONGEST_WORD);
    upgrade.on_upgrade(move |socket| tell(socket, happenings, parameters)).into_response()
}

async fn tell(mut socket: WebSocket, mut happenings: Receiver<Happening>, parameters: EventParameters) {
    let mut ping = time::interval(PING);
    loop {
        let message = tokio::select! {
            word = socket.recv() => match word {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
            happening = happenings.recv() => match happening {
                Ok(happening) => match parameters.text(&happening) {
                    Some(text) => Message::Text(text.into()),
                    None => continue,
                },
                Err(RecvError::Lagged(count)) => Message::Text(missed(count).into()),
                Err(RecvError::Closed) => return,
            },
            _ = ping.tick() => Message::Ping(Default::default()),
        };
        if !matches!(time::timeout(PING, socket.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
}

/// Whoever is too slow for what happens looks at everything anew.
fn missed(count: u64) -> String {
    format!(r#"{{"event":"missed","count":{count}}}"#)
}
