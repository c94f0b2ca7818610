//! `/healthz` and `/readyz`, for those who restart what is stuck.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::app::{App, Shared};
use crate::guard::is_known;

/// How the daemon is.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    #[serde(flatten)]
    details: Option<Details>,
}

/// For those only who may know.
#[derive(Serialize)]
struct Details {
    /// Where the network runs.
    device: String,
    up_s: u64,
    streams: Vec<StreamHealth>,
    sinks: Vec<SinkHealth>,
}

#[derive(Serialize)]
struct StreamHealth {
    name: String,
    state: &'static str,
    objects: usize,
}

#[derive(Serialize)]
struct SinkHealth {
    name: String,
    kind: &'static str,
    state: &'static str,
}

/// 200 while frames go through the tracker, or could; 503 when it is stuck, so that somebody restarts the process.
pub(crate) async fn healthz(State(app): State<Shared>, request: Request) -> Response {
    answer(&app, &request, "ok")
}

/// 200 once the model is loaded and the daemon takes frames, which it is whenever it answers, unless it is stuck. What a camera does is
/// no reason to keep work away from the daemon; its state is in the body.
pub(crate) async fn readyz(State(app): State<Shared>, request: Request) -> Response {
    answer(&app, &request, "ready")
}

fn answer(app: &Shared, request: &Request, well: &'static str) -> Response {
    let is_well = app.daemon.is_well();
    let (code, status) = if is_well { (StatusCode::OK, well) } else { (StatusCode::SERVICE_UNAVAILABLE, "stuck") };
    let details = is_known(app, request).then(|| details(app));
    (code, Json(Health { status, details })).into_response()
}

fn details(app: &App) -> Details {
    let daemon = &app.daemon;
    let streams = daemon.streams().into_iter().map(|stream| StreamHealth {
        state: stream.source.state.name(),
        objects: stream.figures.objects,
        name: stream.name,
    });
    let sinks = daemon.sinks().into_iter();
    Details {
        device: daemon.device().to_owned(),
        up_s: daemon.up().as_secs(),
        streams: streams.collect(),
        sinks: sinks
            .map(|sink| SinkHealth { name: sink.name, kind: sink.kind, state: sink.stats.state.name() })
            .collect(),
    }
}
