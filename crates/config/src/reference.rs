use std::fmt::Write;

use crate::schema::{Key, Presence, QUEUE_KEYS, ROOT, SINK_KINDS, Section, SinkKind};

const HEAD: &str = "\
# Every key of maskd's configuration: what it does, what it accepts, its default. This file is printed by the program
# (`cargo run -p maskd-config --example reference`); what is a comment here is optional.
#
# Every key can also be set by an environment variable, which then counts: MASKD__SECTION__KEY for a key of a section,
# MASKD__STREAM__NAME__KEY and MASKD__SINK__NAME__KEY for a key of the stream or sink of that name (upper or lower case, \"_\" for
# \"-\"), MASKD__STREAM__NAME__PROMPT__0__KEY for its first prompt. Values are written as in this file; texts need no quotes.
#
# Relative paths are relative to the folder of the configuration file. User names and passwords are not written into it: keys that
# end in _env name the environment variables that hold them.
";

/// `configs/reference.toml`: every key with its documentation, what it accepts, and its default.
pub fn reference() -> String {
    let mut text = HEAD.to_owned();
    for section in ROOT.sections {
        if section.by_kind {
            kinds(&mut text, section);
        } else {
            plain(&mut text, section, "");
        }
    }
    text
}

fn plain(text: &mut String, section: &Section, parent: &str) {
    header(text, section, parent);
    for key in section.keys {
        entry(text, key, "");
    }
    for inner in section.sections {
        plain(text, inner, section.name);
    }
}

fn header(text: &mut String, section: &Section, parent: &str) {
    let path = if parent.is_empty() { section.name.to_owned() } else { format!("{parent}.{}", section.name) };
    let (open, close) = if section.many { ("[[", "]]") } else { ("[", "]") };
    text.push('\n');
    comment(text, section.docs, "");
    line(text, &format!("{open}{path}{close}"), "");
}

/// One example of each kind; what builds may lack is a comment as a whole.
fn kinds(text: &mut String, section: &Section) {
    text.push('\n');
    comment(text, section.docs, "");
    let queue = SINK_KINDS.first().map_or(&[] as &[Key], |kind| kind.keys).iter().filter(|key| is_queue(key));
    for key in section.keys {
        comment(text, &format!("* {}: {} Accepted: {}.{}", key.name, key.docs, key.accepted(), remarks(key)), "");
    }
    for key in queue {
        comment(text, &format!("* {}: {}", key.name, key.docs), "");
    }
    for kind in &SINK_KINDS {
        one_kind(text, section, kind);
    }
}

fn is_queue(key: &Key) -> bool {
    QUEUE_KEYS.contains(&key.name)
}

fn one_kind(text: &mut String, section: &Section, kind: &SinkKind) {
    let prefix = if kind.feature.is_some() { "# " } else { "" };
    text.push('\n');
    comment(text, kind.docs, "");
    if let Some(feature) = kind.feature {
        comment(text, &format!("Only in builds with `--features {feature}`."), "");
    }
    line(text, &section.header(), prefix);
    line(text, &format!("kind = \"{}\"", kind.name), prefix);
    line(text, &format!("name = \"{}\"", kind.name), prefix);
    for key in section.keys.iter().filter(|key| !matches!(key.name, "kind" | "name")) {
        line(text, &format!("{} = {}", key.name, key.presence.shown()), prefix);
    }
    for key in kind.keys {
        entry(text, key, prefix);
    }
}

fn entry(text: &mut String, key: &Key, prefix: &str) {
    // What all kinds have is explained once, above them.
    if !is_queue(key) {
        comment(text, key.docs, prefix);
    }
    comment(text, &format!("Accepted: {}.{}", key.accepted(), remarks(key)), prefix);
    let optional = matches!(key.presence, Presence::Optional { .. });
    let mark = if optional && key.name != SHOWN_OPTION { "# " } else { "" };
    line(text, &format!("{mark}{} = {}", key.name, key.presence.shown()), prefix);
}

/// The example prompt has to show something.
const SHOWN_OPTION: &str = "box";

fn remarks(key: &Key) -> String {
    let mut text = String::new();
    match key.presence {
        Presence::Default(_) => {}
        Presence::Optional { .. } => text.push_str(" Optional."),
        Presence::Required { .. } => text.push_str(" Required."),
    }
    if key.restart {
        text.push_str(" A change waits for a restart.");
    }
    text
}

/// Longest line of a comment.
const WIDTH: usize = 130;

fn comment(text: &mut String, words: &str, prefix: &str) {
    let mut current = format!("{prefix}#");
    for word in words.split_whitespace() {
        if current.chars().count() + 1 + word.chars().count() > WIDTH {
            let full = std::mem::replace(&mut current, format!("{prefix}#"));
            push(text, &full);
        }
        current.push(' ');
        current.push_str(word);
    }
    push(text, &current);
}

fn line(text: &mut String, content: &str, prefix: &str) {
    push(text, &format!("{prefix}{content}"));
}

fn push(text: &mut String, content: &str) {
    // Writing to a string cannot fail.
    let _infallible = writeln!(text, "{content}");
}
