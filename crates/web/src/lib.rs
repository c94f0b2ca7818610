//! What a running maskd shows and lets people do over HTTP: the page, the control API, live pictures, `/metrics`, `/healthz`, `/readyz`.
//!
//! Everything comes from and goes to a [`maskd_daemon::Handle`]; nothing here can hold the tracker up. Who may come in is decided in one
//! place (`guard`) before any route is reached.

mod api;
mod app;
mod error;
mod guard;
mod health;
mod live;
mod metrics;
mod page;
mod painters;
mod picture;
mod problem;
mod routes;
mod server;

pub use error::WebError;
pub use server::{Server, try_listen};

/// The OpenAPI document of the control API, as JSON.
///
/// # Errors
/// Never in practice: the document is made of texts.
pub fn openapi() -> Result<String, serde_json::Error> {
    routes::document().to_pretty_json()
}
