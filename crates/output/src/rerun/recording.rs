use re_chunk::{Chunk, RowId};
use re_log_types::{LogMsg, SetStoreInfo, StoreId, StoreInfo, StoreKind, StoreSource};

use crate::OutputError;

/// What a viewer calls the program.
const APPLICATION: &str = "maskd";

/// The recording that everything belongs to, over all files and connections of a sink.
#[derive(Clone)]
pub(super) struct Recording(StoreId);

impl Recording {
    pub(super) fn new() -> Self {
        Self(StoreId::random(StoreKind::Recording, APPLICATION))
    }

    /// Comes first.
    pub(super) fn introduction(&self) -> LogMsg {
        let info = StoreInfo::new(self.0.clone(), StoreSource::Other(APPLICATION.to_owned()));
        LogMsg::SetStoreInfo(SetStoreInfo { row_id: *RowId::new(), info })
    }

    pub(super) fn message(&self, chunk: &Chunk) -> Result<LogMsg, OutputError> {
        let message = chunk.to_arrow_msg().map_err(|error| OutputError::Rerun(Box::new(error)))?;
        Ok(LogMsg::ArrowMsg(self.0.clone(), message))
    }
}
