//! The table of all keys: what there is, what it defaults to, what it accepts. Validation, `configs/reference.toml`, the JSON
//! Schema and the names of environment variables all come from it.

mod format;
mod http;
mod kind;
mod root;
mod sink;
mod stream;

pub(crate) use format::{Format, Shown};
pub(crate) use kind::{COORDINATE_LIMIT, Kind};
pub(crate) use root::ROOT;
pub(crate) use sink::{QUEUE_KEYS, SINK_KINDS};

/// One key.
#[derive(Debug)]
pub(crate) struct Key {
    pub name: &'static str,
    pub kind: Kind,
    pub presence: Presence,
    /// Unit of the number, in words; empty where it has none.
    pub unit: &'static str,
    /// One sentence, without what `kind` and `unit` say.
    pub docs: &'static str,
    /// Whether a change waits for a restart.
    pub restart: bool,
}

/// What holds where the key is left out. Values are TOML.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Presence {
    Default(&'static str),
    Optional { example: &'static str },
    Required { example: &'static str },
}

impl Presence {
    /// What the reference shows.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Default(value) | Self::Optional { example: value } | Self::Required { example: value } => value,
        }
    }
}

impl Key {
    const fn new(name: &'static str, kind: Kind, presence: Presence, docs: &'static str) -> Self {
        Self { name, kind, presence, unit: "", docs, restart: false }
    }

    const fn default(name: &'static str, kind: Kind, value: &'static str, docs: &'static str) -> Self {
        Self::new(name, kind, Presence::Default(value), docs)
    }

    const fn optional(name: &'static str, kind: Kind, example: &'static str, docs: &'static str) -> Self {
        Self::new(name, kind, Presence::Optional { example }, docs)
    }

    const fn required(name: &'static str, kind: Kind, example: &'static str, docs: &'static str) -> Self {
        Self::new(name, kind, Presence::Required { example }, docs)
    }

    const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    const fn restart(self) -> Self {
        Self { restart: true, ..self }
    }

    /// What the key accepts, in words.
    pub fn accepted(&self) -> String {
        match self.unit {
            "" => self.kind.accepted(),
            unit => format!("{} ({unit})", self.kind.accepted()),
        }
    }
}

/// A table of keys, or a list of such tables.
#[derive(Debug)]
pub(crate) struct Section {
    pub name: &'static str,
    pub docs: &'static str,
    /// Whether there may be several: `[[name]]`.
    pub many: bool,
    pub keys: &'static [Key],
    pub sections: &'static [Section],
    /// Whether there are further keys by the value of `kind`.
    pub by_kind: bool,
}

impl Section {
    const fn one(name: &'static str, docs: &'static str, keys: &'static [Key]) -> Self {
        Self { name, docs, many: false, keys, sections: &[], by_kind: false }
    }

    const fn many(name: &'static str, docs: &'static str, keys: &'static [Key]) -> Self {
        Self { many: true, ..Self::one(name, docs, keys) }
    }

    /// How its header is written.
    pub fn header(&self) -> String {
        if self.many { format!("[[{}]]", self.name) } else { format!("[{}]", self.name) }
    }
}

/// One kind of sink.
#[derive(Debug)]
pub(crate) struct SinkKind {
    pub name: &'static str,
    pub docs: &'static str,
    /// The cargo feature that has it, where not every build does.
    pub feature: Option<&'static str>,
    pub keys: &'static [Key],
}

impl SinkKind {
    pub fn named(name: &str) -> Option<&'static Self> {
        SINK_KINDS.iter().find(|kind| kind.name == name)
    }
}
