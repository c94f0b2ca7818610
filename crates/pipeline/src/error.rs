/// Why a description does not become a chain.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// GStreamer itself does not start.
    #[error("GStreamer cannot be initialised: {0}")]
    Initialise(#[source] gstreamer::glib::Error),
    /// The text is not TOML of the right form.
    #[error("not a description: {0}")]
    Parse(#[from] toml::de::Error),
    /// An element that the rules do not name.
    #[error("the element `{0}` is not allowed")]
    Forbidden(String),
    /// The chain does not begin where it must, or passes there twice.
    #[error("the first element must be an `{0}`, and no other may be")]
    First(&'static str),
    /// The chain does not end where it must, or passes there twice.
    #[error("the last element must be an `{0}`, and no other may be")]
    Last(&'static str),
    /// An element is not installed.
    #[error("the GStreamer element `{factory}` is missing: install the Debian package {package}")]
    Missing {
        /// The element's factory.
        factory: String,
        /// The Debian package that has it.
        package: &'static str,
    },
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
    #[error("the elements cannot be linked: {0}")]
    Link(#[from] gstreamer::glib::BoolError),
}
