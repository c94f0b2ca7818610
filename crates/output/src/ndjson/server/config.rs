use std::time::Duration;

use crate::message::MessageForm;

/// Limits of a socket's readers, and what they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerConfig {
    /// What lines of frames hold.
    pub form: MessageForm,
    /// Lines that may wait for one reader; of more, the oldest is dropped.
    pub queue: usize,
    /// How long a reader may take for one line before it is disconnected.
    pub write_deadline: Duration,
    /// Readers at once; more are turned away.
    pub max_readers: usize,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self { form: MessageForm::default(), queue: 64, write_deadline: Duration::from_secs(5), max_readers: 32 }
    }
}
