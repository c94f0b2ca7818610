use super::Format;

/// What a key accepts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Bool,
    /// A whole number, a multiple of `step`.
    Integer {
        least: i64,
        most: i64,
        step: i64,
    },
    /// Any number.
    Number {
        least: f64,
        most: f64,
    },
    /// A number of bytes, or a text such as `20 GB`.
    Bytes {
        least: i64,
    },
    /// One of these texts.
    Word(&'static [&'static str]),
    Text(&'static Format),
    /// A list of different ones of these texts.
    Words(&'static [&'static str]),
    /// A list of different texts.
    Texts(&'static Format),
    Points,
    Edges,
}

/// Farther than any pixel.
pub(crate) const COORDINATE_LIMIT: f64 = 65536.0;

impl Kind {
    pub const fn integer(least: i64, most: i64) -> Self {
        Self::Integer { least, most, step: 1 }
    }

    pub const fn number(least: f64, most: f64) -> Self {
        Self::Number { least, most }
    }

    /// What it accepts, in words.
    pub fn accepted(&self) -> String {
        match self {
            Self::Bool => "true or false".into(),
            Self::Integer { least, most: i64::MAX, step: 1 } => format!("a whole number from {least} up"),
            Self::Integer { least, most, step: 1 } => format!("a whole number from {least} to {most}"),
            Self::Integer { least, most, step } => format!("a multiple of {step} from {least} to {most}"),
            Self::Number { least, most } => format!("a number from {least} to {most}"),
            Self::Bytes { least } => {
                format!(
                    "a number of bytes from {least} up, or a text such as \"20 GB\" (kB, MB, GB, TB, KiB, MiB, GiB, TiB)"
                )
            }
            Self::Word(words) => list_of(words),
            Self::Words(words) => format!("a list of different texts, each {}", list_of(words)),
            Self::Text(format) => format.accepted.into(),
            Self::Texts(format) => format!("a list of different texts, each {}", format.accepted),
            Self::Points => "a list of points [x, y, 1] (part of the object) and [x, y, 0] (not part of it)".into(),
            Self::Edges => "[x0, y0, x1, y1] with x0 < x1 and y0 < y1".into(),
        }
    }

    /// Whether an environment variable's text is the value itself, so that it needs no quotes.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Word(_) | Self::Text(_))
    }
}

fn list_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
