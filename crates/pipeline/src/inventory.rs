use gstreamer::ElementFactory;

use crate::PipelineError;

/// What GStreamer calls its own version, for example `GStreamer 1.22.0`.
///
/// # Errors
/// [`PipelineError::Initialise`] where it does not start.
pub fn version() -> Result<String, PipelineError> {
    gstreamer::init().map_err(PipelineError::Initialise)?;
    Ok(gstreamer::version_string().to_string())
}

/// Those of some elements, each with the Debian package that has it, that are not installed.
///
/// # Errors
/// [`PipelineError::Initialise`] where GStreamer does not start.
pub fn missing<'a>(elements: &[(&'a str, &'a str)]) -> Result<Vec<(&'a str, &'a str)>, PipelineError> {
    gstreamer::init().map_err(PipelineError::Initialise)?;
    Ok(elements.iter().filter(|(factory, _)| ElementFactory::find(factory).is_none()).copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_named() {
        let elements = [("capsfilter", "libgstreamer1.0-0"), ("nosuchelement", "nosuchpackage")];
        assert_eq!(missing(&elements).unwrap(), [("nosuchelement", "nosuchpackage")]);
        assert!(version().unwrap().starts_with("GStreamer 1."));
    }
}
