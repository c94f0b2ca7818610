//! A camera that serves RTSP until it is told to quit. Prints its address first, then one line per command.

mod arguments;
mod commands;

use std::io::{BufRead, Write};

use clap::Parser;
use maskd_camsim::Camera;

use arguments::Arguments;
use commands::Next;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut camera = Camera::start(arguments.config()?)?;
    say(&camera.url())?;
    for line in std::io::stdin().lock().lines() {
        match commands::obey(&mut camera, line?.trim()) {
            Ok(Next::Say(answer)) => say(format!("ok {answer}").trim_end())?,
            Ok(Next::Quit) => return say("ok"),
            Err(error) => say(&format!("error: {error:#}"))?,
        }
    }
    if arguments.detached {
        // Until a signal ends the process.
        loop {
            std::thread::park();
        }
    }
    Ok(())
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
