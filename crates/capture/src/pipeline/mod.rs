//! Pipelines from descriptions: data files that are compiled in, never text that a user had a part in.

mod build;
mod description;
mod link;
mod packages;
mod trust;

pub(crate) use build::{Built, build};
pub(crate) use description::Kind;
pub use description::elements;
pub(crate) use link::Pads;
pub(crate) use packages::package_for_format;
pub(crate) use trust::{Certificate, Distrust, accept};
