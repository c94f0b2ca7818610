use std::collections::BTreeMap;

use serde::Deserialize;

/// Every element that a description may name.
const ALLOWED: [&str; 8] =
    ["filesrc", "rtspsrc", "v4l2src", "parsebin", "decodebin", "videoconvert", "capsfilter", "videoflip"];

/// The element that every description ends in.
const LAST: &str = "appsink";

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
    pub(super) fn description(self) -> Result<Description, DescriptionError> {
        Description::parse(self.text())
    }
}

/// A chain of elements.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    #[serde(rename = "element")]
    pub elements: Vec<ElementDescription>,
}

/// One element of a chain.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ElementDescription {
    pub factory: String,
    pub name: String,
    #[serde(default)]
    pub properties: BTreeMap<String, toml::Value>,
    /// Properties that the program sets.
    #[serde(default)]
    pub fill: Vec<String>,
}

/// Why a pipeline description cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// The text is not TOML of the right form.
    #[error("not a description: {0}")]
    Parse(#[from] toml::de::Error),
    /// An element that no pipeline of this program uses.
    #[error("the element `{0}` is not allowed")]
    Forbidden(String),
    /// The chain does not end where frames are taken out.
    #[error("the last element must be an `appsink`, and no other may be")]
    NoSink,
    /// The installed element has no such property.
    #[error("`{element}` has no property `{property}`")]
    UnknownProperty {
        /// The element's factory.
        element: String,
        /// The property.
        property: String,
    },
    /// A value does not fit the property's type.
    #[error("`{value}` does not fit the property `{property}` of `{element}`")]
    Value {
        /// The element's factory.
        element: String,
        /// The property.
        property: String,
        /// The value as written.
        value: String,
    },
    /// The program does not know a property that it is to set.
    #[error("nothing is known to fill in for `{0}`")]
    Unfilled(String),
    /// Two elements do not fit together.
    #[error("the elements cannot be linked")]
    Link(#[from] gstreamer::glib::BoolError),
}

impl Description {
    fn parse(text: &str) -> Result<Self, DescriptionError> {
        let description: Self = toml::from_str(text)?;
        let Some((last, others)) = description.elements.split_last() else {
            return Err(DescriptionError::NoSink);
        };
        if last.factory != LAST {
            return Err(DescriptionError::NoSink);
        }
        match others.iter().find(|element| !ALLOWED.contains(&element.factory.as_str())) {
            Some(element) if element.factory == LAST => Err(DescriptionError::NoSink),
            Some(element) => Err(DescriptionError::Forbidden(element.factory.clone())),
            None => Ok(description),
        }
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
            Description::parse(&text)
        };
        assert!(chain(&["filesrc", "appsink"]).is_ok());
        assert!(
            matches!(chain(&["filesrc", "filesink", "appsink"]), Err(DescriptionError::Forbidden(f)) if f == "filesink")
        );
        assert!(matches!(chain(&["appsink", "appsink"]), Err(DescriptionError::NoSink)));
        assert!(matches!(chain(&["filesrc"]), Err(DescriptionError::NoSink)));
        assert!(matches!(Description::parse("[[element]]\nfactory = 1"), Err(DescriptionError::Parse(_))));
    }
}
