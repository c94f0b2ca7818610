//! What has to be on the machine besides Rust.
//!
//! This crate itself needs none of it, so that it can be built first and say what is missing.

use std::process::{Command, Stdio};

use anyhow::{bail, ensure};

use crate::binary::run;

/// Debian packages for building: headers of GStreamer and of its RTSP server, and a C linker.
const BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libgstreamer1.0-dev",
    "libgstreamer-plugins-base1.0-dev",
    "libgstrtspserver-1.0-dev",
];

/// Debian packages that hold GStreamer's elements: containers, decoders, the H.264 encoder.
const RUN: &[&str] = &[
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
    "gstreamer1.0-plugins-ugly",
    "gstreamer1.0-libav",
];

/// Debian packages that only tests need: players that are not ours, an MQTT broker and its reader, a browser and what drives it, a client
/// of HTTP, what makes certificates, and a GPU in software.
const TEST: &[&str] = &[
    "ffmpeg",
    "mosquitto",
    "mosquitto-clients",
    "chromium",
    "chromium-driver",
    "fonts-dejavu-core",
    "curl",
    "openssl",
    "mesa-vulkan-drivers",
];

/// Makes sure that maskd can be built and run here.
pub fn require_for_use() -> anyhow::Result<()> {
    require(&[BUILD, RUN].concat())
}

/// Makes sure that the tests can be built and run here.
pub fn require_for_tests() -> anyhow::Result<()> {
    require(&[BUILD, RUN, TEST].concat())
}

fn require(packages: &[&str]) -> anyhow::Result<()> {
    if !succeeds("dpkg-query", &["--version"]) {
        return require_by_pkg_config();
    }
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let install = format!("apt-get install -y --no-install-recommends {}", missing.join(" "));
    ensure!(is_root(), "Debian packages are missing; install them, then try again:\n\n    sudo {install}\n");
    println!("Installing {}", missing.join(", "));
    let apt =
        |arguments: &[&str]| run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    apt(&["update", "-qq"])?;
    apt(&[&["install", "-y", "-qq", "--no-install-recommends"], missing.as_slice()].concat())
}

/// Other distributions name their packages differently; what counts is what the build looks for.
fn require_by_pkg_config() -> anyhow::Result<()> {
    if !succeeds(
        "pkg-config",
        &["--exists", "gstreamer-1.0 >= 1.22", "gstreamer-app-1.0", "gstreamer-rtsp-server-1.0", "gstreamer-video-1.0"],
    ) {
        bail!(
            "GStreamer 1.22 or later was looked for with pkg-config and not found; install its development files \
             and the plugin sets base, good, bad, ugly and libav"
        );
    }
    Ok(())
}

fn is_installed(package: &str) -> bool {
    let query = Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status}", package]).output();
    query.is_ok_and(|output| output.status.success() && output.stdout == b"installed")
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
