use gstreamer::glib;
use gstreamer::prelude::*;
use gstreamer::{CoreError, Message, MessageView, ResourceError, StreamError, StructureRef};

use super::Recipe;
use crate::CaptureError;
use crate::pipeline::{Kind, package_for_format};

/// Everything that a pipeline's bus has told of trouble.
pub(super) struct Faults {
    recipe: Recipe,
    error: Option<Report>,
    /// First complaint of a decoder that went on all the same.
    complaint: Option<String>,
    missing: Option<Missing>,
}

/// An error message.
struct Report {
    element: String,
    message: String,
    debug: Option<String>,
    stream: Option<StreamError>,
    missing_plugin: bool,
    unauthorised: bool,
    is_forbidden: bool,
}

/// A format of pictures that nothing reads.
struct Missing {
    format: String,
    package: &'static str,
}

impl Faults {
    pub(super) fn new(recipe: &Recipe) -> Self {
        Self { recipe: recipe.clone(), error: None, complaint: None, missing: None }
    }

    pub(super) fn name(&self) -> &str {
        &self.recipe.name
    }

    pub(super) fn is_file(&self) -> bool {
        self.recipe.kind == Kind::File
    }

    /// Whether the container knows its length and the file has it.
    pub(super) fn whole(&self) -> bool {
        self.recipe.missing_bytes == Some(0)
    }

    /// Takes a message in. Only the first error counts: the others follow from it.
    pub(super) fn note(&mut self, message: &Message) {
        match message.view() {
            MessageView::Error(error) if self.error.is_none() => {
                self.error = Some(self.report(message, &error.error(), error.debug()));
            }
            MessageView::Warning(warning) if self.complaint.is_none() => {
                let report = self.report(message, &warning.error(), warning.debug());
                self.complaint = matches!(report.stream, Some(StreamError::Decode)).then(|| report.text());
            }
            MessageView::Element(element) if self.missing.is_none() => {
                self.missing = element.structure().and_then(missing);
            }
            _ => {}
        }
    }

    fn report(&self, message: &Message, error: &glib::Error, debug: Option<glib::GString>) -> Report {
        let element = message.src().map(|source| source.path_string().to_string()).unwrap_or_default();
        let message = self.redact(error.message());
        let debug = debug.map(|text| self.redact(&text));
        let missing_plugin = error.matches(CoreError::MissingPlugin) || error.matches(StreamError::CodecNotFound);
        let of_rtsp = self.recipe.secret.is_some();
        let is_forbidden = of_rtsp && debug.as_deref().is_some_and(|text| text.contains("(403)"));
        let unauthorised = is_forbidden || (of_rtsp && error.matches(ResourceError::NotAuthorized));
        let stream = error.kind::<StreamError>();
        Report { element, message, debug, stream, missing_plugin, unauthorised, is_forbidden }
    }

    fn redact(&self, text: &str) -> String {
        self.recipe.secret.as_ref().map_or_else(|| text.to_owned(), |address| address.redact(text))
    }

    /// Whether the noted error lies in front of the decoders, so that more frames may come out of them.
    pub(super) fn decoders_may_go_on(&self) -> bool {
        self.error.as_ref().is_some_and(|report| report.is_damage())
    }

    /// The noted error, once.
    pub(super) fn failure(&mut self, frames: u64) -> Option<CaptureError> {
        let report = self.error.take()?;
        if report.missing_plugin {
            return Some(self.missing_decoder().unwrap_or_else(|| self.element(report)));
        }
        if report.unauthorised {
            return Some(CaptureError::Unauthorised { name: self.name().to_owned(), reason: report.refusal() });
        }
        Some(match report.stream {
            Some(StreamError::TypeNotFound | StreamError::WrongType) if self.is_file() => {
                CaptureError::NotVideo { name: self.name().to_owned(), reason: report.message }
            }
            Some(_) if self.is_file() && (frames > 0 || report.is_damage()) => self.damaged(frames, report.text()),
            _ => self.element(report),
        })
    }

    /// Damage that the elements passed over: a file that ends early, frames that could not be decoded.
    pub(super) fn hidden_damage(&mut self, frames: u64) -> Option<CaptureError> {
        if !self.is_file() {
            return None;
        }
        if let Some(missing) = self.recipe.missing_bytes.filter(|&missing| missing > 0) {
            return Some(self.damaged(frames, format!("the file breaks off, its last {missing} bytes are missing")));
        }
        self.complaint.take().map(|complaint| self.damaged(frames, complaint))
    }

    /// A container without a stream of pictures that can be read.
    pub(super) fn no_video(&mut self) -> CaptureError {
        self.missing_decoder().unwrap_or_else(|| CaptureError::NoVideoStream { name: self.name().to_owned() })
    }

    /// An error of the pipeline itself.
    pub(super) fn plain(&self, message: &str) -> CaptureError {
        let (name, element) = (self.name().to_owned(), "pipeline".to_owned());
        CaptureError::Element { name, element, message: message.to_owned(), debug: None }
    }

    fn missing_decoder(&mut self) -> Option<CaptureError> {
        let Missing { format, package } = self.missing.take()?;
        Some(CaptureError::MissingDecoder { name: self.name().to_owned(), format, package })
    }

    pub(super) fn damaged(&self, frames: u64, reason: String) -> CaptureError {
        CaptureError::Damaged { name: self.name().to_owned(), frames, reason }
    }

    fn element(&self, report: Report) -> CaptureError {
        let Report { element, message, debug, .. } = report;
        CaptureError::Element { name: self.name().to_owned(), element, message, debug }
    }
}

impl Report {
    fn is_damage(&self) -> bool {
        matches!(self.stream, Some(StreamError::Demux | StreamError::Decode | StreamError::Format))
    }

    /// What the server said; GStreamer has no words of its own for a 403.
    fn refusal(self) -> String {
        if self.is_forbidden { "Forbidden".to_owned() } else { self.message }
    }

    fn text(&self) -> String {
        let debug = self.debug.as_deref().map(|text| format!(" ({text})")).unwrap_or_default();
        format!("{}: {}{debug}", self.element, self.message)
    }
}

/// What a `missing-plugin` message asks for; sound that cannot be decoded is no loss.
fn missing(message: &StructureRef) -> Option<Missing> {
    let caps = message.get::<gstreamer::Caps>("detail").ok()?;
    let caps_name = caps.structure(0)?.name();
    if message.name() != "missing-plugin" || caps_name.starts_with("audio/") {
        return None;
    }
    let format = message.get::<String>("name").unwrap_or_else(|_| caps_name.to_string());
    Some(Missing { format, package: package_for_format(caps_name) })
}
