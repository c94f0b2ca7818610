use gstreamer::prelude::*;
use gstreamer::{Bin, Element};
use gstreamer_app::AppSrc;
use maskd_pipeline::{Description, PipelineError, Rules, join};

use super::RtspConfig;

/// Every GStreamer element that the server needs, each with the Debian package that has it.
pub fn elements() -> impl Iterator<Item = (&'static str, &'static str)> {
    RULES.allowed.iter().copied()
}

/// Every element that the description may name, with the Debian package that has it.
const RULES: Rules = Rules {
    allowed: &[
        ("appsrc", "gstreamer1.0-plugins-base"),
        ("videoconvert", "gstreamer1.0-plugins-base"),
        ("capsfilter", "libgstreamer1.0-0"),
        ("x264enc", "gstreamer1.0-plugins-ugly"),
        ("rtph264pay", "gstreamer1.0-plugins-good"),
    ],
    first: Some("appsrc"),
    last: Some("rtph264pay"),
};

/// From pictures to packets.
pub(super) struct Chain {
    pub(super) bin: Bin,
    pub(super) source: AppSrc,
    pub(super) encoder: Element,
}

impl Chain {
    pub(super) fn build(config: &RtspConfig) -> Result<Self, PipelineError> {
        let description = Description::parse(include_str!("../../../../pipelines/encode-rtsp.toml"), RULES)?;
        let quality = toml::Value::from(config.quality);
        let values = [("quantizer", quality), ("bitrate", toml::Value::from(config.max_bitrate_kbit_s))];
        let elements = description.make(&values)?;
        let bin = Bin::new();
        join(&bin, &elements)?;
        let encoder = bin.by_name("encode").ok_or(PipelineError::Last("rtph264pay"))?;
        let source = elements.into_iter().next().and_then(|first| first.downcast().ok());
        Ok(Self { bin, source: source.ok_or(PipelineError::First("appsrc"))?, encoder })
    }
}
