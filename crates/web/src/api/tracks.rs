use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::Path;
use super::models::LoadedModel;
use super::text::too_large;
use crate::app::Shared;
use crate::problem::Problem;

/// All tracks of a stream, to be loaded again later: names, and what the frames left behind on which objects were prompted first.
#[utoipa::path(get, path = "/api/v1/streams/{stream}/tracks", tag = "tracks", params(("stream" = String, Path)),
    responses((status = 200, description = "A safetensors file", content_type = "application/octet-stream"), (status = 404, body = Problem)))]
pub(crate) async fn save(State(app): State<Shared>, Path(stream): Path<String>) -> Result<Response, Problem> {
    let bytes = app.daemon.save_tracks(&stream).await?;
    let kind = (header::CONTENT_TYPE, "application/octet-stream".to_owned());
    // Names of streams are letters, digits, "_" and "-".
    let name = (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{stream}.tracks\""));
    Ok(([kind, name], bytes).into_response())
}

/// Begins the tracks of such a file. Objects keep their numbers; those that are tracked under the same numbers are replaced.
#[utoipa::path(put, path = "/api/v1/streams/{stream}/tracks", tag = "tracks", params(("stream" = String, Path)),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, body = LoadedModel), (status = 404, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn load(
    State(app): State<Shared>,
    Path(stream): Path<String>,
    bytes: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Json<LoadedModel>, Problem> {
    let bytes = bytes.map_err(|_| too_large())?;
    let objects = app.daemon.load_tracks(&stream, &bytes).await?;
    Ok(Json(LoadedModel { objects: objects.into_iter().map(|object| object.get()).collect() }))
}
