//! The pipeline of a stream, as the RTSP server library takes it. Only numbers enter the text.

use gstreamer::ElementFactory;

use crate::{CameraConfig, CamsimError, Codec};

/// Name of the element that frames are pushed into.
pub(super) const FILM: &str = "film";
/// Name of the payloader, as the RTSP server library wants it.
pub(super) const PAYLOADER: &str = "pay0";

const BAD: &str = "gstreamer1.0-plugins-bad";
const GOOD: &str = "gstreamer1.0-plugins-good";
const UGLY: &str = "gstreamer1.0-plugins-ugly";

/// The elements of a codec and the packages that carry them.
fn parts(codec: Codec) -> [(&'static str, &'static str); 2] {
    match codec {
        Codec::H264 => [("x264enc", UGLY), ("rtph264pay", GOOD)],
        Codec::H265 => [("x265enc", BAD), ("rtph265pay", GOOD)],
        Codec::Mjpeg => [("jpegenc", GOOD), ("rtpjpegpay", GOOD)],
    }
}

/// Whether all elements of a codec are installed.
pub(super) fn check(codec: Codec) -> Result<(), CamsimError> {
    let missing = parts(codec).into_iter().find(|(factory, _)| ElementFactory::find(factory).is_none());
    missing.map_or(Ok(()), |(factory, package)| Err(CamsimError::MissingElement { factory, package }))
}

/// Pictures in, RTP packets out.
pub(super) fn describe(config: &CameraConfig) -> String {
    let offset = config.rtp_offset.map(|offset| format!(" timestamp-offset={offset}")).unwrap_or_default();
    format!(
        "( appsrc name={FILM} is-live=true format=time max-buffers=4 leaky-type=downstream \
         ! videoconvert ! video/x-raw,format=I420 ! {} name={PAYLOADER}{offset} )",
        encoder(config)
    )
}

/// Encoder and payloader; the text ends where the payloader's properties go on.
fn encoder(config: &CameraConfig) -> String {
    let interval = config.key_interval;
    match (config.codec, config.bitrate_kbit) {
        (Codec::H264, bitrate) => {
            let rate = bitrate.map_or("pass=qual quantizer=21".to_owned(), |kbit| format!("bitrate={kbit}"));
            format!(
                "x264enc tune=zerolatency speed-preset=ultrafast threads=1 key-int-max={interval} {rate} \
                 option-string=scenecut=0 ! rtph264pay pt=96 config-interval=-1"
            )
        }
        (Codec::H265, bitrate) => {
            let rate = bitrate.map_or("crf=23".to_owned(), |kbit| format!("bitrate={kbit}"));
            format!(
                "x265enc tune=zerolatency speed-preset=ultrafast key-int-max={interval} log-level=none \
                 option-string=\"{rate}:scenecut=0:frame-threads=1:pools=none\" ! h265parse ! rtph265pay pt=96 \
                 config-interval=-1"
            )
        }
        (Codec::Mjpeg, _) => "jpegenc quality=90 ! rtpjpegpay".to_owned(),
    }
}
