//! A panic is a bug, and is told like any other error: once, without a backtrace, whichever thread it was in.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use crate::exit::{Advice, Code, Failure};

/// What panics said that nobody has reported yet, with the places they were in.
static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A bug that stopped the program or one of its threads.
#[derive(Debug, thiserror::Error)]
#[error("{part} stopped because of a bug: {said}")]
pub struct Panic {
    /// The part of the program, as in "the tracker".
    part: String,
    /// The panic's message and place.
    said: String,
}

impl Advice for Panic {
    fn code(&self) -> Code {
        Code::RunTime
    }

    fn help(&self) -> String {
        format!(
            "this is a mistake in maskd {}; please report it with the command line that led to it",
            env!("CARGO_PKG_VERSION")
        )
    }
}

/// Makes panics keep their message for [`guard`] and [`error`] instead of printing it.
pub fn keep_quiet() {
    std::panic::set_hook(Box::new(|info| {
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        let words = info.payload_as_str().unwrap_or("no message");
        said.push(match info.location() {
            Some(place) => format!("{words} ({}:{})", place.file(), place.line()),
            None => words.into(),
        });
    }));
}

/// Runs a part of the program, as in "the tracker".
///
/// # Errors
/// Its own, and a failure where it panicked. Nothing that the closure was changing may be relied on then.
pub fn guard<R>(part: &str, run: impl FnOnce() -> Result<R, Failure>) -> Result<R, Failure> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| Err(error(part, payload.as_ref()).into()))
}

/// The error of a thread that was joined after a panic.
pub fn error(part: &str, payload: &(dyn Any + Send)) -> Panic {
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    let said = match std::mem::take(&mut *said) {
        none if none.is_empty() => words(payload).into(),
        said => said.join("; "),
    };
    Panic { part: part.into(), said }
}

fn words(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
