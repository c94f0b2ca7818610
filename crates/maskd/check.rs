//! `maskd check`: a configuration, and everything that it names, tried one by one.

use std::error::Error;
use std::fmt::Display;
use std::io::{Write, stdout};

use maskd_config::{Loaded, TrackingConfig};
use maskd_daemon::{try_sink, try_state, try_stream};
use maskd_tracker::StreamTracker;
use maskd_web::try_listen;

use crate::cli::CheckArgs;
use crate::daemon::{load, open_tracker};
use crate::exit::{Code, Failure};

/// Prints one line for each thing that was tried.
///
/// # Errors
/// Where the file is wrong, or anything that it names is not there.
pub fn run(arguments: &CheckArgs) -> Result<(), Failure> {
    let loaded = load(&arguments.config, arguments.no_environment)?;
    loaded.warnings.iter().for_each(say);
    let file = arguments.config.display();
    if arguments.no_environment {
        say(format_args!("{file}: ok"));
        return Ok(());
    }
    let mut faults = 0;
    let mut tell = |what: String, found: Result<String, String>| match found {
        Ok(found) => say(format_args!("ok    {what}: {found}")),
        Err(error) => {
            faults += 1;
            say(format_args!("wrong {what}: {error}"));
        }
    };
    environment(&loaded, &mut tell);
    if faults == 0 {
        say(format_args!("{file}: ok"));
        return Ok(());
    }
    let error = anyhow::anyhow!("{faults} of the things that {file} names cannot be used");
    Err(Failure::new(Code::RunTime, error, "the lines above say which; `--no-environment` looks at the file only"))
}

fn environment(loaded: &Loaded, tell: &mut impl FnMut(String, Result<String, String>)) {
    let config = &loaded.config;
    let model = open_tracker(config).map(|(tracker, _)| model_line(tracker.as_ref(), &config.tracking));
    tell(format!("model {}", config.model.checkpoint), model.map_err(|failure| failure.to_string()));
    for stream in &config.streams {
        let credentials = loaded.secrets.streams.get(&stream.name).cloned().unwrap_or_default();
        let found = try_stream(stream, &credentials);
        let found = found.map(|info| format!("{}x{}", info.width, info.height)).map_err(|error| whole(&error));
        tell(format!("stream {}", stream.name), found);
    }
    for sink in &config.sinks {
        let credentials = loaded.secrets.sinks.get(&sink.name).cloned().unwrap_or_default();
        let found = match try_sink(sink, &credentials) {
            Ok(Ok(())) => Ok("it opens".to_owned()),
            Ok(Err(error)) => Err(whole(&error)),
            Err(error) => Err(whole(&error)),
        };
        tell(format!("sink {}", sink.name), found);
    }
    if config.http.enabled {
        let found = try_listen(&config.http).map(|()| "the port is free".to_owned());
        tell(format!("http {}", config.http.listen), found.map_err(|error| whole(&error)));
    }
    if let Some(directory) = &config.state.directory {
        let found = try_state(directory).map(|()| "it can be written".to_owned());
        tell(format!("state {}", directory.display()), found.map_err(|error| whole(&error)));
    }
}

/// Where the network runs, and what it costs that past frames can be prompted.
fn model_line(tracker: &dyn StreamTracker, tracking: &TrackingConfig) -> String {
    let frames = tracking.prompt_ring_frames;
    let mebibytes = tracker.ring_frame_bytes() as f64 * frames as f64 / f64::from(1 << 20);
    format!(
        "on {}; the last {frames} frames can be prompted, which takes up to {mebibytes:.0} MiB per stream",
        tracker.device()
    )
}

/// An error with its causes.
fn whole(error: &dyn Error) -> String {
    crate::exit::chain(error)
}

fn say(line: impl Display) {
    // Whoever closes the pipe has read enough.
    let _ = writeln!(stdout().lock(), "{line}");
}
