#[cfg(any(feature = "cuda", feature = "vulkan"))]
use std::sync::OnceLock;
use std::sync::{Mutex, PoisonError};

use crate::ModelError;

/// First panic of a device thread of this process.
static FAILURE: Mutex<Option<String>> = Mutex::new(None);

/// Begins to listen for panics of device threads.
///
/// CubeCL 0.10 runs device work on threads of its own, catches their panics and only logs them; a later read of a buffer that
/// was never written then succeeds with whatever the buffer held. A hook is the only way to learn of it.
#[cfg(any(feature = "cuda", feature = "vulkan"))]
pub(super) fn watch() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let thread = std::thread::current();
            if thread.name().is_some_and(|name| name.starts_with("DS")) {
                let message = info.payload_as_str().unwrap_or("a panic without a message").to_owned();
                FAILURE.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(message);
            } else {
                previous(info);
            }
        }));
    });
}

/// Fails for good once a device thread has panicked.
pub(crate) fn check_health() -> Result<(), ModelError> {
    match FAILURE.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
        Some(message) => Err(ModelError::Device { message: message.clone() }),
        None => Ok(()),
    }
}
