//! `maskd doctor`: whether this machine has what maskd needs, and what to install where it has not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::{Write, stdout};
use std::net::TcpListener;

use maskd_model::{Device, DeviceSpec};

use crate::exit::{Code, Failure};

/// Ports that a daemon takes unless it is told otherwise, and what for.
const PORTS: [(u16, &str); 2] = [(8710, "HTTP"), (8554, "RTSP server")];

/// Prints what it finds.
///
/// # Errors
/// Where something that every run needs is missing. A GPU or a free port is not.
pub fn run() -> Result<(), Failure> {
    say(format_args!("maskd {}", env!("CARGO_PKG_VERSION")));
    let missing = gstreamer()?;
    devices();
    ports();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.into_iter().collect();
    let error = anyhow::anyhow!("parts of GStreamer are missing");
    Err(Failure::new(Code::RunTime, error, format!("apt-get install {}", packages.join(" "))))
}

/// Packages that are missing.
fn gstreamer() -> Result<BTreeSet<&'static str>, Failure> {
    let broken = |error| {
        let help = "install libgstreamer1.0-0 and gstreamer1.0-plugins-base";
        Failure::new(Code::RunTime, anyhow::Error::new(error), help)
    };
    say(maskd_pipeline::version().map_err(broken)?);
    // The same element may serve several ends.
    let elements =
        maskd_capture::elements().chain(maskd_output::video::elements()).chain(maskd_output::rtsp::elements());
    let elements: BTreeMap<&str, &str> = elements.collect();
    let elements: Vec<(&str, &str)> = elements.into_iter().collect();
    let missing = maskd_pipeline::missing(&elements).map_err(broken)?;
    say(format_args!("  {} of {} elements are installed", elements.len() - missing.len(), elements.len()));
    for (element, package) in &missing {
        say(format_args!("  missing: {element}, in the Debian package {package}"));
    }
    Ok(missing.into_iter().map(|(_, package)| package).collect())
}

fn devices() {
    say("devices");
    for spec in [DeviceSpec::Cpu, DeviceSpec::Cuda(0), DeviceSpec::Vulkan(0)] {
        match Device::find(&spec) {
            Ok(device) => say(format_args!("  {device}")),
            Err(error) => say(format_args!("  not {spec}: {error}")),
        }
    }
}

fn ports() {
    say("ports of this machine");
    for (port, purpose) in PORTS {
        match TcpListener::bind(("127.0.0.1", port)) {
            Ok(_) => say(format_args!("  {port} is free ({purpose})")),
            Err(error) => say(format_args!("  {port} is not to be had ({purpose}): {error}")),
        }
    }
}

fn say(line: impl Display) {
    // Whoever closes the pipe has read enough.
    let _ = writeln!(stdout().lock(), "{line}");
}
