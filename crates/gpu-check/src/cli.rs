//! The command line.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use anyhow::Context;
use maskd_model::{Checkpoint, DeviceSpec, Precision};

/// Runs the network alone on a device and says what comes out as JSON lines
#[derive(Debug, clap::Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub task: Task,
}

#[derive(Debug, clap::Subcommand)]
pub enum Task {
    /// Which devices there are
    Devices(DevicesArgs),
    /// Track prompted objects through a folder of PNG frames, as `maskd track` does
    Track(TrackArgs),
    /// Time the stages of the network one by one, with a full memory bank
    Stages(StagesArgs),
    /// Compare single operations of the network with the processor, and time them; fails where one is wrong
    Micro(MicroArgs),
}

/// What to look for.
#[derive(Debug, clap::Args)]
pub struct DevicesArgs {
    /// cpu, cuda[:N] or vulkan[:N]
    #[arg(value_name = "D", default_values_t = [DeviceSpec::Cpu, DeviceSpec::Cuda(0), DeviceSpec::Vulkan(0)])]
    pub asked: Vec<DeviceSpec>,
}

/// Where, and with which network.
#[derive(Debug, clap::Args)]
pub struct Network {
    /// A checkpoint file; the built-in model of maskd is not built into this program
    #[arg(long, value_name = "FILE")]
    pub checkpoint: PathBuf,
    /// cpu, cuda[:N] or vulkan[:N]
    #[arg(long, value_name = "D", default_value = "cuda")]
    pub device: DeviceSpec,
    /// Side of the square that frames are scaled to [default: the model's own]
    #[arg(long, value_name = "N")]
    pub image_size: Option<usize>,
    /// With how many bits the network multiplies: auto, f32 or f16
    #[arg(long, value_name = "P", default_value = "auto")]
    pub precision: Precision,
}

impl Network {
    /// Reads the weights.
    pub fn open(&self) -> anyhow::Result<Checkpoint> {
        Checkpoint::open(&self.checkpoint).context("the weights cannot be used")
    }
}

/// What to track.
#[derive(Debug, clap::Args)]
pub struct TrackArgs {
    #[command(flatten)]
    pub network: Network,
    /// Folder of PNG frames, in the order of their names
    #[arg(long, value_name = "DIR")]
    pub input: PathBuf,
    /// Boxes, points and mask pictures: a prompts file of `maskd track`
    #[arg(long, value_name = "FILE.json")]
    pub prompts: PathBuf,
    /// How many frames to track; a shorter folder is played back and forth [default: all of the folder]
    #[arg(long, value_name = "N")]
    pub frames: Option<NonZeroU64>,
    /// Leave the first N frames out of the summary of times; from the eighth on the memory bank is full, from the 17th on all pointers
    #[arg(long, value_name = "N", default_value_t = 17)]
    pub warm_up: usize,
    /// Write `f{N}/low_res`, `f{N}/iou`, `f{N}/object_score` of frames
    #[arg(long, value_name = "OUT.safetensors")]
    pub logits: Option<PathBuf>,
    /// Of how many frames: all of them are held in memory until the end, which counts as a leak in a long run [default: all]
    #[arg(long, value_name = "N", requires = "logits")]
    pub logits_frames: Option<u64>,
    /// Write frames with objects and masks as `maskd track --ndjson` does
    #[arg(long, value_name = "OUT.ndjson")]
    pub ndjson: Option<PathBuf>,
}

/// What to time.
#[derive(Debug, clap::Args)]
pub struct StagesArgs {
    #[command(flatten)]
    pub network: Network,
    /// Objects in the batch
    #[arg(long, value_name = "N", default_value = "1")]
    pub objects: NonZeroUsize,
    /// How often
    #[arg(long, value_name = "N", default_value = "10")]
    pub rounds: NonZeroUsize,
}

/// What to compare and time.
#[derive(Debug, clap::Args)]
pub struct MicroArgs {
    /// cpu, cuda[:N] or vulkan[:N]
    #[arg(long, value_name = "D", default_value = "cuda")]
    pub device: DeviceSpec,
    /// Only operations whose name contains this
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub only: String,
    /// Divide the lengths of sequences and maps by this, to try the program itself on a slow device
    #[arg(long, value_name = "N", default_value = "1")]
    pub shrink: NonZeroUsize,
    /// How many in a row, three times
    #[arg(long, value_name = "N", default_value = "10")]
    pub rounds: NonZeroUsize,
}
