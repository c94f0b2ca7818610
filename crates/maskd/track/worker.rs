//! A thread behind a bounded queue. Whoever gives waits while the queue is full: nothing is dropped.

use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::exit::{Code, Failure};
use crate::panics;

/// A running thread that is given items.
pub struct Worker<T> {
    name: String,
    queue: Sender<T>,
    thread: JoinHandle<Result<(), Failure>>,
}

impl<T: Send + 'static> Worker<T> {
    /// Starts a thread whose queue takes `capacity` items; `job` ends when the queue does.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(
        name: &str,
        capacity: usize,
        job: impl FnOnce(Receiver<T>) -> Result<(), Failure> + Send + 'static,
    ) -> Result<Self, Failure> {
        let (queue, items) = bounded(capacity);
        let thread = spawn(name, move || job(items))?;
        Ok(Self { name: name.into(), queue, thread })
    }

    /// Waits for room in the queue; `false` where the thread has ended and will take no more.
    pub fn give(&self, item: T) -> bool {
        self.queue.send(item).is_ok()
    }

    /// Ends the queue and waits until all that is in it has been dealt with.
    ///
    /// # Errors
    /// The thread's own, or the panic that ended it.
    pub fn join(self) -> Result<(), Failure> {
        drop(self.queue);
        join(&self.name, self.thread)?
    }
}

/// Starts a thread that errors can call by its name.
///
/// # Errors
/// Where the system gives no thread.
pub fn spawn<R: Send + 'static>(
    name: &str,
    job: impl FnOnce() -> R + Send + 'static,
) -> Result<JoinHandle<R>, Failure> {
    thread::Builder::new().name(name.into()).spawn(job).map_err(|error| {
        let error = anyhow::Error::new(error).context(format!("the thread for {name} cannot be started"));
        Failure::new(Code::RunTime, error, "raise the limit of threads or end other programs")
    })
}

/// Waits for a thread.
///
/// # Errors
/// The panic that ended it.
pub fn join<R>(name: &str, thread: JoinHandle<R>) -> Result<R, Failure> {
    thread.join().map_err(|payload| panics::error(name, payload.as_ref()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(failure: Failure) -> String {
        let mut text = Vec::new();
        let _ = failure.report(&mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn all_items_arrive_in_order_before_join_returns() {
        let (to, seen) = bounded(100);
        let worker = Worker::start("test", 2, move |items| {
            items.iter().for_each(|item: u32| to.send(item).unwrap());
            Ok(())
        });
        let worker = worker.unwrap();
        assert!((0..50).all(|item| worker.give(item)));
        worker.join().unwrap();
        assert_eq!(seen.try_iter().collect::<Vec<_>>(), (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn a_failed_thread_takes_no_more_and_tells_why() {
        let worker = Worker::<u32>::start("test", 1, |items| {
            let _ = items.recv();
            Err(Failure::new(Code::RunTime, anyhow::anyhow!("the disk is full"), "make room"))
        });
        let worker = worker.unwrap();
        while worker.give(0) {}
        assert_eq!(text(worker.join().unwrap_err()), "error: the disk is full\nhelp: make room\n");
    }

    #[test]
    fn a_panic_becomes_an_error_with_the_name_of_the_part() {
        let worker = Worker::<u32>::start("the test sink", 1, |_| panic!("boom"));
        let text = text(worker.unwrap().join().unwrap_err());
        assert!(text.contains("the test sink stopped because of a bug: boom"), "{text}");
    }
}
