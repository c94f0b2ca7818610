/// Why an address describes no scene.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum SceneError {
    /// Not a scene's address at all.
    #[error("{found:?} is no scene: write scene:// or, for example, scene://?seed=7&objects=3")]
    Address {
        /// What was given.
        found: String,
    },
    /// A parameter that no scene has.
    #[error("a scene has no parameter {name:?}; it accepts seed, objects, frames, size, fps and leaving")]
    Parameter {
        /// What was given.
        name: String,
    },
    /// A parameter given twice.
    #[error("the scene's parameter {name:?} is given twice; keep one")]
    Twice {
        /// Which one.
        name: &'static str,
    },
    /// A value that its parameter does not take.
    #[error("the scene's {name} cannot be {value:?}: it is {accepted}")]
    Value {
        /// Which parameter.
        name: &'static str,
        /// What was given.
        value: String,
        /// What would be right.
        accepted: &'static str,
    },
    /// The objects would be too small to see.
    #[error("{objects} objects do not fit into {width}x{height} pixels: ask for {most} or fewer, or for a larger size")]
    Crowded {
        /// Objects asked for.
        objects: u32,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// As many as fit.
        most: u32,
    },
}
