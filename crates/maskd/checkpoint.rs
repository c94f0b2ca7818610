//! From what was typed as `--checkpoint` to weights.

use std::path::{Path, PathBuf};

use maskd_model::{ModelError, checkpoint::Checkpoint};
use maskd_tracker::TrackerError;

use crate::console::Console;
use crate::exit::{Advice, Code, Failure};

/// The name of the model that is part of the program.
pub const BUILT_IN: &str = "nano";

/// Why a text names no checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Neither a file nor a known name.
    #[error("`{0}` is neither a file nor the name of a model")]
    Unknown(String),
    /// No name that could be downloaded.
    #[error("there is no model `{0}`")]
    NoSuchModel(String),
    /// A known name whose file has not been downloaded.
    #[error("the checkpoint {name} has not been downloaded (looked for {})", path.display())]
    NotFetched {
        /// Name of the model.
        name: String,
        /// Where it would be.
        path: PathBuf,
    },
}

impl Advice for CheckpointError {
    fn code(&self) -> Code {
        match self {
            Self::NoSuchModel(_) => Code::Usage,
            Self::Unknown(_) | Self::NotFetched { .. } => Code::RunTime,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::NoSuchModel(_) => format!("the models are {}", names()),
            Self::Unknown(_) => {
                format!("give the path of a .pt or .safetensors file, or one of {BUILT_IN}, {}", names())
            }
            Self::NotFetched { name, .. } => format!("run `maskd fetch {name}`"),
        }
    }
}

fn names() -> String {
    let names: Vec<&str> = maskd_hub::MODELS.iter().map(|model| model.name).collect();
    names.join(", ")
}

/// Opens the checkpoint that was asked for, or the built-in one, and says so.
///
/// # Errors
/// Where there is none of that name, or it cannot be used.
pub fn open(asked: Option<&str>, console: Console) -> Result<Checkpoint, Failure> {
    match asked {
        None => {
            console.note(
                "no --checkpoint: using the built-in nano model, which is small and trained on rendered scenes, for \
                 trying things out; `maskd models` lists the official ones",
            );
            Ok(Checkpoint::builtin()?)
        }
        Some(text) if Path::new(text).exists() => Ok(Checkpoint::open(Path::new(text))?),
        Some(BUILT_IN) => Ok(Checkpoint::builtin()?),
        Some(name) => Ok(Checkpoint::open(&fetched(name)?)?),
    }
}

fn fetched(name: &str) -> Result<PathBuf, Failure> {
    let model = maskd_hub::find(name).ok_or_else(|| CheckpointError::Unknown(name.into()))?;
    if let Some(path) = maskd_hub::on_disk(model) {
        return Ok(path);
    }
    let path = maskd_hub::path_of(model)?;
    Err(CheckpointError::NotFetched { name: name.into(), path }.into())
}

impl Advice for ModelError {
    fn code(&self) -> Code {
        Code::RunTime
    }

    fn help(&self) -> String {
        match self {
            Self::Checkpoint { file, .. } => {
                format!("`maskd inspect {file}` lists everything that is wrong; `maskd models` lists what works")
            }
            Self::NoDevice { .. } => "--device cpu works everywhere, --device auto takes the best there is".into(),
            Self::Precision { .. } => "f16 needs a GPU, bf16 a processor with AVX512-BF16".into(),
            Self::Device { .. } => "run it again; if it stays so, try --device cpu".into(),
            Self::Config(_) => "--image-size takes multiples of 32; leave it out for the model's own".into(),
            _ => "`maskd inspect PATH` says what a checkpoint holds".into(),
        }
    }
}

impl Advice for TrackerError {
    fn code(&self) -> Code {
        Code::RunTime
    }

    fn help(&self) -> String {
        match self {
            Self::Model(error) => error.help(),
            Self::Taps { .. } => "let MASKD_TAPS name a file that can be written".into(),
            _ => "correct that prompt; see `maskd track --help`".into(),
        }
    }
}
