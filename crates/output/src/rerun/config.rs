use std::path::PathBuf;
use std::time::Duration;

/// What is written and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RerunConfig {
    /// Where to.
    pub target: RerunTarget,
    /// How good pictures look, 1 to 100 as JPEG counts it.
    pub jpeg_quality: u8,
    /// What a file may lack at most when the process is killed. Less costs space.
    pub flush: Duration,
    /// Bytes that a file may take together with the one before it; `None` for no limit. A file that has half of them becomes
    /// `NAME.old.rrd`, in place of the one that was, and a new one begins. No less than 8 MiB have an effect: messages come in parts of 4.
    pub quota_bytes: Option<u64>,
    /// How long a viewer may take to answer, or to take what waits for it.
    pub patience: Duration,
}

impl RerunConfig {
    /// The usual numbers: quality 85, files a second behind and as long as they get, 5 seconds for a viewer.
    pub fn new(target: RerunTarget) -> Self {
        let (flush, patience) = (Duration::from_secs(1), Duration::from_secs(5));
        Self { target, jpeg_quality: 85, flush, quota_bytes: None, patience }
    }
}

/// Where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RerunTarget {
    /// A file. One that is there is continued, less a torn end.
    File(PathBuf),
    /// A viewer, such as `rerun+http://127.0.0.1:9876/proxy`; without a port, 9876.
    Viewer(String),
}
