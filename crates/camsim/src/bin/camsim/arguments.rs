use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use maskd_camsim::{Authentication, CameraConfig, Codec, Credentials, Footage};
use maskd_types::FrameRate;

/// A camera that serves RTSP and misbehaves on command. Commands come on standard input, one per line: freeze, thaw, reset,
/// stop, start, size WIDTHxHEIGHT, codec NAME, password [USER PASSWORD], jump MILLISECONDS,
/// timestamps good|stuck|backwards|random, reports on|off, clients, frames, quit.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Path of the stream
    #[arg(long, default_value = "live")]
    path: String,
    /// Seed of the scene
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Objects in the scene
    #[arg(long, default_value_t = 3)]
    objects: u32,
    /// Film colour bars instead of the scene
    #[arg(long, conflicts_with = "file")]
    pattern: bool,
    /// Play a video file over and over instead of the scene
    #[arg(long)]
    file: Option<PathBuf>,
    /// Width and height of the picture
    #[arg(long, default_value = "640x360", value_parser = size)]
    size: (u32, u32),
    /// Frames per second, whole or a fraction such as 30000/1001
    #[arg(long, default_value = "25", value_parser = rate)]
    fps: FrameRate,
    /// h264, h265 or mjpeg
    #[arg(long, default_value = "h264")]
    codec: Codec,
    /// Frames from one key frame to the next
    #[arg(long, default_value_t = 25)]
    key_interval: u32,
    /// Kilobits per second, instead of a steady quality
    #[arg(long)]
    bitrate: Option<u32>,
    /// Ask for this user and password
    #[arg(long, requires = "password")]
    user: Option<String>,
    /// See --user
    #[arg(long, requires = "user")]
    password: Option<String>,
    /// Ask for the password by digest instead of in the clear
    #[arg(long)]
    digest: bool,
    /// RTP timestamp of the beginning
    #[arg(long)]
    rtp_offset: Option<u32>,
    /// Send no RTCP sender reports
    #[arg(long)]
    no_reports: bool,
    /// Do not burn the number into each frame
    #[arg(long)]
    no_barcode: bool,
    /// Let time go on in the footage while nobody watches
    #[arg(long)]
    films_unwatched: bool,
    /// Stay when standard input ends
    #[arg(long)]
    pub(crate) detached: bool,
}

impl Arguments {
    pub(crate) fn config(&self) -> anyhow::Result<CameraConfig> {
        let footage = match &self.file {
            Some(path) => Footage::File(path.clone()),
            None if self.pattern => Footage::Pattern,
            None => Footage::Scene { seed: self.seed, objects: self.objects },
        };
        let login = self.user.as_ref().zip(self.password.as_ref());
        Ok(CameraConfig {
            listen: SocketAddr::new(self.listen, self.port),
            path: self.path.clone(),
            footage,
            size: self.size,
            rate: self.fps,
            codec: self.codec,
            key_interval: self.key_interval,
            bitrate_kbit: self.bitrate,
            credentials: login.map(|(user, password)| Credentials::new(user, password)),
            authentication: if self.digest { Authentication::Digest } else { Authentication::Basic },
            rtp_offset: self.rtp_offset,
            sender_reports: !self.no_reports,
            barcode: !self.no_barcode,
            films_unwatched: self.films_unwatched,
        })
    }
}

/// Reads `640x360`.
pub(crate) fn size(text: &str) -> anyhow::Result<(u32, u32)> {
    let parts = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    parts.with_context(|| format!("`{text}` is not of the form WIDTHxHEIGHT"))
}

/// Reads `25` or `30000/1001`.
fn rate(text: &str) -> anyhow::Result<FrameRate> {
    let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
    let read = || Some(FrameRate { numerator: numerator.parse().ok()?, denominator: denominator.parse().ok()? });
    read().with_context(|| format!("`{text}` is not a number of frames per second"))
}
