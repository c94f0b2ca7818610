//! What to do where an input gives no frames.

use maskd_capture::CaptureError;

use crate::exit::{Advice, Code};

impl Advice for CaptureError {
    fn code(&self) -> Code {
        match self {
            Self::UnknownScheme { .. } | Self::Address { .. } => Code::Usage,
            _ => Code::RunTime,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::UnknownScheme { .. } | Self::Address { .. } => {
                "INPUT is a video file, a folder of frames, an image, rtsp://..., v4l2:///dev/videoN or scene://"
            }
            Self::NotFound { .. } => "check the path for typing errors; it is relative to the current folder",
            Self::Unauthorised { .. } => "give the right user and password: rtsp://USER:PASSWORD@camera/path",
            Self::Certificate { .. } => {
                "let the system trust who signed it (update-ca-certificates), or name it in [[stream]] tls_certificate of `maskd run`"
            }
            Self::Unreadable { .. } => "check the file's permissions",
            Self::WrongKind { .. } => "give a video file, a folder of JPEG or PNG frames, or an image",
            Self::EmptyFile { .. } | Self::NoFrames { .. } => "copy or record the video again; there is nothing in it",
            Self::NotVideo { .. } | Self::NoVideoStream { .. } => {
                "play it with `gst-play-1.0` to see what it is, and give a file that holds video"
            }
            Self::Damaged { .. } => {
                "everything before the damage has been tracked and written; copy or download the file again for the rest"
            }
            Self::MissingElement { package, .. } | Self::MissingDecoder { package, .. } => {
                return format!("on Debian: apt install {package}");
            }
            Self::TooLarge { .. } => "scale the video down first",
            Self::Image { .. } => "open the picture in a viewer and save it again as JPEG or PNG",
            Self::SizeChange { .. } => "scale all pictures to one size, or put them into folders of their own",
            Self::SameFrame { .. } => "keep one picture per frame number",
            Self::Timeout { .. } => "check that the camera is switched on and reachable, then try again",
            Self::Element { .. } | Self::BadFrame { .. } => {
                "check that `gst-play-1.0` plays it; run again with GST_DEBUG=3 for GStreamer's own log"
            }
            Self::Initialise(_) | Self::Description { .. } => {
                "check the GStreamer installation; on Debian: apt install gstreamer1.0-plugins-base gstreamer1.0-plugins-good"
            }
            Self::Interrupted => "run it again",
        }
        .into()
    }
}
