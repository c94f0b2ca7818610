/// Debian's package that carries a reader of a format, by the name of its caps.
pub(crate) fn package_for_format(caps_name: &str) -> &'static str {
    match caps_name {
        "video/quicktime" | "video/x-matroska" | "video/webm" | "video/x-msvideo" | "video/x-flv" | "image/jpeg"
        | "video/x-vp8" | "video/x-vp9" | "application/x-rtp" | "image/png" => "gstreamer1.0-plugins-good",
        "video/mpegts" | "video/x-av1" | "image/webp" => "gstreamer1.0-plugins-bad",
        "video/x-theora" | "application/ogg" => "gstreamer1.0-plugins-base",
        "video/x-ms-asf" => "gstreamer1.0-plugins-ugly",
        _ => "gstreamer1.0-libav (and gstreamer1.0-plugins-bad for its parser)",
    }
}
