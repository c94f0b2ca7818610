use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Body;
use super::models::LoginModel;
use crate::app::Shared;
use crate::problem::Problem;

/// Shows the token once and gets a cookie for it, which browsers send with everything else.
#[utoipa::path(post, path = "/api/v1/login", tag = "login", request_body = LoginModel,
    responses((status = 204, description = "Logged in; there is a cookie where a token is needed"),
        (status = 401, description = "A wrong token", body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn login(State(app): State<Shared>, Body(login): Body<LoginModel>) -> Result<Response, Problem> {
    let Some(token) = &app.token else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    // Guessing is slowed down for everybody together.
    app.logins.take().map_err(Problem::too_often)?;
    if !token.is(&login.token) {
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "This is not the token",
            "the token that was sent is another one",
            "[http] token_file or token_env of the configuration says where the right one is",
        ));
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, token.set_cookie(app.is_encrypted()))]).into_response())
}
