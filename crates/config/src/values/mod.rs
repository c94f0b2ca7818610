//! Values that are written as text and mean more than text: each parses with a reason for what it refuses, and prints as it
//! would be written.

mod address;
mod bytes;
mod checkpoint;
mod device;
mod origin;
mod rtsp;
mod scheme;
mod secret;
mod source;
mod target;

pub use address::{BrokerAddress, HostPort};
pub(crate) use bytes::parse as parse_bytes;
pub use checkpoint::CheckpointSpec;
pub use device::DeviceSpec;
pub use origin::WebOrigin;
pub use rtsp::RtspUrl;
pub use scheme::SourceScheme;
pub use secret::Secret;
pub use source::Source;
pub use target::{NdjsonTarget, RerunTarget, SocketTarget};

/// Why a text is not a value of the type that was asked for; says nothing of the text itself, which may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ValueError(pub(crate) String);

impl ValueError {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// Serde for types that are written as text.
macro_rules! text_serde {
    ($($type:ty),+) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

text_serde!(BrokerAddress, CheckpointSpec, DeviceSpec, NdjsonTarget, RerunTarget, Source, WebOrigin);
