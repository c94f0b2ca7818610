use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gstreamer::glib::Object;
use gstreamer::prelude::*;
use gstreamer::{Element, Pipeline};

/// The certificate of a camera that nobody known has signed, which is what most cameras have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate(String);

impl Certificate {
    /// The first certificate in a PEM text.
    pub(crate) fn read(pem: &str) -> Option<Self> {
        let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
        let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
        let body: String = body.split_whitespace().collect();
        (!body.is_empty()).then_some(Self(body))
    }
}

/// Whether a source was shown a certificate that it did not take; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Distrust(Arc<AtomicBool>);

impl Distrust {
    /// Whether one was.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Has the source of a pipeline take this very certificate, whatever name or date it has. Any other has to pass the system's rules, as
/// without it.
pub(crate) fn accept(pipeline: &Pipeline, known: Option<Certificate>) -> Distrust {
    let distrust = Distrust::default();
    let sources = pipeline.iterate_sources().into_iter().flatten();
    for source in sources.filter(knows_certificates) {
        let (known, distrust) = (known.clone(), distrust.clone());
        // Asked where the system's rules have found something wrong.
        source.connect("accept-certificate", false, move |values| {
            // Element, connection, certificate, what is wrong with it.
            let shown = values.get(2).and_then(|value| value.get::<Object>().ok());
            let pem = shown.and_then(|shown| shown.property::<Option<String>>("certificate-pem"));
            let accepted = known.is_some() && pem.as_deref().and_then(Certificate::read) == known;
            distrust.0.fetch_or(!accepted, Ordering::AcqRel);
            Some(accepted.to_value())
        });
    }
    distrust
}

fn knows_certificates(source: &Element) -> bool {
    gstreamer::glib::subclass::SignalId::lookup("accept-certificate", source.type_()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_the_same_however_their_lines_break() {
        let pem = |body: &str| format!("subject=x\n-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        let read = |body: &str| Certificate::read(&pem(body));
        assert!(read("AbC=").is_some());
        assert_eq!(read("AbC="), read("Ab\r\nC="));
        assert_ne!(read("AbC="), read("AbD="));
        assert_eq!(read(" \n"), None);
        assert_eq!(Certificate::read("-----BEGIN PRIVATE KEY-----\nAbC=\n-----END PRIVATE KEY-----"), None);
    }
}
