use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use gstreamer::prelude::*;
use gstreamer::{
    Bus, ClockTime, MessageType, MessageView, Pad, PadProbeData, PadProbeReturn, PadProbeType, Pipeline, State,
};
use gstreamer_app::AppSrc;
use maskd_pipeline::{PipelineError, join};

use super::VideoConfig;
use super::description::of;
use super::raw;
use crate::{OutputError, Picture};

/// Pictures that may wait for the encoder.
const QUEUE: u64 = 4;
/// How long to look for an error before looking at the queue again.
const PAUSE: ClockTime = ClockTime::from_mseconds(5);
/// How long an encoder may do nothing at all.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait for the message that explains a refusal.
const EXPLANATION: ClockTime = ClockTime::from_seconds(2);

/// How long the only frame of a video is shown.
const USUAL_STEP: ClockTime = ClockTime::from_mseconds(40);

/// A running GStreamer pipeline that ends in the file.
pub(super) struct Encoder {
    path: PathBuf,
    pipeline: Pipeline,
    source: AppSrc,
    bus: Bus,
}

impl Encoder {
    /// Sets everything up but starts nothing.
    pub(super) fn build(config: &VideoConfig) -> Result<Self, OutputError> {
        gstreamer::init().map_err(OutputError::Gstreamer)?;
        let location = config.path.to_str().ok_or_else(|| OutputError::PathEncoding { path: config.path.clone() })?;
        let values = [("location", toml::Value::from(location)), ("quantizer", toml::Value::from(config.quality))];
        let elements = of(config.container)?.make(&values)?;
        let pipeline = Pipeline::new();
        join(&pipeline, &elements)?;
        let muxer = pipeline.by_name("mux").into_iter();
        muxer.flat_map(|muxer| muxer.sink_pads()).for_each(|pad| give_durations(&pad));
        let source = elements.into_iter().next().and_then(|first| first.downcast().ok());
        let (Some(source), Some(bus)) = (source, pipeline.bus()) else {
            return Err(PipelineError::First("appsrc").into());
        };
        Ok(Self { path: config.path.clone(), pipeline, source, bus })
    }

    /// Starts encoding pictures of a size.
    pub(super) fn start(&self, config: &VideoConfig, [width, height]: [u32; 2]) -> Result<(), OutputError> {
        let caps = raw::caps([width, height], config.rate.map(|rate| [rate.numerator, rate.denominator]));
        self.source.set_caps(Some(&caps));
        match self.pipeline.set_state(State::Playing) {
            Ok(_) => Ok(()),
            Err(_) => Err(self.fault(EXPLANATION).unwrap_or_else(|| self.refused(gstreamer::FlowError::Error))),
        }
    }

    /// Hands a picture over; waits while the queue is full.
    pub(super) fn push(&self, picture: &Picture, pts: ClockTime) -> Result<(), OutputError> {
        self.wait_for_room()?;
        let mut buffer = raw::buffer(picture);
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(pts);
        }
        match self.source.push_buffer(buffer) {
            Ok(_) => Ok(()),
            Err(flow) => Err(self.fault(EXPLANATION).unwrap_or_else(|| self.refused(flow))),
        }
    }

    /// Completes the file.
    pub(super) fn finish(&self) -> Result<(), OutputError> {
        if let Err(flow) = self.source.end_of_stream() {
            return Err(self.fault(EXPLANATION).unwrap_or_else(|| self.refused(flow)));
        }
        let patience = ClockTime::from_seconds(PATIENCE.as_secs());
        match self.bus.timed_pop_filtered(patience, &[MessageType::Eos, MessageType::Error]) {
            None => Err(self.stalled()),
            Some(message) => self.error_in(&message).map_or(Ok(()), Err),
        }
    }

    // A full `appsrc` that blocks would never wake up after an error further down, so the waiting is done here.
    fn wait_for_room(&self) -> Result<(), OutputError> {
        let start = Instant::now();
        let mut pause = ClockTime::ZERO;
        loop {
            if let Some(error) = self.fault(pause) {
                return Err(error);
            }
            if self.source.current_level_buffers() < QUEUE {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                return Err(self.stalled());
            }
            pause = PAUSE;
        }
    }

    /// The error that an element reports within some time.
    fn fault(&self, wait: ClockTime) -> Option<OutputError> {
        let message = self.bus.timed_pop_filtered(wait, &[MessageType::Error])?;
        self.error_in(&message)
    }

    fn error_in(&self, message: &gstreamer::Message) -> Option<OutputError> {
        let MessageView::Error(error) = message.view() else {
            return None;
        };
        Some(OutputError::Encoder {
            path: self.path.clone(),
            element: message.src().map(|element| element.name().to_string()).unwrap_or_default(),
            source: error.error(),
            debug: error.debug().map(|text| text.to_string()).unwrap_or_default(),
        })
    }

    fn refused(&self, source: gstreamer::FlowError) -> OutputError {
        OutputError::Refused { path: self.path.clone(), source }
    }

    fn stalled(&self) -> OutputError {
        OutputError::Stalled { path: self.path.clone(), seconds: PATIENCE.as_secs() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // Frees the threads and the file; a failure here has nobody left to tell.
        let _ = self.pipeline.set_state(State::Null);
    }
}

/// Gives every buffer that passes without a duration the time since the one before. It matters for the last one only,
/// which players would otherwise never show: where rates vary, `x264enc` says that a frame lasts a nanosecond.
fn give_durations(pad: &Pad) {
    let mut earlier: Option<ClockTime> = None;
    let earlier = Mutex::new(move |pts: ClockTime| {
        let before = earlier.replace(pts);
        before.and_then(|before| pts.checked_sub(before)).unwrap_or(USUAL_STEP)
    });
    pad.add_probe(PadProbeType::BUFFER, move |_, info| {
        if let Some(PadProbeData::Buffer(buffer)) = &mut info.data
            && let Some(pts) = buffer.pts()
            && buffer.duration().is_none_or(|duration| duration < ClockTime::MSECOND)
            && let Ok(mut step) = earlier.lock()
        {
            buffer.make_mut().set_duration(step(pts));
        }
        PadProbeReturn::Ok
    });
}
