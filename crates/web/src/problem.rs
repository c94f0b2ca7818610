//! Errors as `application/problem+json` (RFC 9457), each with what to do about it.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maskd_daemon::ControlError;
use maskd_tracker::TrackerError;
use serde::Serialize;
use utoipa::ToSchema;

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What went wrong and what to do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Tells problems apart: `https://maskd.dev/problems/` and a word.
    #[serde(rename = "type")]
    kind: String,
    /// The problem in general.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// This case of it.
    detail: String,
    /// What to do.
    help: String,
    /// The oldest frame that can still be prompted, where that is the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<u64>,
    /// The newest frame, where that is the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    newest: Option<u64>,
    /// All that is wrong with a stream that was to be added.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
}

/// One thing that is wrong with what was sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Finding {
    /// Where.
    pub(crate) key: String,
    /// What was found.
    pub(crate) found: String,
    /// What would be accepted.
    pub(crate) accepted: String,
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        kind: &str,
        title: &'static str,
        detail: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            kind: format!("https://maskd.dev/problems/{kind}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            help: help.into(),
            oldest: None,
            newest: None,
            findings: Vec::new(),
        }
    }

    /// What was sent means nothing.
    pub(crate) fn invalid(detail: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "This cannot be used", detail, help)
    }

    pub(crate) fn not_found(detail: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", detail, help)
    }

    /// There were more than the configuration allows; the next one has a chance after this time.
    pub(crate) fn too_often(wait: Duration) -> Self {
        let detail = format!("more was asked in a second than may be; in {} ms there is room again", wait.as_millis());
        let help = "wait and ask again, or raise [http] prompts_per_second";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-often", "Too often", detail, help)
    }

    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        let help = "please report it with the daemon's log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "bug", "A bug", detail, help)
    }

    pub(crate) fn with_findings(self, findings: Vec<Finding>) -> Self {
        Self { findings, ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, CONTENT_TYPE)], Json(self)).into_response()
    }
}

impl From<ControlError> for Problem {
    fn from(error: ControlError) -> Self {
        let detail = error.to_string();
        match error {
            ControlError::UnknownStream { .. } => Self::not_found(detail, "GET /api/v1/streams lists them"),
            ControlError::UnknownObject { stream, .. } => {
                Self::not_found(detail, format!("GET /api/v1/streams/{stream}/objects lists them"))
            }
            ControlError::StreamExists { .. } => {
                Self::conflict(detail, "choose another name, or remove that stream first")
            }
            ControlError::TooManyStreams { .. } => {
                Self::conflict(detail, "remove a stream first, or raise [http] max_streams")
            }
            ControlError::TooManyObjects { .. } => {
                Self::conflict(detail, "remove an object first, or raise [tracking] max_objects")
            }
            ControlError::Tracker(error) => error.into(),
            ControlError::Tracks { .. } => Self::invalid(detail, "load tracks that the same model saved"),
            ControlError::Busy => Self::unavailable(detail, "ask again in a moment"),
            ControlError::Ending => Self::unavailable(detail, "ask again when it is back"),
            ControlError::Daemon(error) => {
                tracing::error!(error = whole(&error), "what was asked over HTTP cannot be done");
                Self::internal(detail)
            }
            _ => Self::internal(detail),
        }
    }
}

impl Problem {
    fn conflict(detail: String, help: &str) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "This does not go with what there is", detail, help)
    }

    fn unavailable(detail: String, help: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not now", detail, help)
    }
}

impl From<TrackerError> for Problem {
    fn from(error: TrackerError) -> Self {
        let detail = error.to_string();
        match error {
            TrackerError::FrameGone { oldest, newest, .. } => {
                let title = "This frame is no longer remembered";
                let help = "prompt one from the oldest to the newest; [tracking] prompt_ring_frames says how many are remembered";
                let problem = Self::new(StatusCode::GONE, "frame-gone", title, detail, help);
                Self { oldest, newest, ..problem }
            }
            TrackerError::DamagedFrame { .. } => Self::conflict(detail, "click on a later picture"),
            TrackerError::Model(_) => {
                tracing::error!(error = whole(&error), "what was asked over HTTP cannot be done");
                Self::internal("the device failed")
            }
            _ => Self::invalid(detail, "points, box or mask in pixels of the frame that is named"),
        }
    }
}

/// An error with its sources, for the log.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
