use tokio::sync::Semaphore;
use tokio::task;

/// Pictures that are made at the same time: each takes a core, and the tracker needs them too.
const AT_ONCE: usize = 2;

/// Makes pictures beside the server's own thread. What else is done there, such as looking up names, takes no place of theirs.
pub(crate) struct Painters(Semaphore);

impl Painters {
    pub(crate) fn new() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }

    /// `None` where the server ends before it is made.
    pub(crate) async fn paint<T: Send + 'static>(&self, make: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _place = self.0.acquire().await.ok()?;
        task::spawn_blocking(make).await.ok()
    }
}
