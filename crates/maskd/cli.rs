//! The command line: what may be typed, and what `--help` says about it.

mod examples;

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};
use maskd_model::{DeviceSpec, Precision};

use crate::eval::Pointing;
use crate::prompts::Spec;

/// The version and the devices that this build can compute on.
const VERSION: &str = match (cfg!(feature = "cuda"), cfg!(feature = "vulkan")) {
    (false, false) => concat!(env!("CARGO_PKG_VERSION"), " (devices: cpu)"),
    (true, false) => concat!(env!("CARGO_PKG_VERSION"), " (devices: cpu, cuda)"),
    (false, true) => concat!(env!("CARGO_PKG_VERSION"), " (devices: cpu, vulkan)"),
    (true, true) => concat!(env!("CARGO_PKG_VERSION"), " (devices: cpu, cuda, vulkan)"),
};

/// Click an object once; every frame of the video carries its exact outline from then on.
#[derive(Debug, Parser)]
#[command(name = "maskd", version = VERSION, after_help = examples::TOP, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// What maskd can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Follow prompted objects through a video
    Track(TrackArgs),
    /// Cut prompted objects out of one image
    Segment(SegmentArgs),
    /// Judge masks by the truth: J, F and J&F on annotated video, or on rendered scenes
    #[command(after_help = examples::EVAL)]
    Eval(EvalArgs),
    /// Watch live streams, for weeks, as a configuration file says
    #[command(after_help = examples::RUN)]
    Run(RunArgs),
    /// Try a configuration: everything in it, and everything that it names
    Check(CheckArgs),
    /// Say what this machine has of what maskd needs, and what to install
    Doctor,
    /// Print the JSON Schema of configuration files
    Schema,
    /// Print a shell's completions
    Completions(CompletionsArgs),
    /// List the models that --checkpoint knows by name
    Models(ModelsArgs),
    /// Download an official checkpoint
    Fetch(FetchArgs),
    /// Say what is in a checkpoint, and whether anything is wrong with it
    Inspect(InspectArgs),
}

/// `maskd track`.
#[derive(Args, Debug)]
#[command(after_help = examples::TRACK)]
pub struct TrackArgs {
    /// Video file, folder of JPEG or PNG frames, rtsp://..., v4l2:///dev/videoN, or a rendered
    /// scene: scene://?seed=7&objects=3&frames=300&size=640x360&fps=30
    #[arg(value_hint = ValueHint::AnyPath)]
    pub input: String,
    /// Stop after this many frames
    #[arg(long, value_name = "N")]
    pub frames: Option<NonZeroU64>,
    /// Encode no frame before the one ahead of it is done: a processor then tracks fewer frames per
    /// second and holds less memory, and a frame's latency is its own
    #[arg(long)]
    pub no_prefetch: bool,
    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub prompts: PromptArgs,
    /// Write one JSON line per frame; `-` is standard output
    #[arg(long, value_name = "PATH|-", help_heading = "Output", value_hint = ValueHint::FilePath)]
    pub ndjson: Option<PathBuf>,
    /// Write 00000.png, 00001.png, ...: pixel value = object id, 0 = background
    #[arg(long, value_name = "DIR", help_heading = "Output", value_hint = ValueHint::DirPath)]
    pub masks: Option<PathBuf>,
    /// Write the video with masks, outlines, ids and scores drawn in
    #[arg(long, value_name = "OUT.mp4", help_heading = "Output", value_hint = ValueHint::FilePath)]
    pub video: Option<PathBuf>,
    /// Write one picture with up to twelve annotated frames from the whole run
    #[arg(long, value_name = "OUT.png", help_heading = "Output", value_hint = ValueHint::FilePath)]
    pub contact_sheet: Option<PathBuf>,
    /// Write the network's mask logits before upsampling: f{N}/low_res, f{N}/iou, f{N}/object_score
    #[arg(long, value_name = "OUT.safetensors", help_heading = "Output", value_hint = ValueHint::FilePath)]
    pub logits: Option<PathBuf>,
    /// Fill holes of up to this many pixels of the low-resolution mask
    #[arg(long, value_name = "AREA", default_value_t = 0, help_heading = "Output")]
    pub fill_holes: u32,
    /// Give every pixel to one object at most, in what is put out and in what is remembered
    #[arg(long, help_heading = "Output")]
    pub no_overlap: bool,
}

/// `maskd segment`.
#[derive(Args, Debug)]
#[command(after_help = examples::SEGMENT)]
pub struct SegmentArgs {
    /// JPEG or PNG image
    #[arg(value_hint = ValueHint::FilePath)]
    pub image: String,
    /// Give all of the network's candidates, not only the best one
    #[arg(long)]
    pub multimask: bool,
    /// Print nothing but errors and the JSON
    #[arg(long)]
    pub quiet: bool,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub prompts: PromptArgs,
    /// Write the JSON to a file instead of standard output (`-`)
    #[arg(long, value_name = "PATH|-", help_heading = "Output", value_hint = ValueHint::FilePath)]
    pub ndjson: Option<PathBuf>,
    /// Write every candidate as ID_CANDIDATE.png: 255 inside, 0 outside
    #[arg(long, value_name = "DIR", help_heading = "Output", value_hint = ValueHint::DirPath)]
    pub masks: Option<PathBuf>,
}

/// Which network runs, and on what.
#[derive(Args, Debug)]
#[command(next_help_heading = "Model")]
pub struct ModelArgs {
    /// Checkpoint file (.pt or .safetensors) or a name that `maskd models` lists
    /// [default: the built-in nano model]
    #[arg(long, value_name = "PATH|NAME", value_hint = ValueHint::FilePath)]
    pub checkpoint: Option<String>,
    /// Where to compute: auto, cpu, cuda[:N] or vulkan[:N]
    #[arg(long, value_name = "D", default_value = "auto")]
    pub device: DeviceSpec,
    /// With how many bits the network multiplies: auto, f32, f16 (GPUs) or bf16 (processors with
    /// AVX512-BF16); the last two are faster, and outlines move a little
    #[arg(long, value_name = "P", default_value = "auto")]
    pub precision: Precision,
    /// Side of the square that frames are scaled to, a multiple of 32 [default: the model's own]
    #[arg(long, value_name = "N", value_parser = image_size)]
    pub image_size: Option<usize>,
    /// Threads for the network on the CPU [default: all cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

/// What the user says about objects.
#[derive(Args, Debug)]
#[command(next_help_heading = "Prompts")]
pub struct PromptArgs {
    /// ID@FRAME:point=X,Y | ...:point=X,Y,- | ...:box=X0,Y0,X1,Y1 | ...:mask=FILE.png
    /// (may be repeated; @FRAME may be left out: frame 0)
    #[arg(long = "prompt", value_name = "SPEC")]
    pub specs: Vec<Spec>,
    /// JSON list of prompts: [{"frame":0,"object":1,"points":[[x,y,1]],"box":[x0,y0,x1,y1]}, ...]
    #[arg(long = "prompts", value_name = "FILE.json", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
}

/// `maskd eval`.
#[derive(Args, Debug)]
pub struct EvalArgs {
    /// Folder with JPEGImages and Annotations as DAVIS has them, or scene://?seed=1000&objects=3
    #[arg(value_hint = ValueHint::DirPath)]
    pub data: String,
    /// Only this sequence (may be repeated)
    #[arg(long = "sequence", value_name = "NAME")]
    pub sequences: Vec<String>,
    /// How objects are pointed at where they first appear
    #[arg(long, value_name = "KIND", value_enum, default_value = "mask")]
    pub prompt: Pointing,
    /// Judge these masks, DIR/SEQUENCE/00000.png and so on, instead of tracking
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub masks: Option<PathBuf>,
    /// Take all objects of a sequence for one, as DAVIS 2016 does
    #[arg(long)]
    pub merge_objects: bool,
    /// Give every pixel to one object at most, in what is put out and in what is remembered
    #[arg(long)]
    pub no_overlap: bool,
    /// How many scenes, with seeds counting up from that of scene://
    #[arg(long, value_name = "N", default_value = "1")]
    pub scenes: NonZeroU64,
    /// Print nothing but errors and figures
    #[arg(long)]
    pub quiet: bool,
    #[command(flatten)]
    pub model: ModelArgs,
    /// Write the figures as JSON; `-` is standard output, instead of the table
    #[arg(long, value_name = "PATH|-", help_heading = "Output", value_hint = ValueHint::FilePath)]
    pub json: Option<PathBuf>,
    /// Write what was tracked, DIR/SEQUENCE/00000.png and so on
    #[arg(long, value_name = "DIR", help_heading = "Output", value_hint = ValueHint::DirPath)]
    pub save_masks: Option<PathBuf>,
}

/// `maskd run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Configuration file, TOML
    #[arg(value_hint = ValueHint::FilePath)]
    pub config: PathBuf,
    /// End once every source has ended, which only files do
    #[arg(long)]
    pub until_ended: bool,
}

/// `maskd check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Configuration file, TOML
    #[arg(value_hint = ValueHint::FilePath)]
    pub config: PathBuf,
    /// Look at the file only: open no source, no sink, no device, and ask for no secret
    #[arg(long)]
    pub no_environment: bool,
}

/// `maskd completions`.
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `maskd models`.
#[derive(Args, Debug)]
pub struct ModelsArgs {
    /// Print JSON for scripts
    #[arg(long)]
    pub json: bool,
}

/// `maskd fetch`.
#[derive(Args, Debug)]
#[command(after_help = examples::FETCH)]
pub struct FetchArgs {
    /// Name of the model, see `maskd models`
    pub name: String,
    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
}

/// `maskd inspect`.
#[derive(Args, Debug)]
#[command(after_help = examples::INSPECT)]
pub struct InspectArgs {
    /// Checkpoint file, .pt or .safetensors
    #[arg(value_hint = ValueHint::FilePath)]
    pub path: PathBuf,
    /// Print JSON for scripts
    #[arg(long)]
    pub json: bool,
}

fn image_size(text: &str) -> Result<usize, String> {
    let size: usize = text.parse().map_err(|_| "give a whole number of pixels".to_owned())?;
    match size {
        0 => Err("give at least 32".into()),
        size if size % 32 == 0 => Ok(size),
        size => {
            Err(format!("not a multiple of 32; the next ones are {} and {}", size / 32 * 32, size.div_ceil(32) * 32))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn image_sizes_are_multiples_of_32() {
        assert_eq!(image_size("1024"), Ok(1024));
        assert!(image_size("1000").unwrap_err().contains("992 and 1024"));
        for bad in ["0", "-32", "a", "99999999999999999999"] {
            assert!(image_size(bad).is_err(), "{bad}");
        }
    }
}
