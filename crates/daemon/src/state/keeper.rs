use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Sender, TrySendError, bounded};

use super::{StateDirectory, StreamRecord};
use crate::DaemonError;

/// Records that may wait for the disk.
const WAITING: usize = 64;

/// Writes records on a thread of its own, so that a slow disk delays nobody.
pub(crate) struct Keeper {
    records: Option<Sender<StreamRecord>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(crate) fn start(directory: StateDirectory) -> Result<Self, DaemonError> {
        let (records, waiting) = bounded::<StreamRecord>(WAITING);
        let write = move || {
            for record in waiting {
                let stream: Arc<str> = Arc::clone(&record.stream);
                if let Err(error) = directory.store(&record) {
                    tracing::error!(stream = &*stream, %error, "tracks cannot be saved; they are lost with a restart");
                }
            }
        };
        let thread = thread::Builder::new().name("state".into()).spawn(write);
        let thread = thread.map_err(|source| DaemonError::Thread { part: "the state directory".into(), source })?;
        Ok(Self { records: Some(records), thread: Some(thread) })
    }

    /// Hands a record over. Where the disk is too slow for it, it is lost: the next one of the stream holds all that it held.
    pub(crate) fn keep(&self, record: StreamRecord) {
        let sent = self.records.as_ref().map(|records| records.try_send(record));
        if let Some(Err(TrySendError::Full(record))) = sent {
            tracing::warn!(stream = &*record.stream, "the state directory is too slow: tracks are not saved");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // The thread ends when it has written what waits.
        drop(self.records.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
