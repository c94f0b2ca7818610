use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of source, by the scheme of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceScheme {
    /// A camera on the network.
    Rtsp,
    /// The same, encrypted.
    Rtsps,
    /// A camera on this machine.
    V4l2,
    /// A rendered scene.
    Scene,
    /// A video file or a folder of pictures, also where `file://` is left out.
    File,
}

impl SourceScheme {
    /// The word for it in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rtsp => "rtsp",
            Self::Rtsps => "rtsps",
            Self::V4l2 => "v4l2",
            Self::Scene => "scene",
            Self::File => "file",
        }
    }
}

impl fmt::Display for SourceScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

    #[test]
    fn every_source_has_the_scheme_of_its_address() {
        for (text, scheme) in [
            ("rtsp://cam", SourceScheme::Rtsp),
            ("RTSPS://cam", SourceScheme::Rtsps),
            ("v4l2:///dev/video0", SourceScheme::V4l2),
            ("scene://?seed=3", SourceScheme::Scene),
            ("file:///a.mp4", SourceScheme::File),
            ("a.mp4", SourceScheme::File),
        ] {
            assert_eq!(text.parse::<Source>().unwrap().scheme(), scheme, "{text}");
            assert_eq!(serde_json::to_value(scheme).unwrap(), scheme.name());
        }
    }
}
