//! What is sent to the API, with errors that say what is wrong with it.

use std::error::Error;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(of_body(&rejection)),
        }
    }
}

fn of_body(rejection: &JsonRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-json",
            "This is not announced as JSON",
            rejection.body_text(),
            "send `Content-Type: application/json`",
        ),
        _ => Problem::invalid(innermost(rejection), "GET /api/v1/openapi.json has the form of every body"),
    }
}

/// What was wrong, without the names that the parts of the server have for each other.
fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

pub(crate) fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        "This is too large",
        "the body is larger than the daemon takes",
        "send less, or raise [http] max_body_bytes",
    )
}

/// The parts of an address that differ.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path: Result<axum::extract::Path<T>, PathRejection> =
            axum::extract::Path::from_request_parts(parts, state).await;
        let help = "GET /api/v1/openapi.json has all paths";
        path.map(|axum::extract::Path(path)| Self(path)).map_err(|error| Problem::not_found(error.body_text(), help))
    }
}

/// What stands behind the `?`.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        let help = "GET /api/v1/openapi.json has the parameters of every path";
        query.map(|Query(parameters)| Self(parameters)).map_err(|error| Problem::invalid(innermost(&error), help))
    }
}

/// A WebSocket that is being opened.
pub(crate) struct Upgrade(pub(crate) WebSocketUpgrade);

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        WebSocketUpgrade::from_request_parts(parts, state).await.map(Self).map_err(|rejection| {
            let title = "This is a WebSocket";
            let help =
                "open it with ws:// or wss://; GET /api/v1/events has the same events for clients without WebSockets";
            Problem::new(StatusCode::UPGRADE_REQUIRED, "websocket", title, rejection.body_text(), help)
        })
    }
}
