use std::io;
use std::net::IpAddr;
use std::path::PathBuf;

use super::AddressKind;
use crate::values::SourceScheme;

/// Why a stream with a certain source may not be added. Says nothing of user, password and query of an address.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Not one of the kinds that may be added.
    #[error("sources of the kind \"{scheme}\" may not be added here; `source_schemes` in [http] would have to name it")]
    Scheme {
        /// The kind.
        scheme: SourceScheme,
    },
    /// A path that means another file in another working directory.
    #[error("{path:?} is not the whole path of a file or folder, from the root on")]
    Relative {
        /// The path as it was given.
        path: PathBuf,
    },
    /// Under none of the folders, or led out of them by a link.
    #[error(
        "{path:?} lies under no folder that may be read from here; `source_roots` in [http] would have to name one above it"
    )]
    Outside {
        /// The path as it was given.
        path: PathBuf,
    },
    /// Under one of the folders, and not there. Of paths elsewhere it is not said whether they are there.
    #[error("{path:?} cannot be opened")]
    Missing {
        /// The path as it was given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No device file of a camera: opening others can do harm.
    #[error("{path:?} is no camera of this machine, which is /dev/video and a number, or a link to it")]
    NoCamera {
        /// The path as it was given.
        path: PathBuf,
    },
    /// An address that programs read differently, so that the host is another one for each.
    #[error(
        "the address can be read in more than one way; in user and password write %23 for \"#\", %40 for \"@\" and %5C for \"\\\", and leave \
         out spaces and what follows a \"#\""
    )]
    Ambiguous,
    /// Neither an address in its usual form nor a name.
    #[error(
        "{host:?} is neither an address such as 192.168.0.20 or [fd00::20] nor a name of letters, digits, \"-\" and \"_\" between dots"
    )]
    Host {
        /// The host as it was given.
        host: String,
    },
    /// A name whose addresses are not known, so that nothing can be said about them.
    #[error("the address of {host:?} cannot be found")]
    Unresolved {
        /// The name.
        host: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// An address where no camera is.
    #[error(
        "{host:?} is at {address}, {kind}; no key allows that over the API, only a [[stream]] of the configuration file may have it"
    )]
    Address {
        /// The host as it was given.
        host: String,
        /// The first of its addresses that is refused.
        address: IpAddr,
        /// What the address is.
        kind: AddressKind,
    },
}

impl PolicyError {
    /// The key that would have to say something else for the source to be let through; `None` where none would help.
    pub fn key(&self) -> Option<&'static str> {
        match self {
            Self::Scheme { .. } => Some("http.source_schemes"),
            Self::Outside { .. } => Some("http.source_roots"),
            _ => None,
        }
    }
}
