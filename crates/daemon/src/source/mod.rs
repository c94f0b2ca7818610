//! From a stream's configuration to frames in the inlet.

mod pace;
mod scene;

use std::sync::Arc;
use std::time::Duration;

use maskd_capture::Credentials as Login;
use maskd_capture::{
    CaptureError, CaptureOptions, Delivery, Opener, RtspTransport, Source, Supervisor, SupervisorConfig, supervise,
};
use maskd_config::{Credentials, Secret, StreamConfig, Transport};
use maskd_scene::SceneError;
use maskd_tracker::StreamId;

use crate::DaemonError;
use crate::inlet::Inlet;

use pace::Pace;
pub use scene::SceneSource;

/// Opens whatever a stream's source may be: all that [`maskd_capture::open`] knows, and rendered scenes.
///
/// # Errors
/// As [`maskd_capture::open`].
pub(crate) fn open(source: &maskd_config::Source, options: &CaptureOptions) -> Result<Box<dyn Source>, CaptureError> {
    match source {
        maskd_config::Source::Scene(address) => {
            let unusable =
                |error: SceneError| CaptureError::Address { name: address.clone(), reason: error.to_string() };
            Ok(Box::new(SceneSource::new(address).map_err(unusable)?))
        }
        other => maskd_capture::open(&other.reveal(), options),
    }
}

/// How the source of a stream is to be opened.
pub(crate) fn capture_options(config: &StreamConfig, credentials: &Credentials) -> CaptureOptions {
    let reveal = |secret: &Option<Secret>| secret.as_ref().map(Secret::reveal).unwrap_or_default().to_owned();
    let given = credentials.user.is_some() || credentials.password.is_some();
    CaptureOptions {
        max_pixels: config.max_pixels,
        rtsp_transport: match config.transport {
            Transport::Tcp => RtspTransport::Tcp,
            Transport::Udp => RtspTransport::Udp,
        },
        rtsp_latency_ms: u32::try_from(config.latency.as_millis()).unwrap_or(u32::MAX),
        tls_certificate: config.tls_certificate.clone(),
        credentials: given.then(|| Login::new(reveal(&credentials.user), reveal(&credentials.password))),
        ..CaptureOptions::default()
    }
}

/// Keeps the source of a stream running; its frames and states go into the stream's lane.
pub(crate) fn start(
    config: &StreamConfig,
    credentials: &Credentials,
    stream: StreamId,
    inlet: Arc<Inlet>,
) -> Result<Supervisor, DaemonError> {
    let source = config.source.clone();
    let opener: Opener = Box::new(move |options| open(&source, options));
    let mut policy = SupervisorConfig { repeat: config.repeat, ..SupervisorConfig::default() };
    let quiet = policy.capture.stall_timeout;
    policy.capture = CaptureOptions {
        stall_timeout: config.stall.unwrap_or(quiet),
        open_timeout: Duration::from_secs(20),
        ..capture_options(config, credentials)
    };
    inlet.open(stream, config.is_live());
    let lane = Arc::clone(&inlet);
    let mut pace = (config.realtime && !config.source.is_live()).then(Pace::default);
    let deliver = Box::new(move |delivery| match delivery {
        Delivery::Frame(frame) => {
            let frame = match &mut pace {
                Some(pace) => pace.keep(frame),
                None => frame,
            };
            lane.put_frame(stream, frame);
        }
        Delivery::Status(status) => lane.put_status(stream, status),
    });
    supervise(config.name.as_str().into(), opener, policy, deliver)
        .map_err(|source| DaemonError::Thread { part: format!("the source of {}", config.name), source })
}
