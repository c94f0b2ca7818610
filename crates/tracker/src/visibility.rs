use maskd_types::ObjectState;

/// Follows whether an object is in sight.
#[derive(Clone, Debug)]
pub(crate) struct Visibility {
    lost_after_frames: u32,
    seen_before: bool,
    hidden_frames: u32,
}

impl Visibility {
    pub(crate) fn new(lost_after_frames: u32) -> Self {
        Self { lost_after_frames, seen_before: false, hidden_frames: 0 }
    }

    /// Nothing has been seen for a while, for no fault of the object's: when it is in sight next it has been reacquired.
    pub(crate) fn interrupted(&mut self) {
        self.hidden_frames = self.hidden_frames.max(1);
    }

    /// The state on the next frame.
    pub(crate) fn next(&mut self, in_sight: bool) -> ObjectState {
        if !in_sight {
            self.hidden_frames = self.hidden_frames.saturating_add(1);
            let lost = self.hidden_frames > self.lost_after_frames;
            return if lost { ObjectState::Lost } else { ObjectState::Occluded };
        }
        let returns = self.seen_before && self.hidden_frames > 0;
        self.seen_before = true;
        self.hidden_frames = 0;
        if returns { ObjectState::Reacquired } else { ObjectState::Visible }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ObjectState::{Lost, Occluded, Reacquired, Visible};

    #[test]
    fn an_object_goes_through_its_states() {
        let mut visibility = Visibility::new(2);
        let states =
            [true, false, true, true, false, false, false, false, true, true].map(|seen| visibility.next(seen));
        let expected = [Visible, Occluded, Reacquired, Visible, Occluded, Occluded, Lost, Lost, Reacquired, Visible];
        assert_eq!(states, expected);
    }

    #[test]
    fn an_object_is_reacquired_after_an_interruption() {
        let mut visibility = Visibility::new(5);
        assert_eq!(visibility.next(true), Visible);
        visibility.interrupted();
        assert_eq!([true, true].map(|seen| visibility.next(seen)), [Reacquired, Visible]);
    }

    #[test]
    fn an_object_that_was_never_seen_is_not_reacquired() {
        let mut visibility = Visibility::new(1);
        assert_eq!([false, false, true].map(|seen| visibility.next(seen)), [Occluded, Lost, Visible]);
    }
}
