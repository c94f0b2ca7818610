//! What can be wrong with a checkpoint file.

use crate::config::ConfigError;
use std::fmt::Write as _;

/// Something that keeps a file from being used as a checkpoint. Every message says what was found and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The operating system did not hand out the bytes.
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// A directory, a device or a pipe.
    #[error("is no regular file; give the path of a .pt or .safetensors file")]
    NotAFile,
    /// The size or the time of change differs from when reading began.
    #[error("changed while it was being read; wait until it is written completely and try again")]
    Changed,
    /// The first bytes are of no known checkpoint format.
    #[error("is no checkpoint: {found}; give a .pt file saved by torch.save or a .safetensors file")]
    NotACheckpoint {
        /// What the first bytes look like.
        found: String,
    },
    /// A bare pickle, as `torch.save` wrote before PyTorch 1.6.
    #[error(
        "is a bare pickle, which is not read; load it where you trust it and save it again with torch.save of PyTorch \
         1.6 or later, or as .safetensors"
    )]
    LegacyPickle,
    /// Larger than any checkpoint of this family can be.
    #[error("{what}: {found} is more than the {limit} that a checkpoint may have")]
    TooLarge {
        /// What is counted.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much there may be.
        limit: u64,
    },
    /// The zip container is cut off or contradicts itself.
    #[error("its zip container is damaged: {reason}; get the file again")]
    Zip {
        /// What does not fit.
        reason: String,
    },
    /// An entry of the zip container is compressed or encrypted, which `torch.save` never does.
    #[error(
        "entry {entry:?} is stored by {how}; torch.save stores entries as they are, so save the file again with it"
    )]
    Packed {
        /// Name in the container.
        entry: String,
        /// How it is stored.
        how: String,
    },
    /// The bytes of an entry are not those that were written.
    #[error(
        "the checksum of entry {entry:?} is wrong: the file is damaged (or was saved with checksums off); get it again"
    )]
    Checksum {
        /// Name in the container.
        entry: String,
    },
    /// Saved on a machine of the other byte order.
    #[error("was saved with byte order {found:?}; only little-endian files are read: save it again on such a machine")]
    ByteOrder {
        /// What the file says.
        found: String,
    },
    /// The pickle is cut off or breaks its own rules.
    #[error("its pickle is damaged at byte {at}: {reason}")]
    Pickle {
        /// Offset in the pickle.
        at: usize,
        /// What does not fit.
        reason: String,
    },
    /// The pickle names something that is not needed to hold tensors. It was not run.
    #[error(
        "its pickle refers to `{name}`, which no weights need, so it was refused and not run; if you trust the file, \
         save only {{'model': model.state_dict()}} from it"
    )]
    RefusedGlobal {
        /// Module and name, as `posix.system`.
        name: String,
    },
    /// The pickle uses an instruction that `torch.save` does not need for weights.
    #[error("its pickle uses instruction 0x{opcode:02x} at byte {at}, which no weights need; it was refused")]
    RefusedOpcode {
        /// The instruction.
        opcode: u8,
        /// Offset in the pickle.
        at: usize,
    },
    /// The pickle holds no dictionary of tensors.
    #[error("holds no state dict: {found}; save {{'model': model.state_dict()}}")]
    NoStateDict {
        /// What it holds.
        found: String,
    },
    /// The header of a `.safetensors` file is cut off or breaks the format's rules.
    #[error("its safetensors header is damaged: {reason}; get the file again")]
    Header {
        /// What does not fit.
        reason: String,
    },
    /// A name that no tensor of any model has.
    #[error("a tensor is called {name:?}; names are up to 256 printable ASCII characters")]
    Name {
        /// Its beginning.
        name: String,
    },
    /// The same name twice.
    #[error("tensor `{tensor}` is there twice")]
    Duplicate {
        /// Its name.
        tensor: String,
    },
    /// A value under a tensor's name that is no tensor.
    #[error("`{tensor}` is {found}, not a tensor; save only model.state_dict()")]
    NotATensor {
        /// Its name.
        tensor: String,
        /// What it is.
        found: &'static str,
    },
    /// A number format that weights are not kept in.
    #[error("tensor `{tensor}` is kept as {found}; save it as float32, float16 or bfloat16")]
    Dtype {
        /// Its name.
        tensor: String,
        /// The number format.
        found: &'static str,
    },
    /// Impossible sizes.
    #[error("tensor `{tensor}` has the impossible shape {found}")]
    BadShape {
        /// Its name.
        tensor: String,
        /// The sizes.
        found: String,
    },
    /// The numbers are not one row-major run.
    #[error("tensor `{tensor}` of shape {shape:?} has strides {strides:?}; save tensor.contiguous()")]
    Strided {
        /// Its name.
        tensor: String,
        /// Its sizes.
        shape: Vec<usize>,
        /// Distance in numbers from one index to the next.
        strides: Vec<i64>,
    },
    /// Bytes that the file does not have, or not as many as the shape needs.
    #[error("tensor `{tensor}`: {reason}; the file is damaged or was cut off, get it again")]
    Extent {
        /// Its name.
        tensor: String,
        /// What does not fit.
        reason: String,
    },
    /// Two tensors that claim the same bytes.
    #[error("tensors `{first}` and `{second}` share bytes of the file; save each from its own copy (tensor.clone())")]
    Overlap {
        /// A name.
        first: String,
        /// Another.
        second: String,
    },
    /// An infinity or no number at all.
    #[error("tensor `{tensor}` holds {value} at index {index}; the training diverged or the file is damaged")]
    NotFinite {
        /// Its name.
        tensor: String,
        /// Position in row-major order.
        index: usize,
        /// The value.
        value: f32,
    },
    /// No memory for a tensor.
    #[error("tensor `{tensor}` needs {bytes} bytes of memory, which the system does not give")]
    OutOfMemory {
        /// Its name.
        tensor: String,
        /// Its size in memory.
        bytes: u64,
    },
    /// The metadata describe no model that can be built.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The metadata cannot be understood.
    #[error("its `config` metadata is not understood: {reason}; write it like crates/model/assets/nano.json")]
    ConfigJson {
        /// What the parser says.
        reason: String,
    },
    /// Neither metadata nor tensors tell which model this is.
    #[error(
        "which model this is cannot be told: {reason}; a model that is not one of the eight official ones needs its \
         configuration as JSON in the `config` metadata"
    )]
    UnknownVariant {
        /// What was looked at.
        reason: String,
    },
    /// Tensors that the model has and the file has not.
    #[error("{} of {variant} missing: {}", tensors(missing.len()), list_missing(missing))]
    Missing {
        /// The model.
        variant: String,
        /// All of them.
        missing: Vec<MissingTensor>,
    },
    /// A tensor of another size than the model's.
    #[error("tensor `{tensor}` has shape {found:?}; {variant} needs {expected:?}")]
    Shape {
        /// The model.
        variant: String,
        /// Its name.
        tensor: String,
        /// Shape in the file.
        found: Vec<usize>,
        /// Shape in the model.
        expected: Vec<usize>,
    },
    /// Tensors that the model has no place for.
    #[error("{} that {variant} does not have: {}; remove them or name the right model", tensors(names.len()), names.join(", "))]
    Unused {
        /// The model.
        variant: String,
        /// All of them.
        names: Vec<String>,
    },
}

/// A tensor that a file lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingTensor {
    /// Its name.
    pub name: String,
    /// A name in the file that has no other use and looks alike. Only the first few are searched for.
    pub did_you_mean: Option<String>,
}

fn tensors(count: usize) -> String {
    if count == 1 { "1 tensor".to_owned() } else { format!("{count} tensors") }
}

fn list_missing(missing: &[MissingTensor]) -> String {
    let mut text = String::new();
    for (index, tensor) in missing.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(&tensor.name);
        if let Some(name) = &tensor.did_you_mean {
            // Writing to a string cannot fail.
            let _ = write!(text, " (did you mean `{name}`, which is there?)");
        }
    }
    text
}
