//! Fetches a file, in as many attempts as it takes.

mod part;
mod transfer;

use crate::cache::cache_dir;
use crate::{HubError, OfficialModel};
use part::{Lock, Part};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use transfer::{Attempt, Transfer};

/// An attempt that brought this much starts the count of attempts anew.
const GOOD_PROGRESS: u64 = 1 << 20;
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);
const CANCEL_POLL: Duration = Duration::from_millis(20);

/// How to fetch.
pub struct FetchOptions<'a> {
    /// Address of a mirror, in place of the official source. Its files have their official names, all in one folder.
    pub base_url: Option<String>,
    /// Folder to put the file in; it is made.
    pub dir: PathBuf,
    /// Longest wait for a connection, for an answer, and for the next bytes of it.
    pub timeout: Duration,
    /// Attempts without progress before giving up.
    pub attempts: u32,
    /// Wait before the second attempt; doubled for each further one.
    pub back_off: Duration,
    /// Called with the bytes that are on disk and with the bytes of the whole, often.
    pub progress: &'a mut dyn FnMut(u64, u64),
    /// Set by anyone to stop. Seen at the next bytes, so within `timeout`.
    pub cancel: &'a AtomicBool,
}

impl<'a> FetchOptions<'a> {
    /// Five attempts of half a minute of silence each, into [`cache_dir`], from `$MASKD_MODELS_URL` if it is set.
    ///
    /// # Errors
    /// As [`cache_dir`].
    pub fn from_env(progress: &'a mut dyn FnMut(u64, u64), cancel: &'a AtomicBool) -> Result<Self, HubError> {
        Ok(Self {
            base_url: std::env::var("MASKD_MODELS_URL").ok().filter(|url| !url.is_empty()),
            dir: cache_dir()?,
            timeout: Duration::from_secs(30),
            attempts: 5,
            back_off: Duration::from_secs(1),
            progress,
            cancel,
        })
    }
}

/// Fetches a model and returns where it is. A file that is there already is verified and kept.
///
/// # Errors
/// [`HubError`]; after all but [`HubError::Hash`] and [`HubError::Length`], what came is kept and the next call goes on
/// from there.
pub fn fetch(model: &OfficialModel, options: FetchOptions) -> Result<PathBuf, HubError> {
    std::fs::create_dir_all(&options.dir).map_err(HubError::io("make folder", &options.dir))?;
    let target = options.dir.join(model.file);
    let _lock = Lock::take(&target)?;
    if part::is_whole(&target, model)? {
        (options.progress)(model.bytes, model.bytes);
        return Ok(target);
    }
    let url = model.url(options.base_url.as_deref());
    let mut part = Part::open(&target)?;
    download(model, &url, &mut part, options)?;
    part.finish(model, &url)?;
    Ok(target)
}

fn download(model: &OfficialModel, url: &str, part: &mut Part, options: FetchOptions) -> Result<(), HubError> {
    let FetchOptions { timeout, attempts, back_off, progress, cancel, .. } = options;
    let mut transfer = Transfer::new(model, url, timeout, progress, cancel);
    let mut failed = 0;
    loop {
        let before = part.len()?;
        let source = match transfer.attempt(part)? {
            Attempt::Complete => return Ok(()),
            Attempt::Broken(source) => source,
        };
        failed = if part.len()? >= before.saturating_add(GOOD_PROGRESS) { 1 } else { failed + 1 };
        if failed >= attempts {
            return Err(HubError::Transport { url: url.to_owned(), attempts, source });
        }
        pause(back_off.saturating_mul(1 << (failed - 1).min(8)).min(LONGEST_BACK_OFF), cancel);
    }
}

/// Sleeps, but not on when there is a wish to stop; the next attempt sees that wish.
fn pause(length: Duration, cancel: &AtomicBool) {
    let end = Instant::now() + length;
    while !cancel.load(Ordering::Relaxed) {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(left.min(CANCEL_POLL));
    }
}
