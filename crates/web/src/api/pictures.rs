//! Pictures of what is tracked now.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use maskd_output::message::{MessageForm, frame_json};
use maskd_types::{ObjectId, TrackedFrame};
use serde::Deserialize;
use utoipa::IntoParams;

use super::objects::{id, newest};
use super::{Parameters, Path};
use crate::app::{App, Shared};
use crate::picture::{PictureError, Pixels, png_of};
use crate::problem::Problem;

/// The number of the frame that a picture shows.
const FRAME: HeaderName = HeaderName::from_static("maskd-frame");

/// JPEG quality of pictures that are asked for one by one.
const QUALITY: u8 = 88;

/// What a snapshot is to be like.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SnapshotParameters {
    /// jpeg or png.
    #[param(value_type = String, example = "jpeg")]
    format: Format,
    /// Whether masks and names are drawn onto it.
    overlay: bool,
}

impl Default for SnapshotParameters {
    fn default() -> Self {
        Self { format: Format::Jpeg, overlay: true }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Jpeg,
    Png,
}

/// What a thumbnail is to be like. Other parameters are passed over: pages add one to get past their caches.
#[derive(Deserialize, IntoParams)]
#[serde(default)]
pub(crate) struct ThumbnailParameters {
    /// Its side in pixels, 16 to 512.
    size: u32,
}

impl Default for ThumbnailParameters {
    fn default() -> Self {
        Self { size: 96 }
    }
}

/// The newest frame.
#[utoipa::path(get, path = "/api/v1/streams/{stream}/snapshot", tag = "pictures",
    params(("stream" = String, Path), SnapshotParameters),
    responses((status = 200, description = "image/jpeg or image/png, with the frame's number in maskd-frame", content_type = "image/jpeg"),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn snapshot(
    State(app): State<Shared>,
    Path(stream): Path<String>,
    Parameters(parameters): Parameters<SnapshotParameters>,
) -> Result<Response, Problem> {
    let SnapshotParameters { format, overlay } = parameters;
    let kind = match format {
        Format::Jpeg => "image/jpeg",
        Format::Png => "image/png",
    };
    picture(&app, frame(&app, &stream)?, kind, move |frame| {
        let pixels = Pixels::of(frame, overlay)?;
        match format {
            Format::Jpeg => pixels.jpeg(QUALITY),
            Format::Png => pixels.png(),
        }
    })
    .await
}

/// The newest frame's objects as an image: the value of a pixel is the number of the object that is there, 0 where there is none.
#[utoipa::path(get, path = "/api/v1/streams/{stream}/labels", tag = "pictures", params(("stream" = String, Path)),
    responses((status = 200, description = "PNG of 16 bit grey; where masks overlap, the higher number counts", content_type = "image/png"),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn labels(State(app): State<Shared>, Path(stream): Path<String>) -> Result<Response, Problem> {
    picture(&app, frame(&app, &stream)?, "image/png", label_image).await
}

/// The newest frame's message with its masks in COCO's form: what the sinks of kind ndjson write.
#[utoipa::path(get, path = "/api/v1/streams/{stream}/masks", tag = "pictures", params(("stream" = String, Path)),
    responses((status = 200, description = "One frame, as in NDJSON", content_type = "application/json"),
        (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn masks(State(app): State<Shared>, Path(stream): Path<String>) -> Result<Response, Problem> {
    let frame = frame(&app, &stream)?;
    let text = frame_json(&frame, MessageForm { masks: true }).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// What an object looks like now.
#[utoipa::path(get, path = "/api/v1/streams/{stream}/objects/{object}/thumbnail", tag = "pictures",
    params(("stream" = String, Path), ("object" = u32, Path), ThumbnailParameters),
    responses((status = 200, content_type = "image/jpeg"), (status = 404, body = Problem), (status = 409, description = "Out of sight", body = Problem)))]
pub(crate) async fn thumbnail(
    State(app): State<Shared>,
    Path((stream, object)): Path<(String, String)>,
    Parameters(ThumbnailParameters { size }): Parameters<ThumbnailParameters>,
) -> Result<Response, Problem> {
    if !(16..=512).contains(&size) {
        return Err(Problem::invalid("no size of a thumbnail", "ask for 16 to 512 pixels"));
    }
    let (frame, object) = (frame(&app, &stream)?, id(&stream, &object)?);
    let edges = square(&frame, object).ok_or_else(|| nothing_to_see("the object is not in sight"))?;
    picture(&app, frame, "image/jpeg", move |frame| Pixels::part(frame, edges, [size, size])?.jpeg(QUALITY)).await
}

fn frame(app: &App, stream: &str) -> Result<Arc<TrackedFrame>, Problem> {
    let newest = newest(app, stream)?;
    newest.map(|newest| newest.frame).ok_or_else(|| nothing_to_see("no frame has come yet"))
}

fn nothing_to_see(detail: &str) -> Problem {
    let help = "ask again in a moment";
    Problem::new(axum::http::StatusCode::CONFLICT, "nothing-to-see", "There is nothing to see", detail, help)
}

/// Makes a picture on a thread where that may take its time.
async fn picture(
    app: &App,
    frame: Arc<TrackedFrame>,
    kind: &'static str,
    make: impl FnOnce(&TrackedFrame) -> Result<Vec<u8>, PictureError> + Send + 'static,
) -> Result<Response, Problem> {
    let number = frame.frame.number.to_string();
    let made = app.painters.paint(move || make(&frame)).await;
    let bytes = made.ok_or_else(|| Problem::internal("the picture was given up"))?;
    let bytes = bytes.map_err(|error| Problem::internal(error.to_string()))?;
    let headers =
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CACHE_CONTROL, "no-store".to_owned()), (FRAME, number)];
    Ok((headers, bytes).into_response())
}

fn label_image(frame: &TrackedFrame) -> Result<Vec<u8>, PictureError> {
    let (width, height) = (frame.frame.width, frame.frame.height);
    let mut labels = vec![0_u16; width as usize * height as usize];
    for object in &frame.objects {
        let label = u16::try_from(object.id.get()).unwrap_or(u16::MAX);
        for segment in object.mask.segments() {
            let pixels = labels.iter_mut().skip(segment.x as usize + segment.y0 as usize * width as usize);
            let rows = (segment.y1 - segment.y0) as usize;
            pixels.step_by(width as usize).take(rows).for_each(|pixel| *pixel = label);
        }
    }
    let bytes: Vec<u8> = labels.iter().flat_map(|label| label.to_be_bytes()).collect();
    png_of(width, height, png::ColorType::Grayscale, png::BitDepth::Sixteen, &bytes)
}

/// The square around an object with some room, moved into the frame; `None` where it is not in sight.
fn square(frame: &TrackedFrame, object: ObjectId) -> Option<[u32; 4]> {
    let [x0, y0, x1, y1] = frame.objects.iter().find(|known| known.id == object)?.bbox?;
    let (width, height) = (frame.frame.width, frame.frame.height);
    let side = ((x1 - x0).max(y1 - y0) * 5 / 4 + 2).min(width).min(height);
    let start = |low: u32, high: u32, length: u32| ((low + high) / 2).saturating_sub(side / 2).min(length - side);
    let (left, top) = (start(x0, x1, width), start(y0, y1, height));
    Some([left, top, left + side, top + side])
}
