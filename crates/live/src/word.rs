use serde::Deserialize;

/// What a viewer says, as JSON in a text message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Word {
    /// The frame with this ticket is drawn, and with it all before.
    pub ack: Option<u32>,
    /// The picture is so many pixels wide on the screen.
    pub width: Option<u32>,
    /// Whether nobody looks.
    pub pause: Option<bool>,
}

impl Word {
    /// `None` for what no viewer says. Words that are not known are passed over: a newer page may say more.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_understood_and_noise_is_not() {
        assert_eq!(Word::read(r#"{"ack":7}"#), Some(Word { ack: Some(7), ..Word::default() }));
        assert_eq!(
            Word::read(r#"{"width":640,"pause":true,"zoom":2}"#),
            Some(Word { width: Some(640), pause: Some(true), ack: None })
        );
        for noise in ["", "7", "[]x", r#"{"ack":-1}"#, r#"{"ack":"7"}"#, r#"{"width":1e99}"#] {
            assert_eq!(Word::read(noise), None, "{noise}");
        }
    }
}
