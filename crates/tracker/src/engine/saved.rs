//! Tracks that outlive the process.

use burn_tensor::{Tensor, TensorData};
use maskd_model::{Kernels, Sam2, read};

use super::stream::Stream;
use crate::{SavedTrack, TrackerError};

pub(super) fn save<B: Kernels>(stream: &Stream<B>) -> Result<Vec<SavedTrack>, TrackerError> {
    let save = |(object, bank): (_, &crate::memories::TensorBank<B>)| {
        let (map, pointer) = bank.prompted()?;
        Some((object, map.clone(), pointer.clone()))
    };
    let tracks = stream.latest_banks().into_iter().filter_map(save);
    tracks.map(|(object, map, pointer)| Ok(SavedTrack { object, map: read(map)?, pointer: read(pointer)? })).collect()
}

/// The memory map `[1, cells, mem_dim]` and the pointer `[1, d_model]` of a saved track.
pub(super) fn upload<B: Kernels>(
    model: &Sam2<B>,
    track: &SavedTrack,
) -> Result<(Tensor<B, 3>, Tensor<B, 2>), TrackerError> {
    let config = model.config();
    let grid = config.feature_grid();
    let (map, pointer) = ([1, grid * grid, config.mem_dim], [1, config.d_model]);
    let fits = track.map.len() == map.iter().product::<usize>() && track.pointer.len() == config.d_model;
    let finite = track.map.iter().chain(&track.pointer).all(|value| value.is_finite());
    if !fits || !finite {
        return Err(TrackerError::ForeignTrack { object: track.object });
    }
    let device = model.device();
    Ok((
        Tensor::from_data(TensorData::new(track.map.clone(), map), device),
        Tensor::from_data(TensorData::new(track.pointer.clone(), pointer), device),
    ))
}
