//! Tells which model a file holds.

use super::listing::Listing;
use super::problem::Problem;
use crate::config::{Family, ModelConfig, Size};

const MAX_CONFIG: u64 = 64 << 10;
const EMBEDDING: &str = "image_encoder.trunk.pos_embed";
const BLOCKS: &str = "image_encoder.trunk.blocks.";

/// The config in the metadata, or that of the official model whose trunk has the same width and depth.
pub(super) fn recognise(listing: &Listing) -> Result<ModelConfig, Problem> {
    match &listing.config {
        Some(json) => from_json(json),
        None => from_tensors(listing),
    }
}

fn from_json(json: &str) -> Result<ModelConfig, Problem> {
    let length = json.len() as u64;
    if length > MAX_CONFIG {
        return Err(Problem::TooLarge { what: "bytes in the `config` metadata", found: length, limit: MAX_CONFIG });
    }
    let config: ModelConfig =
        serde_json::from_str(json).map_err(|error| Problem::ConfigJson { reason: error.to_string() })?;
    config.validate()?;
    Ok(config)
}

fn from_tensors(listing: &Listing) -> Result<ModelConfig, Problem> {
    let unknown = |reason: String| Problem::UnknownVariant { reason };
    let Some(embedding) = listing.entries.get(EMBEDDING) else { return Err(unknown(stranger(listing))) };
    let width = embedding.shape.get(1).copied().unwrap_or(0);
    let blocks = count_blocks(listing);
    let family = family(listing);
    let fits = |config: &ModelConfig| config.trunk.embed_dim == width && config.num_blocks() == blocks;
    Size::ALL.into_iter().map(|size| ModelConfig::official(family, size)).find(fits).ok_or_else(|| {
        unknown(format!(
            "there is no `config` metadata, and a trunk {width} wide of {blocks} blocks is none of tiny (96, 12), small \
             (96, 16), base-plus (112, 24) and large (144, 48)"
        ))
    })
}

/// Any tensor that only 2.1 has makes it 2.1, so that the lack of another is reported as such.
fn family(listing: &Listing) -> Family {
    let only_new = ["no_obj_embed_spatial", "obj_ptr_tpos_proj.weight", "obj_ptr_tpos_proj.bias"];
    if only_new.iter().any(|name| listing.entries.contains_key(*name)) { Family::Sam21 } else { Family::Sam2 }
}

fn count_blocks(listing: &Listing) -> usize {
    let index = |name: &String| name.strip_prefix(BLOCKS)?.split('.').next()?.parse::<usize>().ok();
    listing.entries.keys().filter_map(index).max().map_or(0, |last| last.saturating_add(1))
}

/// Says what files without the trunk look like.
fn stranger(listing: &Listing) -> String {
    let mut names = listing.entries.keys();
    if let Some(prefix) = names.find_map(|name| name.strip_suffix(EMBEDDING)) {
        return format!("all names begin with `{prefix}`, which has to be taken off");
    }
    if listing.entries.keys().any(|name| name.starts_with("vision_encoder.")) {
        return "its names are those of Hugging Face transformers; take the file of the original release".to_owned();
    }
    let first: Vec<_> = listing.entries.keys().take(3).map(String::as_str).collect();
    format!("there is no `{EMBEDDING}` among its {} tensors ({}, ...)", listing.entries.len(), first.join(", "))
}
