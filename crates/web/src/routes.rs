//! Every path, and what every answer goes through.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::cors::CorsLayer;
use utoipa::OpenApi;
use utoipa::openapi::RefOr;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::{events, login, objects, pictures, streams, tracks};
use crate::app::Shared;
use crate::guard::guard;
use crate::problem::Problem;
use crate::{health, live, metrics, page};

/// How long an answer may take to begin: a prompt waits for its track to reach the present.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(OpenApi)]
#[openapi(info(
    title = "maskd",
    description = "Streams, objects and events of a running maskd. Errors are application/problem+json and say what to do. \
                   Coordinates are pixels of the stream's frames from the top left corner. Live pictures: WebSocket on \
                   /api/v1/streams/{stream}/live, see the README."
))]
struct Document;

fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(login::login))
        .routes(routes!(streams::list, streams::add))
        .routes(routes!(streams::show, streams::remove))
        .routes(routes!(streams::restart))
        .routes(routes!(objects::list, objects::add))
        .routes(routes!(objects::rename, objects::remove))
        .routes(routes!(objects::refine))
        .routes(routes!(pictures::thumbnail))
        .routes(routes!(pictures::snapshot))
        .routes(routes!(pictures::labels))
        .routes(routes!(pictures::masks))
        .routes(routes!(tracks::save, tracks::load))
        .routes(routes!(events::sse))
        .routes(routes!(events::ws))
}

/// The OpenAPI document, made of the routes themselves.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    with_problems(api().split_for_parts().1)
}

/// Errors are JSON of a kind of their own, which the routes do not say each time.
fn with_problems(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let items = document.paths.paths.values_mut();
    let operations =
        items.flat_map(|item| [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete]);
    for (status, response) in operations.flatten().flat_map(|operation| &mut operation.responses.responses) {
        if let (RefOr::T(response), true) = (response, status.starts_with(['4', '5'])) {
            let problem = response.content.shift_remove("application/json");
            response.content.extend(problem.map(|content| ("application/problem+json".to_owned(), content)));
        }
    }
    document
}

/// All there is.
pub(crate) fn router(app: Shared) -> Router {
    let (api, document) = api().split_for_parts();
    let document = with_problems(document);
    let limit = usize::try_from(app.config.max_body_bytes).unwrap_or(usize::MAX);
    let cross = cross_origin(&app);
    api.route("/api/v1/openapi.json", get(async move || axum::Json(document)))
        .route("/api/v1/streams/{stream}/live", get(live::live))
        .route("/api/{*path}", axum::routing::any(no_such_path))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .fallback_service(get(page::page))
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(limit))
        .layer(middleware::from_fn(hurry))
        .layer(middleware::from_fn_with_state(Shared::clone(&app), guard))
        .layer(cross)
        .layer(middleware::from_fn(harden))
        .with_state(app)
}

/// Pages of other origins that the configuration names may use the API from a browser, with the token in a header.
fn cross_origin(app: &Shared) -> CorsLayer {
    let origins = app.config.origins.iter().filter_map(|origin| origin.as_str().parse::<HeaderValue>().ok());
    CorsLayer::new()
        .allow_origin(origins.collect::<Vec<_>>())
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([HeaderName::from_static("maskd-frame")])
}

/// What every answer says to browsers.
async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    response
}

/// A body that never comes to its end, and whatever else takes too long, is given up.
async fn hurry(request: Request, next: Next) -> Response {
    let late = |_| {
        let detail = format!("there was no answer within {} s", PATIENCE.as_secs());
        let help = "send the whole body at once, and ask again in a moment";
        Problem::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "This took too long", detail, help).into_response()
    };
    tokio::time::timeout(PATIENCE, next.run(request)).await.unwrap_or_else(late)
}

async fn no_such_path() -> Problem {
    Problem::not_found("there is no such path", "GET /api/v1/openapi.json has all of them")
}

async fn wrong_method() -> Response {
    let help = "GET /api/v1/openapi.json has the methods of every path";
    let title = "This path has no such method";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", title, "wrong method", help).into_response()
}
