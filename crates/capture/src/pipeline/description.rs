use maskd_pipeline::{Description, PipelineError, Rules};

/// What `decodebin` and `rtspsrc` reach for by themselves, with the Debian package that has it.
const HELPERS: [(&str, &str); 5] = [
    ("avdec_h264", "gstreamer1.0-libav"),
    ("avdec_h265", "gstreamer1.0-libav"),
    ("jpegdec", "gstreamer1.0-plugins-good"),
    ("rtpjitterbuffer", "gstreamer1.0-plugins-good"),
    ("h264parse", "gstreamer1.0-plugins-bad"),
];

/// Every GStreamer element that sources need, each with the Debian package that has it.
pub fn elements() -> impl Iterator<Item = (&'static str, &'static str)> {
    RULES.allowed.iter().chain(&HELPERS).copied()
}

/// Every element that a description may name, with the Debian package that has it, and where frames are taken out.
const RULES: Rules = Rules {
    allowed: &[
        ("filesrc", "libgstreamer1.0-0"),
        ("rtspsrc", "gstreamer1.0-plugins-good"),
        ("v4l2src", "gstreamer1.0-plugins-good"),
        ("parsebin", "gstreamer1.0-plugins-base"),
        ("decodebin", "gstreamer1.0-plugins-base"),
        ("videoconvert", "gstreamer1.0-plugins-base"),
        ("capsfilter", "libgstreamer1.0-0"),
        ("videoflip", "gstreamer1.0-plugins-good"),
        ("appsink", "gstreamer1.0-plugins-base"),
    ],
    first: None,
    last: Some("appsink"),
};

/// The kinds of source that a pipeline exists for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Rtsp,
    V4l2,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Rtsp => "rtsp",
            Self::V4l2 => "v4l2",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::File => include_str!("../../../../pipelines/file.toml"),
            Self::Rtsp => include_str!("../../../../pipelines/rtsp.toml"),
            Self::V4l2 => include_str!("../../../../pipelines/v4l2.toml"),
        }
    }

    /// Parses and checks the description of this kind of source.
    pub(super) fn description(self) -> Result<Description, PipelineError> {
        Description::parse(self.text(), RULES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_descriptions_are_sound() {
        for kind in [Kind::File, Kind::Rtsp, Kind::V4l2] {
            kind.description().unwrap();
        }
    }

    #[test]
    fn only_known_elements_pass() {
        let chain = |factories: &[&str]| {
            let text: String =
                factories.iter().map(|f| format!("[[element]]\nfactory = \"{f}\"\nname = \"{f}\"\n")).collect();
            Description::parse(&text, RULES)
        };
        assert!(chain(&["filesrc", "appsink"]).is_ok());
        assert!(
            matches!(chain(&["filesrc", "filesink", "appsink"]), Err(PipelineError::Forbidden(f)) if f == "filesink")
        );
        assert!(matches!(chain(&["appsink", "appsink"]), Err(PipelineError::Last(_))));
        assert!(matches!(chain(&["filesrc"]), Err(PipelineError::Last(_))));
    }
}
