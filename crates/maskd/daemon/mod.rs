//! `maskd run`: the daemon, from its configuration to its end.

mod advice;
mod log;
mod memory;
mod service;
mod signals;

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Instant;

use maskd_config::{CheckpointSpec, Config, DeviceSpec, Environment, Features, LoadOptions, Loaded};
use maskd_daemon::Daemon;
use maskd_tracker::{StreamTracker, TrackerOptions, open_streams};
use maskd_web::Server;

use crate::cli::RunArgs;
use crate::console::Console;
use crate::exit::Failure;
use crate::{checkpoint, threads};

/// What this build has.
pub const FEATURES: Features = Features { zenoh: cfg!(feature = "zenoh"), rerun: cfg!(feature = "rerun") };

/// Runs until a signal, or until all files have been played where that is asked for.
///
/// # Errors
/// Where the configuration cannot be used, something cannot be started, or the device fails.
pub fn run(arguments: &RunArgs) -> Result<(), Failure> {
    memory::share_heaps();
    let wishes = signals::Wishes::listen()?;
    let loaded = load(&arguments.config, false)?;
    let level = log::start(&loaded.config.log);
    loaded.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    let (tracker, model) = open_tracker(&loaded.config)?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), device = tracker.device(), "maskd starts");
    let (http, token) = (loaded.config.http.clone(), loaded.secrets.http_token.clone());
    let mut daemon = Daemon::start(loaded, tracker, model)?;
    let server = http.enabled.then(|| Server::start(&http, token.as_ref(), daemon.handle())).transpose()?;
    if let Some(server) = &server {
        tracing::info!(address = %server.address(), "http");
    }
    service::ready();
    let outcome = service::watch(&mut daemon, &wishes, &level, arguments);
    service::stopping();
    let deadline = Instant::now() + daemon.drain();
    let stopped = daemon.stop(deadline);
    drop(server);
    outcome?;
    for part in stopped? {
        tracing::warn!(part, "still busy at the end; it was left");
    }
    tracing::info!("maskd ends");
    Ok(())
}

/// Reads a configuration file and the environment.
///
/// # Errors
/// With everything that is wrong.
pub fn load(path: &Path, skip_secrets: bool) -> Result<Loaded, Failure> {
    let options = LoadOptions { features: FEATURES, skip_secrets };
    Ok(Config::load(path, &Environment::of_process(), &options)?)
}

/// Loads the network; gives with it what tells its tracks from those of others.
///
/// # Errors
/// Where the checkpoint or the device cannot be used.
pub fn open_tracker(config: &Config) -> Result<(Box<dyn StreamTracker>, String), Failure> {
    threads::limit(NonZeroUsize::new(config.model.threads))?;
    let checkpoint = match &config.model.checkpoint {
        CheckpointSpec::Named(name) => checkpoint::open(Some(name), Console::new(true))?,
        CheckpointSpec::File(path) => maskd_model::Checkpoint::open(path)?,
    };
    let size = config.model.image_size.unwrap_or(checkpoint.config.image_size);
    let model = format!("{} at {size} px", checkpoint.sha256);
    let options = TrackerOptions {
        image_size: config.model.image_size,
        precision: precision(config.model.precision),
        fill_holes_area: config.tracking.fill_holes_area,
        no_overlap: config.tracking.no_overlap,
        lost_after_frames: config.tracking.lost_after_frames,
        prompt_ring_frames: config.tracking.prompt_ring_frames,
        ..TrackerOptions::default()
    };
    Ok((open_streams(checkpoint, &device(config.model.device), options)?, model))
}

fn precision(precision: maskd_config::Precision) -> maskd_model::Precision {
    match precision {
        maskd_config::Precision::Auto => maskd_model::Precision::Auto,
        maskd_config::Precision::F32 => maskd_model::Precision::F32,
        maskd_config::Precision::F16 => maskd_model::Precision::F16,
        maskd_config::Precision::Bf16 => maskd_model::Precision::Bf16,
    }
}

fn device(spec: DeviceSpec) -> maskd_model::DeviceSpec {
    match spec {
        DeviceSpec::Auto => maskd_model::DeviceSpec::Auto,
        DeviceSpec::Cpu => maskd_model::DeviceSpec::Cpu,
        DeviceSpec::Cuda(number) => maskd_model::DeviceSpec::Cuda(number as usize),
        DeviceSpec::Vulkan(number) => maskd_model::DeviceSpec::Vulkan(number.unwrap_or(0) as usize),
    }
}
