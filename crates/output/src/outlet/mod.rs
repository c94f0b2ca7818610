//! The thread and the bounded queue around a sink of the daemon.
//!
//! A slow, stuck or broken sink costs its own frames and nobody else's time: whoever has a frame offers it and goes on.
//! A sink that fails is dropped and made anew after a pause that grows; what is missed meanwhile is counted.

mod backoff;
mod config;
mod guard;
mod handle;
mod queue;
mod shared;
mod stats;
mod worker;

pub use config::{OutletConfig, Policy, Retry};
pub use handle::{MakeSink, Outlet, Stopped};
pub use stats::{OutletState, OutletStats};
