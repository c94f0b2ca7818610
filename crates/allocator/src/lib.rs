//! The allocator of maskd's programs: linked in where this crate is.
//!
//! The network makes and drops buffers of tens of megabytes all the time. The system's allocator gives each of them back to the
//! kernel and has it zeroed again; with this one the large matrix products take half the time.

use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Place of `purge_delay` in the allocator's list of options, `mi_option_e` of `mimalloc.h`, which is not among the names that the bindings know.
const PURGE_DELAY: i32 = 15;

/// How long freed memory is kept before it is given back to the kernel.
///
/// With one second, the allocator's own choice, a slow model loses its buffers from one frame to the next: a tenth of its time then goes
/// into pages that have to be found and zeroed again.
const KEPT: Duration = Duration::from_secs(60);

/// Has freed memory kept for as long as a slow model takes to come back to it: for programs that do nothing but go through a video. To be
/// called once, at the start.
pub fn keep_buffers() {
    // SAFETY: sets a number in a table of the allocator, which is there from the start; the place is inside of it.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, KEPT.as_millis() as _) };
}
