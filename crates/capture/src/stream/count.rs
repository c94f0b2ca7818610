use maskd_types::FrameRate;

use super::Recipe;
use super::running::Running;
use crate::pipeline::Kind;
use crate::{CaptureError, CaptureOptions};

/// Below this many frames an estimate that is off by one matters, and decoding twice costs little.
const SHORT: u64 = 64;

/// Assumed where a file does not tell its rate.
const USUAL_RATE: FrameRate = FrameRate { numerator: 30, denominator: 1 };

/// Frames by the length that the container tells, rounded.
pub(super) fn estimate(length_ns: Option<u64>, rate: Option<FrameRate>) -> Option<u64> {
    let FrameRate { numerator, denominator } = rate?;
    let second = 1_000_000_000 * u128::from(denominator);
    let frames = (u128::from(length_ns?) * u128::from(numerator) + second / 2).checked_div(second)?;
    u64::try_from(frames).ok()
}

/// The exact number of frames of a short file, found by decoding it once; `None` for long files, for streams, and for
/// files that turn out to be damaged.
pub(super) fn exact_if_short(
    recipe: &Recipe,
    options: &CaptureOptions,
    length_ns: Option<u64>,
    rate: Option<FrameRate>,
) -> Result<Option<u64>, CaptureError> {
    let short = estimate(length_ns, rate.or(Some(USUAL_RATE))).is_some_and(|frames| frames < SHORT);
    if recipe.kind != Kind::File || !short {
        return Ok(None);
    }
    match count(recipe, options) {
        Ok(frames) => Ok(Some(frames)),
        Err(CaptureError::Interrupted) => Err(CaptureError::Interrupted),
        // The frames before the damage are still to come, and then the same error.
        Err(_) => Ok(None),
    }
}

fn count(recipe: &Recipe, options: &CaptureOptions) -> Result<u64, CaptureError> {
    let mut running = Running::start(recipe, options)?;
    let mut frames = 0;
    while running.pull(options.stall_timeout)?.is_some() {
        frames += 1;
    }
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_become_frames() {
        let ntsc = Some(FrameRate { numerator: 30_000, denominator: 1_001 });
        assert_eq!(estimate(Some(9_642_967_000), ntsc), Some(289));
        assert_eq!(estimate(Some(1_000_000_000), Some(USUAL_RATE)), Some(30));
        assert_eq!(estimate(None, ntsc), None);
        assert_eq!(estimate(Some(1), None), None);
        assert_eq!(estimate(Some(u64::MAX), Some(FrameRate { numerator: u32::MAX, denominator: 1 })), None);
    }
}
