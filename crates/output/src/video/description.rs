use std::collections::BTreeMap;

use serde::Deserialize;

/// Every element that the description may name, and the Debian package that has it.
const ALLOWED: [(&str, &str); 7] = [
    ("appsrc", "gstreamer1.0-plugins-base"),
    ("videoconvert", "gstreamer1.0-plugins-base"),
    ("capsfilter", "libgstreamer1.0-0"),
    ("x264enc", "gstreamer1.0-plugins-ugly"),
    ("h264parse", "gstreamer1.0-plugins-bad"),
    ("mp4mux", "gstreamer1.0-plugins-good"),
    ("filesink", "libgstreamer1.0-0"),
];

const TEXT: &str = include_str!("../../../../pipelines/encode-mp4.toml");

/// A chain of elements from `appsrc` on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    #[serde(rename = "element")]
    pub(super) elements: Vec<ElementDescription>,
}

/// One element of the chain.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ElementDescription {
    pub(super) factory: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) properties: BTreeMap<String, toml::Value>,
    /// Properties that the program sets.
    #[serde(default)]
    pub(super) fill: Vec<String>,
}

/// Why the encoder's description cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// The text is not TOML of the right form.
    #[error("not a description: {0}")]
    Parse(#[from] toml::de::Error),
    /// An element that no encoder of this program uses.
    #[error("the element {0} is not allowed")]
    Forbidden(String),
    /// The chain does not start where frames are put in.
    #[error("the first element must be an appsrc")]
    NoSource,
    /// The installed element has no such property, or it takes no such value.
    #[error("{element} takes no {property} = {value}")]
    Property {
        /// The element's factory.
        element: String,
        /// The property.
        property: String,
        /// The value as written.
        value: String,
    },
    /// The program does not know a property that it is to set.
    #[error("nothing is known to fill in for {0}")]
    Unfilled(String),
    /// Two elements do not fit together.
    #[error("the elements cannot be linked: {0}")]
    Link(#[from] gstreamer::glib::BoolError),
}

impl Description {
    /// The built-in description of the encoder.
    pub(super) fn mp4() -> Result<Self, DescriptionError> {
        Self::parse(TEXT)
    }

    fn parse(text: &str) -> Result<Self, DescriptionError> {
        let description: Self = toml::from_str(text)?;
        let factories = || description.elements.iter().map(|element| &element.factory);
        if factories().next().is_none_or(|first| first != "appsrc") {
            return Err(DescriptionError::NoSource);
        }
        let known = |factory: &str| ALLOWED.iter().any(|(allowed, _)| *allowed == factory);
        match factories().find(|factory| !known(factory)) {
            Some(factory) => Err(DescriptionError::Forbidden(factory.clone())),
            None => Ok(description),
        }
    }
}

/// The Debian package that has an element.
pub(super) fn package_of(factory: &str) -> &'static str {
    let found = ALLOWED.iter().find(|(allowed, _)| *allowed == factory);
    found.map_or("gstreamer1.0-plugins-base", |(_, package)| package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_elements_in_the_right_place_pass() {
        let chain = |factories: &[&str]| {
            let element = |factory: &&str| format!("[[element]]\nfactory = \"{factory}\"\nname = \"{factory}\"\n");
            Description::parse(&factories.iter().map(element).collect::<String>())
        };
        assert!(Description::mp4().is_ok());
        assert!(chain(&["appsrc", "filesink"]).is_ok());
        assert!(matches!(chain(&["appsrc", "udpsink"]), Err(DescriptionError::Forbidden(name)) if name == "udpsink"));
        assert!(matches!(chain(&["filesink"]), Err(DescriptionError::NoSource)));
        assert!(matches!(chain(&[]), Err(DescriptionError::Parse(_))));
    }
}
