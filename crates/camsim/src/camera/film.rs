//! The thread that films: one picture per tick, to every stream that is being served.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use gstreamer::Buffer;
use maskd_scene::{SceneConfig, Truth};
use maskd_types::FrameRate;

use super::outlet::Outlet;
use crate::barcode::write_number;
use crate::footage::{self, Picture, Reel};
use crate::{CameraConfig, CamsimError, Footage};

/// Masks are kept for this many frames.
const TRUTH_KEPT: usize = 2048;
/// A film that is later than this starts a new schedule instead of hurrying.
const LATEST: Duration = Duration::from_secs(1);

/// Frames of one size. The footage starts over with each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    /// Number of its first frame, which is the first of the footage.
    pub first: u64,
    /// Width and height of its frames in pixels.
    pub size: (u32, u32),
    /// The scene that it shows: frame `number` of the camera is frame `number - first` of this scene. `None` for other
    /// footage.
    pub scene: Option<SceneConfig>,
}

struct State {
    quit: bool,
    frozen: bool,
    /// What is filmed; away while the thread renders from it.
    reel: Option<Box<dyn Reel>>,
    takes: Vec<Take>,
    /// Number of the next frame.
    next: u64,
    outlets: Vec<Outlet>,
    truth: VecDeque<Arc<[Truth]>>,
    failure: Option<CamsimError>,
}

impl State {
    fn size(&self) -> (u32, u32) {
        self.takes.last().map_or((0, 0), |take| take.size)
    }

    /// Whether somebody needs the next frame. A stream that is not prepared needs frames even when the camera is frozen:
    /// without any, its description could not be answered.
    fn wanted(&self) -> bool {
        self.outlets.iter().any(|outlet| !self.frozen || !outlet.is_prepared())
    }
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    footage: Footage,
    rate: FrameRate,
    barcode: bool,
    unwatched: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Handle of the thread; ends it when dropped.
pub(super) struct Film {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Film {
    pub(super) fn start(config: &CameraConfig) -> Result<Self, CamsimError> {
        let reel = footage::open(&config.footage, config.size, config.rate)?;
        let first = Take { first: 0, size: config.size, scene: config.footage.scene(config.size, config.rate) };
        let state = State {
            quit: false,
            frozen: false,
            reel: Some(reel),
            takes: vec![first],
            next: 0,
            outlets: Vec::new(),
            truth: VecDeque::new(),
            failure: None,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            footage: config.footage.clone(),
            rate: config.rate,
            barcode: config.barcode,
            unwatched: config.films_unwatched,
        });
        let run = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("camsim-film".to_owned()).spawn(move || Projector::run(&run));
        let thread = thread.map_err(|source| CamsimError::Thread { name: "film", source })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    pub(super) fn handle(&self) -> FilmHandle {
        FilmHandle { shared: Arc::clone(&self.shared) }
    }

    pub(super) fn freeze(&self, frozen: bool) {
        self.shared.lock().frozen = frozen;
        self.shared.changed.notify_all();
    }

    /// Starts the footage over in another size with the next frame.
    pub(super) fn set_size(&self, size: (u32, u32)) -> Result<Take, CamsimError> {
        let reel = footage::open(&self.shared.footage, size, self.shared.rate)?;
        let mut state = self.shared.lock();
        let take = Take { first: state.next, size, scene: self.shared.footage.scene(size, self.shared.rate) };
        state.takes.push(take.clone());
        state.reel = Some(reel);
        self.shared.changed.notify_all();
        Ok(take)
    }

    pub(super) fn takes(&self) -> Vec<Take> {
        self.shared.lock().takes.clone()
    }

    pub(super) fn frames(&self) -> u64 {
        self.shared.lock().next
    }

    pub(super) fn truth(&self, number: u64) -> Option<Arc<[Truth]>> {
        let state = self.shared.lock();
        let oldest = state.next.checked_sub(state.truth.len() as u64)?;
        state.truth.get(usize::try_from(number.checked_sub(oldest)?).ok()?).cloned()
    }

    pub(super) fn take_failure(&self) -> Option<CamsimError> {
        self.shared.lock().failure.take()
    }
}

impl Drop for Film {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.quit = true;
        state.outlets.clear();
        drop(state);
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic in it has been printed by the panic itself.
            let _ = thread.join();
        }
    }
}

/// For the server's callbacks: streams that come.
#[derive(Clone)]
pub(super) struct FilmHandle {
    shared: Arc<Shared>,
}

impl FilmHandle {
    pub(super) fn add(&self, outlet: Outlet) {
        self.shared.lock().outlets.push(outlet);
        self.shared.changed.notify_all();
    }

    /// Tells that a stream has become ready or has ended.
    pub(super) fn look_again(&self) {
        self.shared.lock().outlets.retain(|outlet| !outlet.gone());
        self.shared.changed.notify_all();
    }
}

/// The thread's own data.
struct Projector<'a> {
    shared: &'a Shared,
    due: Instant,
}

impl<'a> Projector<'a> {
    fn run(shared: &'a Shared) {
        let mut projector = Self { shared, due: Instant::now() };
        while let Some((mut reel, take)) = projector.begin() {
            let picture = reel.next_picture();
            projector.end(reel, take, picture);
        }
    }

    /// Waits until a frame is wanted; `None` at the end of the camera.
    fn begin(&mut self) -> Option<(Box<dyn Reel>, usize)> {
        let mut state = self.shared.lock();
        loop {
            state.outlets.retain(|outlet| !outlet.gone());
            if state.quit {
                return None;
            }
            if (self.shared.unwatched || state.wanted())
                && let Some(reel) = state.reel.take()
            {
                return Some((reel, state.takes.len()));
            }
            state = self.shared.wait(state, Duration::from_secs(1));
        }
    }

    /// Shows the picture when its time has come, unless another take has begun in the meantime.
    fn end(&mut self, reel: Box<dyn Reel>, take: usize, picture: Result<Picture, CamsimError>) {
        let mut state = self.shared.lock();
        while !state.quit && state.takes.len() == take {
            let left = self.due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.shared.wait(state, left);
        }
        if state.quit || state.takes.len() != take {
            return;
        }
        match picture {
            Ok(picture) => {
                state.reel = Some(reel);
                self.show(&mut state, picture);
            }
            // Without a reel the film stands still until the size is set anew.
            Err(error) => state.failure = Some(error),
        }
    }

    fn show(&mut self, state: &mut State, mut picture: Picture) {
        let size = state.size();
        let (width, height) = (size.0 as usize, size.1 as usize);
        if self.shared.barcode {
            write_number(&mut picture.rgb, width, height, state.next);
        }
        state.next += 1;
        state.truth.push_back(picture.truth);
        if state.truth.len() > TRUTH_KEPT {
            state.truth.pop_front();
        }
        let late = self.tick();
        let frame = Buffer::from_slice(padded(picture.rgb, width));
        let frozen = state.frozen;
        for outlet in state.outlets.iter_mut().filter(|outlet| !frozen || !outlet.is_prepared()) {
            outlet.push(&frame, size, self.shared.rate, late);
        }
    }

    /// How late this frame is; sets the time of the next.
    fn tick(&mut self) -> Duration {
        let FrameRate { numerator, denominator } = self.shared.rate;
        let step = Duration::from_secs(u64::from(denominator)) / numerator.max(1);
        let now = Instant::now();
        let late = now.saturating_duration_since(self.due);
        if late > LATEST {
            self.due = now + step;
            return Duration::ZERO;
        }
        self.due += step;
        late
    }
}

/// Rows in GStreamer's default layout: a multiple of four bytes.
fn padded(rgb: Vec<u8>, width: usize) -> Vec<u8> {
    let row_bytes = width * 3;
    let stride = row_bytes.next_multiple_of(4);
    if stride == row_bytes {
        return rgb;
    }
    let mut rows = Vec::with_capacity(rgb.len() / row_bytes * stride);
    for row in rgb.chunks_exact(row_bytes) {
        rows.extend_from_slice(row);
        rows.resize(rows.len() + stride - row_bytes, 0);
    }
    rows
}
