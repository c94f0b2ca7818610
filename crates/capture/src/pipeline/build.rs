use gstreamer::prelude::*;
use gstreamer::{Element, Pipeline};
use gstreamer_app::AppSink;
use maskd_pipeline::{PipelineError, Values};

use super::Kind;
use super::link::{Pads, link};
use crate::CaptureError;

/// A pipeline that has not been started.
pub(crate) struct Built {
    pub pipeline: Pipeline,
    pub sink: AppSink,
    /// What its elements turn out to hold.
    pub pads: Pads,
}

/// Builds the pipeline of a kind of source; `values` are what its description wants filled in.
pub(crate) fn build(kind: Kind, values: &Values<'_>, pads: Pads) -> Result<Built, CaptureError> {
    gstreamer::init().map_err(CaptureError::Initialise)?;
    assemble(kind, values, pads).map_err(|error| match error {
        PipelineError::Missing { factory, package } => CaptureError::MissingElement { factory, package },
        source => CaptureError::Description { kind: kind.name(), source },
    })
}

fn assemble(kind: Kind, values: &Values<'_>, pads: Pads) -> Result<Built, PipelineError> {
    let elements = kind.description()?.make(values)?;
    let pipeline = Pipeline::new();
    join(&pipeline, &elements, &pads)?;
    let sink = elements.into_iter().next_back().and_then(|last| last.downcast().ok());
    let sink = sink.ok_or(PipelineError::Last("appsink"))?;
    Ok(Built { pipeline, sink, pads })
}

fn join(pipeline: &Pipeline, elements: &[Element], pads: &Pads) -> Result<(), PipelineError> {
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
        let Err(CaptureError::Description { source: PipelineError::Unfilled(name), .. }) =
            build(Kind::File, &[], Pads::new(1))
        else {
            panic!("the location was not asked for")
        };
        assert_eq!(name, "location");
    }
}
