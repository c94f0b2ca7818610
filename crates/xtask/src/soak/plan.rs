//! What goes wrong and when, decided by a seed alone.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;

/// How many cameras there are to disturb.
pub const CAMERAS: usize = 3;
/// Streams whose prompts change: the cameras and the scene.
pub const STREAMS: usize = CAMERAS + 1;

/// Milliseconds from one step to the next.
const PAUSE: std::ops::Range<u64> = 2_000..6_000;
/// Milliseconds that something stays broken, from what nobody notices to what outlives the tracks; or that the guest stays.
const OUTAGE: std::ops::Range<u64> = 500..15_000;

/// Seconds of trouble in every [`ROUND`]; the rest of it is left for everything to come back, so that what the daemon holds can be
/// compared from round to round.
const TROUBLE: u64 = 80;
/// Seconds.
const ROUND: u64 = 120;

/// RTP has MJPEG in steps of eight pixels only.
const SIZES: [&str; 3] = ["320x184", "384x216", "480x272"];
const CODECS: [&str; 3] = ["h264", "h265", "mjpeg"];
const CLOCKS: [&str; 3] = ["stuck", "backwards", "random"];
/// Milliseconds that the camera's clock jumps by.
const JUMPS: [i64; 4] = [-60_000, -700, 2_000, 3_600_000];

/// What happens to a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It sends nothing, over connections that stay.
    Freeze,
    /// Its process is stopped (SIGSTOP).
    Pause,
    /// Its port is closed.
    Stop,
    /// Its process is killed and started again on the same port.
    Kill,
    /// Its timestamps are wrong in this way.
    Clock(&'static str),
    /// Its connections are reset.
    Reset,
    /// Its clock jumps by so many milliseconds.
    Jump(i64),
    /// Its pictures have another size from now on.
    Size(&'static str),
    /// It comes back with another codec.
    Codec(&'static str),
}

impl Fault {
    /// Whether it goes on until it is ended.
    pub fn lasts(self) -> bool {
        matches!(self, Self::Freeze | Self::Pause | Self::Stop | Self::Kill | Self::Clock(_))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Freeze => write!(f, "freeze"),
            Self::Pause => write!(f, "SIGSTOP"),
            Self::Stop => write!(f, "stop"),
            Self::Kill => write!(f, "SIGKILL"),
            Self::Clock(how) => write!(f, "timestamps {how}"),
            Self::Reset => write!(f, "reset"),
            Self::Jump(by) => write!(f, "jump {by}"),
            Self::Size(size) => write!(f, "size {size}"),
            Self::Codec(codec) => write!(f, "codec {codec}"),
        }
    }
}

/// One thing that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A fault of a camera, and for how long (zero where it does not last).
    Camera(usize, Fault, Duration),
    /// A further stream comes, and leaves after so long.
    Guest(Duration),
    /// A stream gets or loses its second prompt.
    Prompt(usize),
    /// The player of the RTSP sink leaves and another one joins.
    Player,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Camera(camera, fault, Duration::ZERO) => write!(f, "camera {}: {fault}", camera + 1),
            Self::Camera(camera, fault, lasts) => {
                write!(f, "camera {}: {fault} for {:.1} s", camera + 1, lasts.as_secs_f64())
            }
            Self::Guest(stays) => write!(f, "reload: the guest comes for {:.1} s", stays.as_secs_f64()),
            Self::Prompt(stream) => write!(f, "reload: prompts of stream {}", stream + 1),
            Self::Player => write!(f, "another player"),
        }
    }
}

/// An endless row of actions, each with the time since the start at which it is due.
#[derive(Debug)]
pub struct Plan {
    dice: Rng,
    at: Duration,
}

impl Plan {
    /// The same seed gives the same plan.
    pub fn new(seed: u64) -> Self {
        Self { dice: Rng::with_seed(seed), at: Duration::ZERO }
    }

    fn action(&mut self) -> Action {
        match self.dice.u32(0..10) {
            0 => Action::Guest(Duration::from_millis(self.dice.u64(OUTAGE))),
            1 => Action::Prompt(self.dice.usize(0..STREAMS)),
            2 => Action::Player,
            _ => self.disturbance(),
        }
    }

    fn disturbance(&mut self) -> Action {
        let (camera, fault) = (self.dice.usize(0..CAMERAS), self.fault());
        let lasts = Duration::from_millis(self.dice.u64(OUTAGE));
        Action::Camera(camera, fault, if fault.lasts() { lasts } else { Duration::ZERO })
    }

    fn fault(&mut self) -> Fault {
        match self.dice.u32(0..9) {
            0 => Fault::Freeze,
            1 => Fault::Pause,
            2 => Fault::Stop,
            3 => Fault::Kill,
            4 => Fault::Clock(self.one_of(&CLOCKS)),
            5 => Fault::Reset,
            6 => Fault::Jump(self.one_of(&JUMPS)),
            7 => Fault::Size(self.one_of(&SIZES)),
            _ => Fault::Codec(self.one_of(&CODECS)),
        }
    }

    fn one_of<T: Copy, const N: usize>(&mut self, all: &[T; N]) -> T {
        all[self.dice.usize(0..N)]
    }
}

/// Whether it is time for everything to come back: nothing goes wrong then.
pub fn is_quiet(at: Duration) -> bool {
    at.as_secs() % ROUND >= TROUBLE
}

impl Iterator for Plan {
    type Item = (Duration, Action);

    fn next(&mut self) -> Option<Self::Item> {
        self.at += Duration::from_millis(self.dice.u64(PAUSE));
        if is_quiet(self.at) {
            self.at = Duration::from_secs(self.at.as_secs().next_multiple_of(ROUND));
        }
        Some((self.at, self.action()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides_everything() {
        let plan = |seed| Plan::new(seed).take(200).collect::<Vec<_>>();
        assert_eq!(plan(1), plan(1));
        assert_ne!(plan(1), plan(2));
    }

    #[test]
    fn every_kind_of_trouble_comes_within_an_hour() {
        let hour: Vec<String> =
            Plan::new(1).take_while(|(at, _)| at.as_secs() < 3600).map(|(_, action)| action.to_string()).collect();
        assert!((500..700).contains(&hour.len()), "{}", hour.len());
        let faults = ["freeze", "SIGSTOP", "stop", "SIGKILL", "timestamps", "reset", "jump", "size", "codec"];
        let kinds = ["guest", "prompts", "player", "camera 1", "camera 2", "camera 3"];
        for kind in faults.iter().chain(&kinds) {
            assert!(hour.iter().any(|action| action.contains(kind)), "no {kind}");
        }
    }

    #[test]
    fn nothing_happens_while_it_is_quiet() {
        assert!(is_quiet(Duration::from_secs(80)) && is_quiet(Duration::from_secs(239)));
        assert!(!is_quiet(Duration::from_secs(79)) && !is_quiet(Duration::from_secs(240)));
        assert!(Plan::new(7).take(500).all(|(at, _)| !is_quiet(at)));
    }

    #[test]
    fn every_codec_can_do_every_size() {
        let sides = SIZES.iter().flat_map(|size| size.split('x')).map(|side| side.parse::<u32>().unwrap());
        assert!(sides.into_iter().all(|side| side % 8 == 0));
    }

    #[test]
    fn only_what_lasts_has_a_length() {
        for (_, action) in Plan::new(7).take(500) {
            if let Action::Camera(_, fault, lasts) = action {
                assert_eq!(fault.lasts(), !lasts.is_zero());
            }
        }
    }
}
