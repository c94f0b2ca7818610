use maskd_pipeline::{Description, PipelineError, Rules};

use super::Container;
use crate::OutputError;

/// Every GStreamer element that encoders need, each with the Debian package that has it.
pub fn elements() -> impl Iterator<Item = (&'static str, &'static str)> {
    RULES.allowed.iter().copied()
}

/// Every element that an encoder's description may name, with the Debian package that has it.
const RULES: Rules = Rules {
    allowed: &[
        ("appsrc", "gstreamer1.0-plugins-base"),
        ("videoconvert", "gstreamer1.0-plugins-base"),
        ("capsfilter", "libgstreamer1.0-0"),
        ("x264enc", "gstreamer1.0-plugins-ugly"),
        ("h264parse", "gstreamer1.0-plugins-bad"),
        ("mp4mux", "gstreamer1.0-plugins-good"),
        ("matroskamux", "gstreamer1.0-plugins-good"),
        ("filesink", "libgstreamer1.0-0"),
    ],
    first: Some("appsrc"),
    last: Some("filesink"),
};

/// The built-in description of an encoder.
pub(super) fn of(container: Container) -> Result<Description, PipelineError> {
    let text = match container {
        Container::Mp4 => include_str!("../../../../pipelines/encode-mp4.toml"),
        Container::Mkv => include_str!("../../../../pipelines/encode-mkv.toml"),
    };
    Description::parse(text, RULES)
}

/// Whether everything is installed that writes such a file; touches no file.
pub(crate) fn check(container: Container) -> Result<(), OutputError> {
    gstreamer::init().map_err(OutputError::Gstreamer)?;
    let values = [("location", toml::Value::from("")), ("quantizer", toml::Value::from(20))];
    of(container)?.make(&values)?;
    Ok(())
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
        assert!(Container::ALL.into_iter().all(|container| check(container).is_ok()));
        assert!(chain(&["appsrc", "filesink"]).is_ok());
        let error = chain(&["appsrc", "udpsink", "filesink"]).unwrap_err();
        assert!(matches!(error, PipelineError::Forbidden(name) if name == "udpsink"));
        assert!(matches!(chain(&["filesink"]), Err(PipelineError::First(_))));
        assert!(matches!(chain(&["appsrc"]), Err(PipelineError::Last(_))));
    }
}
