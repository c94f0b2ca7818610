//! Rows of a recording by entity.

use std::io::BufReader;
use std::path::Path;

use re_chunk::Chunk;
use re_log_encoding::DecoderApp;
use re_log_types::LogMsg;
use re_sdk_types::{Component, ComponentDescriptor};

/// Everything there is to see in a recording.
pub struct Seen {
    chunks: Vec<Chunk>,
    /// Which recordings it consists of, in the order in which they begin.
    pub recordings: Vec<String>,
}

impl Seen {
    pub fn of(messages: impl IntoIterator<Item = LogMsg>) -> Self {
        let mut seen = Self { chunks: Vec::new(), recordings: Vec::new() };
        for message in messages {
            match message {
                LogMsg::SetStoreInfo(info) => seen.recordings.push(info.info.recording_id().to_string()),
                LogMsg::ArrowMsg(_, message) => seen.chunks.push(Chunk::from_arrow_msg(&message).unwrap()),
                LogMsg::BlueprintActivationCommand(_) => panic!("nobody wrote a blueprint"),
            }
        }
        seen
    }

    pub fn read(path: &Path) -> Self {
        let file = BufReader::new(std::fs::File::open(path).unwrap());
        Self::of(DecoderApp::decode_lazy(file).map(|message| message.unwrap()))
    }

    /// Names of all entities, sorted.
    pub fn entities(&self) -> Vec<String> {
        let mut names: Vec<_> = self.chunks.iter().map(|chunk| chunk.entity_path().to_string()).collect();
        names.sort();
        names.dedup();
        names
    }

    fn chunks(&self, entity: &str) -> impl Iterator<Item = &Chunk> {
        self.chunks.iter().filter(move |chunk| chunk.entity_path().to_string() == entity)
    }

    /// Times of an entity's rows.
    pub fn times(&self, entity: &str, timeline: &str) -> Vec<i64> {
        let of_chunk = |chunk: &Chunk| {
            let column = chunk.timelines().iter().find(|(name, _)| name.as_str() == timeline);
            column.map(|(_, column)| column.times_raw().to_vec()).unwrap_or_default()
        };
        self.chunks(entity).flat_map(of_chunk).collect()
    }

    /// Names of the timelines of all rows of an entity, sorted.
    pub fn timelines(&self, entity: &str) -> Vec<Vec<String>> {
        let of_chunk = |chunk: &Chunk| {
            let mut names: Vec<_> = chunk.timelines().keys().map(|name| name.to_string()).collect();
            names.sort();
            names
        };
        let mut all: Vec<_> = self.chunks(entity).map(of_chunk).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The values of a component, a list for each row.
    pub fn values<C: Component + Clone>(&self, entity: &str, descriptor: ComponentDescriptor) -> Vec<Vec<C>> {
        let mut rows = Vec::new();
        for chunk in self.chunks(entity) {
            rows.extend(chunk.iter_component::<C>(descriptor.component).map(|row| row.as_slice().to_vec()));
        }
        rows
    }
}
