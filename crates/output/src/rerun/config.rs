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
    /// How long a viewer may take to answer, or to take what waits for it.
    pub patience: Duration,
}

impl RerunConfig {
    /// The usual numbers: quality 85, files a second behind, 5 seconds for a viewer.
    pub fn new(target: RerunTarget) -> Self {
        Self { target, jpeg_quality: 85, flush: Duration::from_secs(1), patience: Duration::from_secs(5) }
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
