//! GStreamer chains of maskd from descriptions that are data.
