use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::mount::Mount;

/// Every mount there is; clones share the list.
#[derive(Clone, Default)]
pub(super) struct Mounts(Arc<Mutex<Vec<Arc<Mount>>>>);

impl Mounts {
    pub(super) fn add(&self, mount: Arc<Mount>) {
        self.lock().push(mount);
    }

    pub(super) fn remove(&self, mount: &Arc<Mount>) {
        self.lock().retain(|other| !Arc::ptr_eq(other, mount));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Mount>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn all(&self) -> Vec<Arc<Mount>> {
        self.lock().clone()
    }

    /// A player begins to watch what lies at a path.
    pub(super) fn welcome(&self, path: &str) {
        // A player may ask for the whole mount or for its only stream.
        let asked = |mount: &&Arc<Mount>| {
            let rest = path.strip_prefix(mount.path());
            rest.is_some_and(|rest| rest.is_empty() || rest == "/" || rest.starts_with("/stream="))
        };
        self.all().iter().filter(asked).for_each(|mount| mount.welcome());
    }
}
