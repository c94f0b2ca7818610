//! Players as processes.

use std::io::Read;
use std::process::{Child, Command, Stdio};

/// Whether ffmpeg is here; says so where it is not.
pub fn ffmpeg_is_missing() -> bool {
    let missing = ["ffmpeg", "ffprobe", "gst-launch-1.0"]
        .into_iter()
        .find(|program| Command::new(program).arg("--help").output().is_err());
    if let Some(program) = missing {
        eprintln!("SKIPPED: {program} is not installed");
    }
    missing.is_some()
}

/// A player whose decoded pictures, RGB of a known size, come out of a pipe.
pub struct Player {
    child: Child,
    size: usize,
}

impl Player {
    pub fn ffmpeg(url: &str, [width, height]: [usize; 2], transport: &str) -> Self {
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-nostdin", "-rtsp_transport", transport]);
        command.args(["-analyzeduration", "200000", "-fflags", "nobuffer", "-i", url]);
        // Every picture as it comes, none doubled or left out to make a constant rate.
        command.args(["-vsync", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]);
        Self::spawn(command, width * height * 3)
    }

    pub fn gstreamer(url: &str, [width, height]: [usize; 2]) -> Self {
        let mut command = Command::new("gst-launch-1.0");
        let chain = "rtspsrc name=source protocols=tcp latency=0 ! rtph264depay ! avdec_h264 ! videoconvert \
                     ! video/x-raw,format=RGB ! fdsink sync=false";
        command.arg("-q").args(chain.split_whitespace().map(|word| match word {
            "name=source" => format!("location={url}"),
            word => word.to_owned(),
        }));
        Self::spawn(command, width * height * 3)
    }

    fn spawn(mut command: Command, size: usize) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Self { child, size }
    }

    /// The next decoded picture; `None` where the player gave up.
    pub fn picture(&mut self) -> Option<Vec<u8>> {
        let mut picture = vec![0; self.size];
        self.child.stdout.as_mut().unwrap().read_exact(&mut picture).ok().map(|()| picture)
    }

    /// What a player that gives up says.
    pub fn complaint(mut self) -> String {
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Mean difference of two pictures' bytes.
pub fn difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64
}
