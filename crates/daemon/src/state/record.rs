//! The form of a stream's file: safetensors, with what was said about each object in its metadata.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::control::NamedTrack;
use maskd_config::PromptConfig;
use maskd_tracker::SavedTrack;
use maskd_types::ObjectId;
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensorError, SafeTensors};

/// All that is kept of a stream.
#[derive(Clone, Debug)]
pub(crate) struct StreamRecord {
    pub(crate) stream: Arc<str>,
    /// What the configuration said about its objects.
    pub(crate) prompts: Vec<PromptConfig>,
    pub(crate) tracks: Vec<NamedTrack>,
}

/// Why a file brings nothing back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("the file is damaged: {0}")]
    File(#[from] SafeTensorError),
    #[error("the file is damaged: {0}")]
    Json(#[from] serde_json::Error),
    #[error("another model made them")]
    Model,
    #[error("the file is damaged: {0} is missing")]
    Missing(String),
}

const MODEL: &str = "model";
const PROMPTS: &str = "prompts";
const NAMES: &str = "names";

pub(crate) fn encode(record: &StreamRecord, model: &str) -> Result<Vec<u8>, RecordError> {
    let metadata = HashMap::from([
        (MODEL.to_owned(), model.to_owned()),
        (PROMPTS.to_owned(), serde_json::to_string(&record.prompts)?),
        (NAMES.to_owned(), serde_json::to_string(&names(&record.tracks))?),
    ]);
    let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let parts = record.tracks.iter().flat_map(|NamedTrack { track, .. }| {
        let part = |part, values: &[f32]| (format!("{}/{part}", track.object), values.len(), bytes(values));
        [part("map", &track.map), part("pointer", &track.pointer)]
    });
    let parts: Vec<_> = parts.collect();
    let views =
        parts.iter().map(|(name, length, bytes)| Ok((name, TensorView::new(Dtype::F32, vec![*length], bytes)?)));
    let views: Vec<_> = views.collect::<Result<_, SafeTensorError>>()?;
    Ok(safetensors::serialize(views, Some(metadata))?)
}

fn names(tracks: &[NamedTrack]) -> BTreeMap<u32, &str> {
    tracks.iter().filter_map(|track| Some((track.track.object.get(), track.name.as_deref()?))).collect()
}

/// The tracks of a file, and what the configuration said about objects when it was written.
pub(crate) fn decode(bytes: &[u8], model: &str) -> Result<(Vec<NamedTrack>, Vec<PromptConfig>), RecordError> {
    let (_, header) = SafeTensors::read_metadata(bytes)?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let entry = |name: &str| metadata.get(name).ok_or_else(|| RecordError::Missing(name.to_owned()));
    if entry(MODEL)? != model {
        return Err(RecordError::Model);
    }
    let prompts: Vec<PromptConfig> = serde_json::from_str(entry(PROMPTS)?)?;
    let mut names: BTreeMap<u32, String> = serde_json::from_str(entry(NAMES)?)?;
    let tensors = SafeTensors::deserialize(bytes)?;
    let mut tracks = Vec::new();
    for name in tensors.names() {
        let object = name.strip_suffix("/map").and_then(|id| ObjectId::new(id.parse().ok()?));
        let Some(object) = object else { continue };
        let values = |part: &str| Ok::<_, SafeTensorError>(floats(tensors.tensor(&format!("{object}/{part}"))?.data()));
        let track = SavedTrack { object, map: values("map")?, pointer: values("pointer")? };
        tracks.push(NamedTrack { track, name: names.remove(&object.get()) });
    }
    tracks.sort_by_key(|track| track.track.object);
    Ok((tracks, prompts))
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let (words, _) = bytes.as_chunks();
    words.iter().map(|word| f32::from_le_bytes(*word)).collect()
}
