//! `cargo xtask soak`: four streams through one daemon while things go wrong, for as long as wanted.

mod camera;
mod chaos;
mod daemon;
pub mod machine;
mod metrics;
mod minute;
mod plan;
mod process;
mod readers;
mod settings;
mod starvation;
mod trend;
mod watch;

use std::fs::{self, File};
use std::num::NonZeroU32;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::{binary, system, workspace};
use camera::Camera;
use chaos::Chaos;
use daemon::Daemon;
use plan::{CAMERAS, STREAMS};
pub use process::{Holdings, signal};
use readers::Player;
use settings::{NAMES, Ports, SIZE, Settings};
use watch::Watch;

/// Between two looks.
const SECOND: Duration = Duration::from_secs(1);

/// For how long, and what goes wrong
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How long; a trend needs ten
    #[arg(long, value_name = "N", default_value = "10")]
    minutes: NonZeroU32,
    /// Decides what goes wrong and when
    #[arg(long, value_name = "S", default_value = "1")]
    seed: u64,
}

/// Runs the daemon through the chaos and prints a line per minute.
///
/// # Errors
/// Where the daemon ends, hangs, or lets a stream or a reader starve.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    system::require_for_tests()?;
    let folder = workspace::scratch("soak")?;
    fs::remove_dir_all(&folder)?;
    fs::create_dir_all(&folder)?;
    let programs = (binary::build()?, binary::build_camera()?);
    let soaked = Soak::start(&programs.0, &programs.1, args.seed, &folder).and_then(|soak| soak.run(args));
    soaked.with_context(|| format!("seed {}; chaos.log and daemon.log are in {}", args.seed, folder.display()))
}

struct Soak {
    daemon: Daemon,
    chaos: Chaos,
    watch: Watch,
    cuts: Arc<AtomicU64>,
    started: Instant,
}

impl Soak {
    fn start(maskd: &Path, camsim: &Path, seed: u64, folder: &Path) -> anyhow::Result<Self> {
        let cameras = [Camera::start(camsim, 1)?, Camera::start(camsim, 2)?, Camera::start(camsim, 3)?];
        let ports = Ports::free()?;
        let settings = settings(folder, ports, &cameras);
        let daemon = Daemon::start(maskd, &settings, &folder.join("daemon.log"))?;
        let player = Player::new(format!("rtsp://127.0.0.1:{}/{}", ports.rtsp, NAMES[0]));
        let (log, started) = (File::create(folder.join("chaos.log"))?, Instant::now());
        let watch = Watch::new(ports.http, readers::good(ports.lines), started);
        let chaos = Chaos::new(settings, player, seed, cameras, log, started);
        Ok(Self { daemon, chaos, watch, cuts: readers::idle(ports.lines), started })
    }

    fn run(mut self, args: &Args) -> anyhow::Result<ExitCode> {
        println!("{}, `cargo xtask soak --minutes {} --seed {}`:\n", machine::description(), args.minutes, args.seed);
        println!("{}", minute::head());
        let minutes = args.minutes.get();
        for minute in 1..=minutes {
            while self.started.elapsed() < 60 * SECOND * minute {
                self.chaos.tick(&self.daemon, &mut self.watch.streams)?;
                self.watch.look(&mut self.daemon, self.chaos.settings.guest, self.chaos.is_calm())?;
                sleep(SECOND);
            }
            println!("{}", self.watch.end_minute(minute));
        }
        self.conclude(minutes)
    }

    fn conclude(self, minutes: u32) -> anyhow::Result<ExitCode> {
        let recorded = size_of(&self.chaos.settings.recordings())?;
        let ended = self.daemon.stop()?;
        let (done, joined) = (self.chaos.done(), self.chaos.player.joined);
        let cuts = self.cuts.load(Ordering::Relaxed);
        println!("\n{done} actions, {joined} players, {cuts} times the reader that never reads was cut off");
        println!("recordings: {:.1} of {:.1} MB", recorded as f64 / 1e6, settings::QUOTA as f64 / 1e6);
        ensure!(recorded <= settings::QUOTA + settings::QUOTA / 4, "recordings outgrew their quota");
        println!("SIGTERM to exit: {:.1} s", ended.as_secs_f64());
        let flat = self.watch.conclude(minutes)?;
        Ok(if flat { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn settings(folder: &Path, ports: Ports, cameras: &[Camera; CAMERAS]) -> Settings {
    let [first, second, third] = cameras.each_ref().map(Camera::url);
    let scene = format!("scene://?seed=4&objects=3&frames=1000000000&size={SIZE}");
    let sources = [first, second, third, scene];
    Settings { folder: folder.to_owned(), ports, sources, guest: false, second: [false; STREAMS] }
}

/// Bytes of all files in a folder and its folders.
fn size_of(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        // A segment may go while it is looked at.
        let Ok(data) = entry.metadata() else { continue };
        bytes += if data.is_dir() { size_of(&entry.path())? } else { data.len() };
    }
    Ok(bytes)
}
