//! Who may come in.
//!
//! A browser on this machine carries any web page's requests: without a token, requests must name this machine as their host (another
//! name is a page that had its own name point here) and come from no other origin. With a token, whoever knows it may come from anywhere
//! but from a foreign page.

mod origin;
mod rate;
mod token;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

pub(crate) use rate::Bucket;
pub(crate) use token::Token;

use crate::app::Shared;
use crate::problem::Problem;

/// What needs no token: the page itself, which holds no secret and asks for it, and what tells whether the daemon lives.
const OPEN: [&str; 3] = ["/healthz", "/readyz", "/api/v1/login"];

/// Lets a request through, or says why not.
pub(crate) async fn guard(State(app): State<Shared>, request: Request, next: Next) -> Response {
    match judge(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            let mut response = problem.into_response();
            if response.status() == StatusCode::UNAUTHORIZED {
                let scheme = header::HeaderValue::from_static("Bearer");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
            }
            response
        }
    }
}

fn judge(app: &Shared, request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    if app.token.is_none() && !origin::is_own_host(headers, &app.config.origins) {
        return Err(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "foreign-host",
            "This is not the address of this daemon",
            "the Host header names another machine",
            "open it as 127.0.0.1 or localhost, set a token, or name the address in [http] origins",
        ));
    }
    if !origin::may_ask(headers, app.is_encrypted(), &app.config.origins) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "foreign-origin",
            "Another web page asks",
            "the Origin header names a page that is not this daemon's",
            "name that origin in [http] origins if it is yours",
        ));
    }
    let path = request.uri().path();
    let open = OPEN.contains(&path) || !(path.starts_with("/api/") || path == "/metrics");
    if open || is_known(app, request) { Ok(()) } else { Err(unauthorized()) }
}

/// Whether whoever asks has shown the token, or needs none.
pub(crate) fn is_known(app: &Shared, request: &Request) -> bool {
    app.token.as_ref().is_none_or(|token| token.is_shown(request.headers()))
}

fn unauthorized() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "unauthorized",
        "A token is needed",
        "no token was shown, or a wrong one",
        "send `Authorization: Bearer TOKEN`, or log in on the page",
    )
}
