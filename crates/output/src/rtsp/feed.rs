use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gstreamer::prelude::*;
use gstreamer::{Element, Sample};
use gstreamer_app::{AppSrc, AppSrcCallbacks};
use gstreamer_video::UpstreamForceKeyUnitEvent;

use super::chain::Chain;
use super::stats::Counters;
use crate::Picture;
use crate::video::letterbox::{even, onto_canvas};
use crate::video::raw;

/// Pictures that may wait for an encoder.
const QUEUE: usize = 2;
/// Key frames that joining players ask for are at least so far apart, however many join.
const APART: Duration = Duration::from_millis(250);
/// What the encoder is told of the rate, for its sharing out of bits; pictures keep their own times.
const NOMINAL_RATE: [u32; 2] = [30, 1];

/// The way of pictures into a running encoder: a bounded queue that never blocks.
pub(super) struct Feed {
    source: AppSrc,
    encoder: Element,
    key_interval: Duration,
    counters: Arc<Counters>,
    state: Mutex<State>,
}

struct State {
    waiting: VecDeque<Sample>,
    /// The encoder's source waits for a picture.
    hungry: bool,
    last_push: Instant,
    last_key: Instant,
    /// A player has come since.
    key_wanted: bool,
}

impl Feed {
    pub(super) fn start(chain: &Chain, key_interval: Duration, counters: Arc<Counters>) -> Arc<Self> {
        let now = Instant::now();
        let feed = Arc::new(Self {
            source: chain.source.clone(),
            encoder: chain.encoder.clone(),
            key_interval,
            counters,
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                hungry: false,
                last_push: now,
                last_key: now,
                key_wanted: false,
            }),
        });
        let weak = Arc::downgrade(&feed);
        let need_data = move |_: &AppSrc, _length: u32| {
            if let Some(feed) = weak.upgrade() {
                feed.hand_over();
            }
        };
        feed.source.set_callbacks(AppSrcCallbacks::builder().need_data(need_data).build());
        feed
    }

    /// Takes a picture for the encoder; drops the oldest that waits where there are too many.
    pub(super) fn push(&self, picture: Picture) {
        let size = [picture.width(), picture.height()].map(even);
        let picture = onto_canvas(picture, size);
        let caps = raw::caps(size, Some(NOMINAL_RATE));
        let sample = Sample::builder().buffer(&raw::buffer(&picture)).caps(&caps).build();
        let mut state = self.state();
        self.keep_key_frames_coming(&mut state);
        if std::mem::take(&mut state.hungry) {
            self.deliver(&sample);
            return;
        }
        if state.waiting.len() >= QUEUE {
            state.waiting.pop_front();
            self.counters.dropped_one();
        }
        state.waiting.push_back(sample);
    }

    /// Has one of the next pictures become a key frame, for a player that has just come.
    pub(super) fn welcome(&self) {
        self.state().key_wanted = true;
    }

    /// Lets players know that nothing more comes.
    pub(super) fn end(&self) {
        self.state().waiting.clear();
        // Refused only while the chain is being taken down, when nobody watches any more.
        let _ = self.source.end_of_stream();
    }

    /// The encoder's own thread wants a picture.
    fn hand_over(&self) {
        let mut state = self.state();
        match state.waiting.pop_front() {
            Some(sample) => self.deliver(&sample),
            None => state.hungry = true,
        }
    }

    fn deliver(&self, sample: &Sample) {
        // Refused only while the chain is being taken down, when nobody watches any more.
        let _ = self.source.push_sample(sample);
    }

    fn keep_key_frames_coming(&self, state: &mut State) {
        // The next picture will come about as long after this one as this one came after the last.
        let step = state.last_push.elapsed();
        state.last_push = Instant::now();
        let since = state.last_key.elapsed();
        if since + step > self.key_interval || (state.key_wanted && since > APART) {
            self.ask_for_key_frame(state);
        }
    }

    fn ask_for_key_frame(&self, state: &mut State) {
        state.last_key = Instant::now();
        state.key_wanted = false;
        let event = UpstreamForceKeyUnitEvent::builder().all_headers(true).build();
        if let Some(pad) = self.encoder.static_pad("src") {
            // Not taken before the encoder runs, and then its first picture is a key frame anyway.
            pad.send_event(event);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
