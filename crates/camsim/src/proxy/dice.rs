/// SplitMix64: the same seed gives the same fate to the same unit.
#[derive(Debug)]
pub(super) struct Dice(u64);

/// What chance has in store for a unit, each from 0 up to 1.
pub(super) struct Fate {
    pub(super) drop: f64,
    pub(super) duplicate: f64,
    pub(super) reorder: f64,
    pub(super) jitter: f64,
}

impl Dice {
    /// An own sequence for each `stream` of a seed.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut dice = Self(seed ^ stream.wrapping_mul(0xd6e8_feb8_6659_fd93));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn unit(&mut self) -> f64 {
        // 53 bits are what a double holds exactly.
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Always takes the same number of draws, so that one fault does not depend on which others are switched on.
    pub(super) fn throw(&mut self) -> Fate {
        Fate { drop: self.unit(), duplicate: self.unit(), reorder: self.unit(), jitter: self.unit() }
    }
}
