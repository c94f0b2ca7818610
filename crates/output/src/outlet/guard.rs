use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::OutputError;

/// Runs a sink's code; a panic in it is an error of the sink and ends nothing else.
pub(super) fn guarded<T>(code: impl FnOnce() -> Result<T, OutputError>) -> Result<T, OutputError> {
    // Whatever the panic left half done belongs to the sink, which is dropped after an error.
    catch_unwind(AssertUnwindSafe(code))
        .unwrap_or_else(|payload| Err(OutputError::Panicked { message: text(&*payload) }))
}

fn text(payload: &(dyn Any + Send)) -> String {
    let known =
        payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    known.unwrap_or("it does not say why").to_owned()
}
