use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use maskd_daemon::{ControlError, Newest, PromptRequest, Prompted, Target};
use maskd_prompts::json::{MaskJson, PromptJson, PromptJsonError, name};
use maskd_types::ObjectId;
use tokio::time;

use super::models::{ObjectModel, ObjectsModel, PromptedModel, RenameModel};
use super::{Body, Path};
use crate::app::{App, Shared};
use crate::problem::Problem;

/// How long an answer waits for the track to reach the present.
const PATIENCE: Duration = Duration::from_secs(5);

/// The objects of a stream on its newest frame.
#[utoipa::path(get, path = "/api/v1/streams/{stream}/objects", tag = "objects", params(("stream" = String, Path)),
    responses((status = 200, body = ObjectsModel), (status = 404, body = Problem)))]
pub(crate) async fn list(State(app): State<Shared>, Path(stream): Path<String>) -> Result<Json<ObjectsModel>, Problem> {
    let newest = newest(&app, &stream)?;
    Ok(Json(ObjectsModel {
        frame: newest.as_ref().map(|newest| newest.frame.frame.number),
        objects: newest.iter().flat_map(|newest| &newest.frame.objects).map(ObjectModel::from).collect(),
    }))
}

/// Begins to track an object that points, a box or a mask tell of.
#[utoipa::path(post, path = "/api/v1/streams/{stream}/objects", tag = "objects", params(("stream" = String, Path)),
    request_body = PromptJson,
    responses((status = 201, body = PromptedModel), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 410, description = "That frame is no longer remembered", body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)))]
pub(crate) async fn add(
    State(app): State<Shared>,
    Path(stream): Path<String>,
    Body(mut model): Body<PromptJson>,
) -> Result<(StatusCode, Json<PromptedModel>), Problem> {
    let target = Target::New { name: name(model.name.take()).map_err(refused)? };
    Ok((StatusCode::CREATED, Json(prompt(&app, stream, target, &model).await?)))
}

/// Corrects an object's track.
#[utoipa::path(post, path = "/api/v1/streams/{stream}/objects/{object}/prompts", tag = "objects",
    params(("stream" = String, Path), ("object" = u32, Path)), request_body = PromptJson,
    responses((status = 200, body = PromptedModel), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 410, description = "That frame is no longer remembered", body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)))]
pub(crate) async fn refine(
    State(app): State<Shared>,
    Path((stream, object)): Path<(String, String)>,
    Body(model): Body<PromptJson>,
) -> Result<Json<PromptedModel>, Problem> {
    if model.name.is_some() {
        return Err(Problem::invalid("a name does not belong here", "PATCH the object to rename it"));
    }
    let target = Target::Known(id(&stream, &object)?);
    Ok(Json(prompt(&app, stream, target, &model).await?))
}

/// Gives an object another name.
#[utoipa::path(patch, path = "/api/v1/streams/{stream}/objects/{object}", tag = "objects",
    params(("stream" = String, Path), ("object" = u32, Path)), request_body = RenameModel,
    responses((status = 204, description = "Renamed"), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn rename(
    State(app): State<Shared>,
    Path((stream, object)): Path<(String, String)>,
    Body(model): Body<RenameModel>,
) -> Result<StatusCode, Problem> {
    let object = id(&stream, &object)?;
    app.daemon.rename_object(&stream, object, name(model.name).map_err(refused)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets an object.
#[utoipa::path(delete, path = "/api/v1/streams/{stream}/objects/{object}", tag = "objects",
    params(("stream" = String, Path), ("object" = u32, Path)),
    responses((status = 204, description = "Forgotten"), (status = 404, body = Problem)))]
pub(crate) async fn remove(
    State(app): State<Shared>,
    Path((stream, object)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    app.daemon.remove_object(&stream, id(&stream, &object)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn prompt(app: &App, stream: String, target: Target, model: &PromptJson) -> Result<PromptedModel, Problem> {
    let size = newest(app, &stream)?.map(|newest| [newest.frame.frame.width, newest.frame.frame.height]);
    let prompt = model.prompt(size).map_err(refused)?;
    app.prompts.take().map_err(Problem::too_often)?;
    let request = PromptRequest { stream, frame: model.frame, target, prompt };
    Ok(caught_up(app.daemon.prompt(request).await?).await)
}

/// Waits for the track to reach the present, but not for ever: a stream may have stopped.
async fn caught_up(prompted: Prompted) -> PromptedModel {
    let present = time::timeout(PATIENCE, prompted.caught_up).await.ok().and_then(Result::ok);
    PromptedModel {
        id: prompted.object.id.get(),
        name: prompted.object.name.as_deref().map(str::to_owned),
        applied_frame: prompted.frame,
        behind_frames: prompted.behind,
        caught_up_frame: present,
        catch_up_ms: present.map(|_| prompted.applied.elapsed().as_secs_f64() * 1e3),
        object: ObjectModel::from(&prompted.object),
        mask: MaskJson::of(&prompted.object.mask),
    }
}

pub(super) fn newest(app: &App, stream: &str) -> Result<Option<Newest>, ControlError> {
    Ok(app.daemon.watch(stream)?.borrow().clone())
}

/// The number of an object in an address.
pub(super) fn id(stream: &str, text: &str) -> Result<ObjectId, Problem> {
    let id = text.parse().ok().and_then(ObjectId::new);
    let help = format!("GET /api/v1/streams/{stream}/objects lists them");
    id.ok_or_else(|| Problem::not_found("an object has a number from 1 up", help))
}

fn refused(error: PromptJsonError) -> Problem {
    let help = "points [[x, y, 1 or 0], ...], or box [x0, y0, x1, y1], or both, or mask {size, counts}, in pixels of the frame; a name \
                of 1 to 64 characters";
    let detail = match std::error::Error::source(&error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    Problem::invalid(detail, help)
}
