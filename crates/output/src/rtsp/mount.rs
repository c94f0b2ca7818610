use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use gstreamer::Element;
use gstreamer::glib::object::Cast;
use maskd_types::{SourceState, TrackedFrame};

use super::RtspConfig;
use super::chain::Chain;
use super::feed::Feed;
use super::stats::Counters;
use super::view::{Shown, View};

/// A mount that shows nothing for so long shows its last picture again, so that no player gives up.
const STILL: Duration = Duration::from_millis(900);
/// For some seconds after a player has come it shows it far more often: players look at several pictures before they begin.
const LIVELY: Duration = Duration::from_millis(90);
const BEGINNING: Duration = Duration::from_secs(3);

/// One view of one stream: what it shows, and the encoder while somebody watches.
pub(super) struct Mount {
    path: String,
    view: View,
    config: RtspConfig,
    counters: Arc<Counters>,
    state: Mutex<State>,
}

struct State {
    shown: Shown,
    fed: Instant,
    /// When the last player came.
    joined: Instant,
    feed: Option<Arc<Feed>>,
}

impl Mount {
    pub(super) fn new(path: String, view: View, config: &RtspConfig, counters: Arc<Counters>) -> Self {
        let now = Instant::now();
        let state = State { shown: Shown::default(), fed: now, joined: now, feed: None };
        Self { path, view, config: config.clone(), counters, state: Mutex::new(state) }
    }

    /// The path in the address, from `/` on.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// A new picture.
    pub(super) fn show(&self, frame: &Arc<TrackedFrame>) {
        self.change(|shown| *shown = Shown { last: Some(Arc::clone(frame)), lost: None });
    }

    /// The source changed its state.
    pub(super) fn source_is(&self, source: SourceState) {
        self.change(|shown| shown.lost = Some(source).filter(|source| *source != SourceState::Live));
    }

    /// Shows the last picture once more where nothing else has come.
    pub(super) fn refresh(&self) {
        let due = {
            let state = self.state();
            let still = if state.joined.elapsed() < BEGINNING { LIVELY } else { STILL };
            state.feed.is_some() && state.fed.elapsed() > still
        };
        if due {
            self.change(|_| ());
        }
    }

    /// Has a key frame made for a player that has just come.
    pub(super) fn welcome(&self) {
        let feed = {
            let mut state = self.state();
            state.joined = Instant::now();
            state.feed.clone()
        };
        feed.iter().for_each(|feed| feed.welcome());
    }

    /// Builds an encoder for the first player of several.
    pub(super) fn open(&self) -> Option<Element> {
        // The sink has built one to see whether it can be; were it not so any more, the player is refused.
        let chain = Chain::build(&self.config).ok()?;
        let feed = Feed::start(&chain, self.config.key_frame_interval, Arc::clone(&self.counters));
        self.counters.encoder_started();
        let before = self.state().feed.replace(feed);
        before.iter().for_each(|_| self.counters.encoder_stopped());
        self.change(|_| ());
        Some(chain.bin.upcast())
    }

    /// The encoder that runs now.
    pub(super) fn running(&self) -> Weak<Feed> {
        self.state().feed.as_ref().map(Arc::downgrade).unwrap_or_default()
    }

    /// Forgets an encoder whose last player has gone.
    pub(super) fn close(&self, feed: &Weak<Feed>) {
        let mut state = self.state();
        if state.feed.as_ref().is_some_and(|running| Weak::ptr_eq(&Arc::downgrade(running), feed)) {
            state.feed = None;
            self.counters.encoder_stopped();
        }
    }

    /// Nothing more will be shown.
    pub(super) fn end(&self) {
        let feed = self.state().feed.clone();
        feed.iter().for_each(|feed| feed.end());
    }

    /// Draws only where somebody watches, and not under the lock.
    fn change(&self, change: impl FnOnce(&mut Shown)) {
        let (feed, shown) = {
            let mut state = self.state();
            change(&mut state.shown);
            state.fed = Instant::now();
            (state.feed.clone(), state.shown.clone())
        };
        if let Some(feed) = feed {
            feed.push(self.view.draw(&shown));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
