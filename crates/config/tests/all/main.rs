//! The configuration from outside: files and environments in, configurations or findings out.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where a helper of it finds something wrong"
)]

mod changes;
mod defaults;
mod environment;
mod findings;
mod http;
mod policy;
mod policy_properties;
mod properties;
mod reference;
mod schema;
mod secrets;
mod shipped;
mod support;
mod token;
mod warnings;
