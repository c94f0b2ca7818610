//! Live pictures over a WebSocket: numbered frames, so that a click can name the one that it is aimed at.
//!
//! A viewer answers every frame once it is drawn, and never has more than [`IN_FLIGHT`] unanswered: a slow one sees fewer frames and
//! smaller ones, and costs nobody else anything.

mod pictures;
mod viewer;

use axum::extract::State;
use axum::response::Response;

pub(crate) use pictures::Pictures;

use crate::api::{Path, Upgrade};
use crate::app::Shared;
use crate::problem::Problem;

/// Frames that may be on their way to one viewer: one that is drawn while the next one travels.
const IN_FLIGHT: usize = 2;

/// What viewers say is short.
const LONGEST_WORD: usize = 1024;

/// `GET /api/v1/streams/{stream}/live`
pub(crate) async fn live(
    State(app): State<Shared>,
    Path(stream): Path<String>,
    Upgrade(upgrade): Upgrade,
) -> Result<Response, Problem> {
    let latest = app.daemon.watch(&stream)?;
    let Ok(place) = std::sync::Arc::clone(&app.viewers).try_acquire_owned() else {
        return Err(Problem::new(
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            "too-many-viewers",
            "Too many watch already",
            format!("{} live pictures are being watched, which is all there may be", app.config.max_viewers),
            "close a page, or raise [http] max_viewers",
        ));
    };
    let upgrade = upgrade.max_message_size(LONGEST_WORD).max_frame_size(LONGEST_WORD);
    Ok(upgrade.on_upgrade(move |socket| async move {
        viewer::serve(socket, &app, &stream, latest).await;
        drop(place);
    }))
}
