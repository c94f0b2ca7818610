use gstreamer::prelude::*;
use gstreamer::{Element, ElementFactory};

use crate::description::{Description, ElementDescription};
use crate::{PipelineError, property};

/// Properties that a program fills in: their names and what they are set to.
pub type Values<'a> = [(&'a str, toml::Value)];

impl Description {
    /// Makes and configures all elements, in the order of the flow. GStreamer must be initialised.
    ///
    /// # Errors
    /// Where an element is not installed, has no such property, takes no such value, or has a property to fill in that
    /// `values` does not hold.
    pub fn make(&self, values: &Values<'_>) -> Result<Vec<Element>, PipelineError> {
        self.elements.iter().map(|described| self.make_one(described, values)).collect()
    }

    fn make_one(&self, described: &ElementDescription, values: &Values<'_>) -> Result<Element, PipelineError> {
        let made = ElementFactory::make(&described.factory).name(&described.name).build();
        let element = made.map_err(|_missing| PipelineError::Missing {
            factory: described.factory.clone(),
            package: self.rules.package_of(&described.factory).unwrap_or("gstreamer1.0-plugins-base"),
        })?;
        for (name, value) in &described.properties {
            property::set(&element, name, value)?;
        }
        for name in &described.fill {
            let value = values.iter().find(|(known, _)| known == name);
            let (_, value) = value.ok_or_else(|| PipelineError::Unfilled(name.clone()))?;
            property::set(&element, name, value)?;
        }
        Ok(element)
    }
}

/// Puts elements into a bin and links each with the next.
///
/// # Errors
/// Where two of them do not fit together.
pub fn join(bin: &impl IsA<gstreamer::Bin>, elements: &[Element]) -> Result<(), PipelineError> {
    bin.add_many(elements)?;
    Ok(Element::link_many(elements)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    const RULES: Rules = Rules {
        allowed: &[("filesrc", "libgstreamer1.0-0"), ("fakesink", "libgstreamer1.0-0"), ("nosuch", "some-package")],
        first: None,
        last: None,
    };

    fn chain(text: &str) -> Description {
        gstreamer::init().unwrap();
        Description::parse(text, RULES).unwrap()
    }

    #[test]
    fn elements_come_named_configured_and_linked() {
        let chain = chain(
            "[[element]]\nfactory = \"filesrc\"\nname = \"from\"\nproperties = { blocksize = 512 }\nfill = [\"location\"]\n\
             [[element]]\nfactory = \"fakesink\"\nname = \"to\"",
        );
        let elements = chain.make(&[("location", "/tmp/a ! b".into())]).unwrap();
        let [from, to] = &elements[..] else { panic!("{elements:?}") };
        assert_eq!((from.name().as_str(), to.name().as_str()), ("from", "to"));
        assert_eq!(from.property::<u32>("blocksize"), 512);
        assert_eq!(from.property::<String>("location"), "/tmp/a ! b");
        let pipeline = gstreamer::Pipeline::new();
        join(&pipeline, &elements).unwrap();
        assert!(to.static_pad("sink").unwrap().is_linked());
        assert!(matches!(chain.make(&[]), Err(PipelineError::Unfilled(name)) if name == "location"));
    }

    #[test]
    fn what_is_not_installed_is_named_with_its_package() {
        let error = chain("[[element]]\nfactory = \"nosuch\"\nname = \"a\"").make(&[]).unwrap_err();
        assert!(matches!(error, PipelineError::Missing { package: "some-package", .. }), "{error}");
    }
}
