//! How the C library keeps memory, which GStreamer, its decoders and its encoders take theirs from.

/// Two heaps serve all threads. By default glibc gives up to eight to every core; with dozens of threads that come and go with cameras
/// and players, each keeps what it once needed, and a process that is to run for weeks grows for hours.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn share_heaps() {
    // SAFETY: mallopt takes two integers and may be called at any time; before any other thread exists, as here, it holds for all. What
    // it cannot do it leaves, which is no harm.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 2) };
}

/// Gives back to the system what nobody uses any more. By itself glibc gives back only what lies at the end of a heap, and what a codec
/// or a picture size needed that a camera had for a while lies below what came later.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_back() {
    // SAFETY: malloc_trim takes an integer, may be called at any time and from any thread, and touches nothing that is in use.
    unsafe { libc::malloc_trim(0) };
}

/// Other C libraries have no such heaps.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn share_heaps() {}

/// Other C libraries see to it themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}
