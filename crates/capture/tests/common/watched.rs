//! A supervised source and everything that came out of it.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use maskd_camsim::read_number;
use maskd_capture::{CaptureOptions, Delivery, Opener, Supervisor, SupervisorConfig, open, supervise};
use maskd_types::{CaptureClock, CaptureTime, Frame, SourceState, StreamStatus};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much may be untold. More than any test makes.
const NEWS: usize = 100_000;

/// What is kept of a frame.
#[derive(Clone, Debug)]
pub struct Seen {
    pub number: u64,
    pub pts_ns: u64,
    pub size: (u32, u32),
    pub intact: bool,
    pub capture: CaptureTime,
    pub arrived: Instant,
    /// The number that the camera wrote into the picture.
    pub code: Option<u64>,
}

impl Seen {
    fn of(frame: &Frame) -> Self {
        let Frame { number, stamp, width, height, intact, ref rgb } = *frame;
        let code = read_number(rgb, width as usize, height as usize);
        Self {
            number,
            pts_ns: stamp.pts_ns,
            size: (width, height),
            intact,
            capture: stamp.capture,
            arrived: stamp.arrived,
            code,
        }
    }

    pub fn by_camera(&self) -> bool {
        self.capture.clock == CaptureClock::Camera
    }
}

enum News {
    Frame(Seen),
    Status(StreamStatus),
}

pub struct Watched {
    pub supervisor: Supervisor,
    news: Receiver<News>,
    pub frames: Vec<Seen>,
    pub states: Vec<StreamStatus>,
}

/// Short waits, so that tests are short.
pub fn quick() -> SupervisorConfig {
    let stall_timeout = Duration::from_secs(1);
    let capture = CaptureOptions { open_timeout: Duration::from_secs(5), stall_timeout, ..CaptureOptions::default() };
    let (first_backoff, longest_backoff) = (Duration::from_millis(100), Duration::from_millis(800));
    SupervisorConfig { capture, first_backoff, longest_backoff, ..SupervisorConfig::default() }
}

pub fn opener(input: &str) -> Opener {
    let input = input.to_owned();
    Box::new(move |options| open(&input, options))
}

impl Watched {
    pub fn start(input: &str, policy: SupervisorConfig) -> Self {
        Self::start_with(opener(input), policy, |_| {})
    }

    /// `each` is called with every frame before it is noted; it may be slow.
    pub fn start_with(open: Opener, policy: SupervisorConfig, each: impl Fn(&Frame) + Send + 'static) -> Self {
        let (send, news) = mpsc::sync_channel(NEWS);
        let deliver = Box::new(move |delivery| {
            let news = match delivery {
                Delivery::Frame(frame) => {
                    each(&frame);
                    News::Frame(Seen::of(&frame))
                }
                Delivery::Status(status) => News::Status(status),
            };
            // A test that is over takes no more news.
            send.send(news).ok();
        });
        let supervisor = supervise("test".into(), open, policy, deliver).unwrap();
        Self { supervisor, news, frames: Vec::new(), states: Vec::new() }
    }

    /// Takes in what comes until this is true.
    pub fn until(&mut self, what: &str, enough: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !enough(self) {
            match self.news.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(News::Frame(frame)) => self.frames.push(frame),
                Ok(News::Status(status)) => {
                    println!("{:?}: {:?}", status.state, status.reason);
                    self.states.push(status);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("waited in vain for {what}; {} frames, states {:?}", self.frames.len(), self.states)
                }
            }
        }
    }

    /// Takes this many more frames and gives them.
    pub fn take(&mut self, frames: usize) -> &[Seen] {
        let from = self.frames.len();
        self.until("frames", |own| own.frames.len() >= from + frames);
        &self.frames[from..]
    }

    /// Waits until this state is told, again if it has been told already.
    pub fn enter(&mut self, state: SourceState) -> StreamStatus {
        let from = self.states.len();
        let told = move |own: &Self| own.states.iter().skip(from).find(|status| status.state == state).cloned();
        self.until(state.name(), |own| told(own).is_some());
        told(self).unwrap()
    }

    /// The states so far, in order.
    pub fn path(&self) -> Vec<SourceState> {
        self.states.iter().map(|status| status.state).collect()
    }

    /// Numbers count from 0, times rise, and each state was told once.
    pub fn assert_order(&self) {
        let numbers: Vec<u64> = self.frames.iter().map(|frame| frame.number).collect();
        assert_eq!(numbers, (0..self.frames.len() as u64).collect::<Vec<_>>());
        assert!(self.frames.windows(2).all(|pair| pair[0].pts_ns < pair[1].pts_ns), "times do not rise");
        assert!(self.path().windows(2).all(|pair| pair[0] != pair[1]), "a state was told twice: {:?}", self.path());
    }
}
