//! `/api/v1`: what people and programs see and control.

pub(crate) mod events;
pub(crate) mod login;
pub(crate) mod models;
pub(crate) mod objects;
pub(crate) mod pictures;
pub(crate) mod streams;
mod text;
pub(crate) mod tracks;

pub(crate) use text::{Body, Parameters, Path, Upgrade};
