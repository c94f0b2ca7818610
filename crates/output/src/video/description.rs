use maskd_pipeline::{Description, PipelineError, Rules};

/// Every element that an encoder's description may name, with the Debian package that has it.
const RULES: Rules = Rules {
    allowed: &[
        ("appsrc", "gstreamer1.0-plugins-base"),
        ("videoconvert", "gstreamer1.0-plugins-base"),
        ("capsfilter", "libgstreamer1.0-0"),
        ("x264enc", "gstreamer1.0-plugins-ugly"),
        ("h264parse", "gstreamer1.0-plugins-bad"),
        ("mp4mux", "gstreamer1.0-plugins-good"),
        ("filesink", "libgstreamer1.0-0"),
    ],
    first: Some("appsrc"),
    last: Some("filesink"),
};

/// The built-in description of the encoder.
pub(super) fn mp4() -> Result<Description, PipelineError> {
    Description::parse(include_str!("../../../../pipelines/encode-mp4.toml"), RULES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_elements_in_the_right_place_pass() {
        let chain = |factories: &[&str]| {
            let element = |factory: &&str| format!("[[element]]\nfactory = \"{factory}\"\nname = \"{factory}\"\n");
            Description::parse(&factories.iter().map(element).collect::<String>(), RULES)
        };
        assert!(mp4().is_ok());
        assert!(chain(&["appsrc", "filesink"]).is_ok());
        let error = chain(&["appsrc", "udpsink", "filesink"]).unwrap_err();
        assert!(matches!(error, PipelineError::Forbidden(name) if name == "udpsink"));
        assert!(matches!(chain(&["filesink"]), Err(PipelineError::First(_))));
        assert!(matches!(chain(&["appsrc"]), Err(PipelineError::Last(_))));
    }
}
