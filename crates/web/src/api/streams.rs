use std::path::Path as FilePath;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use maskd_config::policy::PolicyError;
use maskd_config::{Config, ConfigErrors, Credentials, Environment, LoadOptions, Secret, StreamConfig};
use serde::{Deserialize, Serialize};
use tokio::task;
use utoipa::ToSchema;

use super::models::{StreamModel, StreamsModel};
use super::{Body, Path};
use crate::app::{App, Shared};
use crate::problem::{Finding, Problem};

/// A stream to be added: the keys of a `[[stream]]` of the configuration.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStreamModel {
    /// 1 to 64 letters, digits, "_" and "-".
    name: String,
    /// rtsp://..., scene://..., or what else the configuration allows.
    source: String,
    /// "tcp" or "udp".
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<String>,
    /// How long RTSP's jitter buffer holds packets back.
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<u32>,
    /// Whether a file starts again at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<bool>,
    /// Whether a file or scene is played at its own pace, as if it were a camera; true where nothing is said: somebody watches.
    #[serde(default = "yes")]
    realtime: bool,
    /// Silence after which the source is built anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    stall_s: Option<f64>,
    /// The camera's user.
    #[serde(skip_serializing)]
    user: Option<String>,
    /// The camera's password.
    #[serde(skip_serializing)]
    password: Option<String>,
}

fn yes() -> bool {
    true
}

/// All streams.
#[utoipa::path(get, path = "/api/v1/streams", tag = "streams", responses((status = 200, body = StreamsModel)))]
pub(crate) async fn list(State(app): State<Shared>) -> Json<StreamsModel> {
    Json(StreamsModel { streams: models(&app) })
}

/// One stream.
#[utoipa::path(get, path = "/api/v1/streams/{stream}", tag = "streams", params(("stream" = String, Path)),
    responses((status = 200, body = StreamModel), (status = 404, body = Problem)))]
pub(crate) async fn show(State(app): State<Shared>, Path(stream): Path<String>) -> Result<Json<StreamModel>, Problem> {
    model(&app, &stream).map(Json)
}

/// Adds a stream. It lives until it is removed, or until the daemon ends.
#[utoipa::path(post, path = "/api/v1/streams", tag = "streams", request_body = NewStreamModel,
    responses((status = 201, body = StreamModel), (status = 403, description = "Such a source is not allowed", body = Problem),
        (status = 409, body = Problem), (status = 422, description = "With all that is wrong", body = Problem)))]
pub(crate) async fn add(
    State(app): State<Shared>,
    Body(new): Body<NewStreamModel>,
) -> Result<(StatusCode, Json<StreamModel>), Problem> {
    let (config, credentials) = (stream_config(&new)?, credentials(&new)?);
    let name = config.name.clone();
    let shared = std::sync::Arc::clone(&app);
    // Names of hosts are looked up, which may take its time.
    let added = task::spawn_blocking(move || {
        shared.policy.check(&config.source).map_err(|error| refused(&error))?;
        Ok::<_, Problem>(shared.daemon.add_stream(config, credentials, shared.config.max_streams)?)
    });
    added.await.map_err(|_| Problem::internal("a stream could not be added"))??;
    Ok((StatusCode::CREATED, Json(model(&app, &name)?)))
}

/// Removes a stream with all its objects. One of the configuration file comes back with the next start.
#[utoipa::path(delete, path = "/api/v1/streams/{stream}", tag = "streams", params(("stream" = String, Path)),
    responses((status = 204, description = "Removed"), (status = 404, body = Problem)))]
pub(crate) async fn remove(State(app): State<Shared>, Path(stream): Path<String>) -> Result<StatusCode, Problem> {
    aside(move || app.daemon.remove_stream(&stream)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens a stream's source anew.
#[utoipa::path(post, path = "/api/v1/streams/{stream}/restart", tag = "streams", params(("stream" = String, Path)),
    responses((status = 202, description = "It is being opened"), (status = 404, body = Problem)))]
pub(crate) async fn restart(State(app): State<Shared>, Path(stream): Path<String>) -> Result<StatusCode, Problem> {
    aside(move || app.daemon.restart_stream(&stream)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Does what may wait for other threads on a thread of its own.
async fn aside(act: impl FnOnce() -> Result<(), maskd_daemon::ControlError> + Send + 'static) -> Result<(), Problem> {
    let done = task::spawn_blocking(act).await;
    Ok(done.map_err(|_| Problem::internal("what was asked was given up"))??)
}

fn models(app: &App) -> Vec<StreamModel> {
    let model = |view: maskd_daemon::StreamView| {
        let latest = app.daemon.watch(&view.name).ok().and_then(|latest| latest.borrow().clone());
        let newest = latest.map(|newest| {
            let frame = &newest.frame.frame;
            (frame.number, frame.width, frame.height, newest.rate)
        });
        let reason = app.daemon.reason(&view.name);
        StreamModel::new(view, reason.as_deref(), newest)
    };
    app.daemon.streams().into_iter().map(model).collect()
}

fn model(app: &App, name: &str) -> Result<StreamModel, Problem> {
    let unknown = || maskd_daemon::ControlError::UnknownStream { stream: name.to_owned() }.into();
    models(app).into_iter().find(|stream| stream.is(name)).ok_or_else(unknown)
}

/// What was sent goes through the same table of keys as a file.
fn stream_config(new: &NewStreamModel) -> Result<StreamConfig, Problem> {
    let camera = ["rtsp:", "rtsps:", "v4l2:"].iter().any(|scheme| new.source.starts_with(scheme));
    let new = NewStreamModel { realtime: new.realtime && !camera, ..new.clone() };
    let document = std::collections::BTreeMap::from([("stream", [&new])]);
    let text = toml::to_string(&document).map_err(|error| Problem::invalid(error.to_string(), HELP))?;
    let environment = Environment::from_iter([] as [(String, String); 0]);
    let options = LoadOptions { skip_secrets: true, ..LoadOptions::default() };
    match Config::parse(&text, FilePath::new("/request"), &environment, &options) {
        Ok(loaded) => loaded.config.streams.into_iter().next().ok_or_else(|| Problem::invalid("no stream", HELP)),
        Err(ConfigErrors::Findings(findings)) => {
            let finding = |finding: maskd_config::Finding| Finding {
                key: finding.key.rsplit('.').next().unwrap_or_default().to_owned(),
                found: finding.found,
                accepted: finding.accepted,
            };
            let findings = findings.into_iter().map(finding).collect();
            Err(Problem::invalid("this stream cannot be added as it is described", HELP).with_findings(findings))
        }
        Err(error) => Err(Problem::internal(error.to_string())),
    }
}

const HELP: &str = "configs/reference.toml has every key of a [[stream]]";

fn credentials(new: &NewStreamModel) -> Result<Credentials, Problem> {
    if new.password.is_some() && new.user.is_none() {
        return Err(Problem::invalid("a password without a user", "send both, or neither"));
    }
    let secret = |text: &Option<String>| text.clone().map(Secret::new);
    Ok(Credentials { user: secret(&new.user), password: secret(&new.password) })
}

fn refused(error: &PolicyError) -> Problem {
    let title = "Such a source may not be added here";
    let help = match error.key() {
        Some(key) => format!("`{key}` in the configuration says what may"),
        None => "a [[stream]] of the configuration file may have any source".to_owned(),
    };
    Problem::new(StatusCode::FORBIDDEN, "source-refused", title, error.to_string(), help)
}
