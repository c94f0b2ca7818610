//! The network without the rest of maskd, for machines with a GPU and little else: what `cargo xtask gpu-check` takes there.
//!
//! Whatever there is to say goes to standard output as one JSON object per line, at once, so that a run that hangs or dies has said
//! all that came before.

mod cli;
mod events;
mod frames;
mod logits;
mod memory;
mod micro;
mod panics;
mod prompts;
mod timing;
mod track;

use std::process::ExitCode;

use clap::Parser;
use maskd_model::DeviceSpec;
use serde_json::json;

use cli::{Cli, Task};

fn main() -> ExitCode {
    maskd_allocator::keep_buffers();
    events::start();
    let outcome = match Cli::parse().task {
        Task::Devices(args) => {
            devices(&args.asked);
            Ok(())
        }
        Task::Track(args) => track::run(&args),
        Task::Stages(args) => micro::stages(&args),
        Task::Micro(args) => micro::operations(&args),
    };
    match outcome {
        Ok(()) => {
            events::say("end", json!({}));
            ExitCode::SUCCESS
        }
        Err(error) => {
            events::say("error", json!({ "message": format!("{error:#}") }));
            ExitCode::FAILURE
        }
    }
}

/// Names each device that is here, or says what it lacks.
fn devices(asked: &[DeviceSpec]) {
    for spec in asked {
        let asked = spec.to_string();
        match maskd_model::Device::find(spec) {
            Ok(device) => events::say("device", json!({ "asked": asked, "found": device.to_string() })),
            Err(error) => events::say("device", json!({ "asked": asked, "missing": error.to_string() })),
        }
    }
}
