use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::metrics;
use crate::view::View;

/// What OpenMetrics text is announced as.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All routes.
pub(super) fn router(view: Arc<View>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(view)
}

/// How the daemon is.
#[derive(Serialize)]
struct Health {
    status: &'static str,
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

fn health(view: &View, status: &'static str) -> Health {
    let streams = view.streams().into_iter().map(|stream| StreamHealth {
        state: stream.source.state.name(),
        objects: stream.figures.objects,
        name: stream.name,
    });
    let sinks = view.sinks().into_iter();
    Health {
        status,
        device: view.device.clone(),
        up_s: view.started.elapsed().as_secs(),
        streams: streams.collect(),
        sinks: sinks
            .map(|sink| SinkHealth { name: sink.name, kind: sink.kind, state: sink.stats.state.name() })
            .collect(),
    }
}

/// 200 while frames go through the tracker, or could; 503 when it is stuck, so that somebody restarts the process.
async fn healthz(State(view): State<Arc<View>>) -> Response {
    if view.is_well() {
        Json(health(&view, "ok")).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, Json(health(&view, "stuck"))).into_response()
    }
}

/// 200 once the model is loaded and the daemon takes frames, which it is whenever it answers, unless it is stuck. What a camera does is
/// no reason to keep work away from the daemon; its state is in the body.
async fn readyz(State(view): State<Arc<View>>) -> Response {
    if view.is_well() {
        Json(health(&view, "ready")).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, Json(health(&view, "stuck"))).into_response()
    }
}

async fn metrics(State(view): State<Arc<View>>) -> Response {
    match metrics::text(&view) {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
