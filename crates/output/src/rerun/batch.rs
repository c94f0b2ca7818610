use std::collections::HashMap;
use std::time::{Duration, Instant};

use re_chunk::{Chunk, ChunkBuilder, ChunkResult, RowId};
use re_log_types::{EntityPath, TimePoint};
use re_sdk_types::AsComponents;
use re_sdk_types::external::arrow::array::Array;

/// Rows wait until there are so many bytes of them, so that memory stays small whatever the frames.
pub(super) const FULL: usize = 4 << 20;

/// Rows that wait to be written together: a row by itself takes a kilobyte more than what it says.
#[derive(Default)]
pub(super) struct Batch {
    /// By entity and number of timelines: rows of a chunk have the same times and columns.
    waiting: HashMap<(EntityPath, usize), ChunkBuilder>,
    bytes: usize,
    since: Option<Instant>,
}

impl Batch {
    pub(super) fn add(&mut self, path: &EntityPath, times: &TimePoint, row: &dyn AsComponents) {
        let batches = row.as_serialized_batches();
        self.bytes += batches.iter().map(|batch| batch.array.get_array_memory_size()).sum::<usize>();
        self.since.get_or_insert_with(Instant::now);
        let key = (path.clone(), times.timeline_names().len());
        let builder = self.waiting.remove(&key).unwrap_or_else(|| Chunk::builder(path.clone()));
        self.waiting.insert(key, builder.with_serialized_batches(RowId::new(), times.clone(), batches));
    }

    /// Whether a row has waited that long, or there are many bytes.
    pub(super) fn is_due(&self, wait: Duration) -> bool {
        self.bytes >= FULL || self.since.is_some_and(|since| since.elapsed() >= wait)
    }

    /// Takes all rows out.
    pub(super) fn take(&mut self) -> impl Iterator<Item = ChunkResult<Chunk>> + use<> {
        std::mem::take(self).waiting.into_values().map(ChunkBuilder::build)
    }
}
