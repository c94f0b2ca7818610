//! One pixel, one object.
//!
//! Every object is tracked without regard to the others, so two may claim the same pixels. The reference leaves each pixel of the
//! video to the object with the highest logit there (`non_overlap_masks`, `_apply_non_overlapping_constraints` in
//! `modeling/sam2_base.py`). Here low-resolution logits become margins: how far an object is ahead of the best of the others.
//! A margin of one object is never above the negative margin of another, and enlarging keeps that, so that the masks cannot overlap
//! at any size; and memories are made of what is shown.

/// A mask that competes for the pixels of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    /// Which row of the logits it is.
    pub(crate) row: usize,
    /// Whether a person spoke of the object on this frame: then only others of which that is true are rivals.
    pub(crate) prompted: bool,
}

/// The two best logits of a cell, and whose the best is.
#[derive(Clone, Copy)]
struct Lead {
    best: f32,
    row: usize,
    second: f32,
}

impl Lead {
    const NONE: Self = Self { best: f32::NEG_INFINITY, row: usize::MAX, second: f32::NEG_INFINITY };

    fn with(self, row: usize, logit: f32) -> Self {
        if logit > self.best {
            return Self { best: logit, row, second: self.best };
        }
        Self { second: self.second.max(logit), ..self }
    }

    /// The best logit of all rows but this one.
    fn against(self, row: usize) -> f32 {
        if row == self.row { self.second } else { self.best }
    }
}

/// Turns the logits `[rows, cells]` of the masks of one frame into margins. One mask alone stays as it is.
pub(crate) fn keep_apart(logits: &mut [f32], cells: usize, claims: &[Claim]) {
    if claims.len() < 2 {
        return;
    }
    for cell in 0..cells {
        let place = |claim: &Claim| claim.row * cells + cell;
        let (mut prompted, mut tracked) = (Lead::NONE, Lead::NONE);
        for claim in claims {
            let lead = if claim.prompted { &mut prompted } else { &mut tracked };
            *lead = lead.with(claim.row, logits[place(claim)]);
        }
        for claim in claims {
            let logit = logits[place(claim)];
            let margin = if claim.prompted {
                logit - prompted.against(claim.row)
            } else {
                (logit - tracked.against(claim.row)).min(-prompted.best)
            };
            logits[place(claim)] = logit.min(margin);
        }
    }
}

#[cfg(test)]
mod tests {
    use maskd_model::image::columns::ColumnUpsampler;
    use proptest::prelude::*;

    use super::*;

    const SIDE: usize = 6;
    const CELLS: usize = SIDE * SIDE;

    fn claims(prompted: &[bool]) -> Vec<Claim> {
        prompted.iter().enumerate().map(|(row, &prompted)| Claim { row, prompted }).collect()
    }

    fn apart(logits: &[f32], cells: usize, prompted: &[bool]) -> Vec<f32> {
        let mut kept = logits.to_vec();
        keep_apart(&mut kept, cells, &claims(prompted));
        kept
    }

    #[test]
    fn a_cell_goes_to_the_highest_logit() {
        assert_eq!(apart(&[5.0, -3.0, 2.0, -4.0], 2, &[false, false]), [3.0, -3.0, -3.0, -4.0]);
        assert_eq!(apart(&[1.0, 4.0, 2.0], 1, &[false; 3]), [-3.0, 2.0, -2.0]);
    }

    #[test]
    fn nobody_gets_what_nobody_claims_and_one_alone_keeps_all() {
        assert_eq!(apart(&[-5.0, -1.0], 1, &[false, false]), [-5.0, -1.0]);
        assert_eq!(apart(&[5.0, -1.0], 2, &[false]), [5.0, -1.0]);
        let absent = apart(&[-1024.0, 3.0], 1, &[false, false]);
        assert_eq!(absent, [-1027.0, 3.0]);
    }

    #[test]
    fn what_a_person_says_is_not_taken_by_what_is_only_tracked() {
        assert_eq!(apart(&[10.0, 25.0], 1, &[true, false]), [10.0, -10.0]);
        assert_eq!(apart(&[-10.0, 25.0], 1, &[true, false]), [-10.0, 10.0]);
        assert_eq!(apart(&[10.0, 25.0], 1, &[true, true]), [-15.0, 15.0]);
    }

    fn drawn(logits: &[f32], size: [usize; 2]) -> Vec<bool> {
        let mut pixels = Vec::new();
        ColumnUpsampler::new([SIDE; 2], size)
            .for_each_run(logits, |inside, length| pixels.extend(std::iter::repeat_n(inside, length as usize)));
        pixels
    }

    proptest! {
        /// Whatever the logits and the size of the frame.
        #[test]
        fn masks_never_overlap(
            logits in prop::collection::vec(-30.0_f32..30.0, 3 * CELLS),
            prompted in prop::array::uniform3(any::<bool>()),
            width in 3_usize..40,
            height in 3_usize..40,
        ) {
            let kept = apart(&logits, CELLS, &prompted);
            let masks: Vec<_> = kept.chunks_exact(CELLS).map(|mask| drawn(mask, [width, height])).collect();
            for pixel in 0..width * height {
                prop_assert!(masks.iter().filter(|mask| mask[pixel]).count() <= 1);
            }
        }

        /// Among tracked objects, a cell that somebody claims goes to whom the reference gives it.
        #[test]
        fn cells_go_to_whom_the_reference_gives_them(logits in prop::collection::vec(-30.0_f32..30.0, 4 * CELLS)) {
            let kept = apart(&logits, CELLS, &[false; 4]);
            for cell in 0..CELLS {
                let of = |values: &[f32], row: usize| values[row * CELLS + cell];
                let best = (0..4).max_by(|&a, &b| of(&logits, a).total_cmp(&of(&logits, b))).unwrap();
                prop_assume!((0..4).all(|row| row == best || of(&logits, row) < of(&logits, best)));
                for row in 0..4 {
                    prop_assert_eq!(of(&kept, row) > 0.0, row == best && of(&logits, row) > 0.0);
                }
            }
        }
    }
}
