use std::fmt;

use serde::{Serialize, Serializer};

/// A text that must not be shown. Whatever prints it prints `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for the one who needs it to log in.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reveal_shows_a_secret() {
        let secret = Secret::new("hunter2".into());
        let json = serde_json::to_string(&secret).unwrap();
        assert_eq!((format!("{secret}"), format!("{secret:?}"), json), ("***".into(), "***".into(), "\"***\"".into()));
        assert_eq!(secret.reveal(), "hunter2");
    }
}
