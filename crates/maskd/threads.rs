//! How many threads the network may use.

use std::num::NonZeroUsize;

use crate::exit::{Code, Failure};

/// Sizes the pool in which the network computes; without a number it takes every core.
///
/// # Errors
/// Where the system does not give that many threads.
pub fn limit(threads: Option<NonZeroUsize>) -> Result<(), Failure> {
    let Some(threads) = threads else { return Ok(()) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
    pool.map_err(|error| {
        let error = anyhow::Error::new(error).context(format!("{threads} threads cannot be started"));
        Failure::new(Code::RunTime, error, "give a smaller number to --threads")
    })
}
