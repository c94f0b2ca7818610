use gstreamer::prelude::*;
use gstreamer::{Element, ElementFactory, Pipeline};
use gstreamer_app::AppSink;

use super::description::{Description, ElementDescription};
use super::link::{Pads, link};
use super::packages::package_for_element;
use super::{DescriptionError, Kind, property};
use crate::CaptureError;

/// A pipeline that has not been started.
pub(crate) struct Built {
    pub pipeline: Pipeline,
    pub sink: AppSink,
    /// What its elements turn out to hold.
    pub pads: Pads,
}

/// Builds the pipeline of a kind of source; `values` are what its description wants filled in.
pub(crate) fn build(kind: Kind, values: &[(&str, toml::Value)], pads: Pads) -> Result<Built, CaptureError> {
    gstreamer::init().map_err(CaptureError::Initialise)?;
    let described = |source| CaptureError::Description { kind: kind.name(), source };
    let description = kind.description().map_err(described)?;
    let elements = description.elements.iter().map(make).collect::<Result<Vec<_>, _>>()?;
    configure(&description, &elements, values).map_err(described)?;
    let pipeline = Pipeline::new();
    join(&pipeline, &elements, &pads).map_err(described)?;
    let sink = elements.into_iter().next_back().and_then(|last| last.downcast().ok());
    let sink = sink.ok_or_else(|| described(DescriptionError::NoSink))?;
    Ok(Built { pipeline, sink, pads })
}

fn make(description: &ElementDescription) -> Result<Element, CaptureError> {
    let factory = &description.factory;
    ElementFactory::make(factory).name(&description.name).build().map_err(|_missing| CaptureError::MissingElement {
        factory: factory.clone(),
        package: package_for_element(factory),
    })
}

fn configure(
    description: &Description,
    elements: &[Element],
    values: &[(&str, toml::Value)],
) -> Result<(), DescriptionError> {
    for (described, element) in description.elements.iter().zip(elements) {
        for (name, value) in &described.properties {
            property::set(element, &described.factory, name, value)?;
        }
        for name in &described.fill {
            let value = values.iter().find(|(known, _)| known == name);
            let (_, value) = value.ok_or_else(|| DescriptionError::Unfilled(name.clone()))?;
            property::set(element, &described.factory, name, value)?;
        }
    }
    Ok(())
}

fn join(pipeline: &Pipeline, elements: &[Element], pads: &Pads) -> Result<(), DescriptionError> {
    pipeline.add_many(elements)?;
    for pair in elements.windows(2) {
        if let [from, to] = pair {
            link(from, to, pads)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_description_builds() {
        let text = |text: &str| toml::Value::from(text);
        let values = [
            ("location", text("/nowhere")),
            ("device", text("/dev/video0")),
            ("user-id", text("")),
            ("user-pw", text("")),
            ("protocols", text("tcp")),
            ("latency", toml::Value::from(100)),
        ];
        for kind in [Kind::File, Kind::Rtsp, Kind::V4l2] {
            build(kind, &values, Pads::new(1)).map(drop).unwrap();
        }
    }

    #[test]
    fn what_is_not_filled_in_is_named() {
        let Err(CaptureError::Description { source: DescriptionError::Unfilled(name), .. }) =
            build(Kind::File, &[], Pads::new(1))
        else {
            panic!("the location was not asked for")
        };
        assert_eq!(name, "location");
    }
}
