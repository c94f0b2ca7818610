/// What a build has beyond the ordinary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Sinks of the kind `zenoh`.
    pub zenoh: bool,
    /// Sinks of the kind `rerun`.
    pub rerun: bool,
}

impl Features {
    /// A build that has everything.
    pub const ALL: Self = Self { zenoh: true, rerun: true };

    pub(crate) fn has(self, feature: &str) -> bool {
        match feature {
            "zenoh" => self.zenoh,
            "rerun" => self.rerun,
            _ => false,
        }
    }
}
