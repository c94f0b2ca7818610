use std::fmt;
use std::path::PathBuf;

use crate::finding::Finding;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigErrors {
    /// The file cannot be read.
    #[error("the configuration file {} cannot be read; check the path and its permissions", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// All that is wrong with it, in the order of the lines; what environment variables got wrong comes last.
    #[error("{}", Lines(.0))]
    Findings(Vec<Finding>),
    /// The table of keys and the types of this crate do not fit: a fault of the program.
    #[error(
        "the table of keys and the types behind it do not fit together; this is a fault of maskd, please report it"
    )]
    Table(#[source] Box<toml::de::Error>),
}

impl ConfigErrors {
    /// What is wrong with the configuration; empty where it could not even be read.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Findings(findings) => findings,
            _ => &[],
        }
    }
}

struct Lines<'a>(&'a [Finding]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            finding.fmt(f)?;
        }
        Ok(())
    }
}
