//! Goes through a document along the table of keys: reports what does not fit and completes what is left out, so that the
//! result always has the shape of the types, whatever was written.

use toml::Value;

use crate::check::check;
use crate::document::{Data, Node, Table, plain, variable};
use crate::features::Features;
use crate::finding::Place;
use crate::report::{MISSING, Report};
use crate::schema::{Key, Presence, QUEUE_KEYS, ROOT, Section, SinkKind};
use crate::suggest::instead_of;

/// What every stream and every sink is called in messages, in their order: `stream.yard`.
#[derive(Default)]
pub(crate) struct Labels {
    pub streams: Vec<String>,
    pub sinks: Vec<String>,
}

/// Checks all of it.
pub(crate) fn validate(tree: &Table, features: Features, report: &mut Report) -> (Value, Labels) {
    let mut walk = Walk { features, report, labels: Labels::default() };
    let value = walk.section(&ROOT, tree, "", &Place::Document);
    (Value::Table(value), walk.labels)
}

struct Walk<'a> {
    features: Features,
    report: &'a mut Report,
    labels: Labels,
}

impl Walk<'_> {
    /// One table.
    fn section(&mut self, section: &'static Section, table: &Table, label: &str, place: &Place) -> toml::Table {
        let kind = if section.by_kind { self.kind_of(table, label) } else { None };
        let own = kind.map_or(&[] as &[Key], |kind| kind.keys);
        // Without its kind nobody knows which further keys a table may have.
        if kind.is_some() || !section.by_kind {
            self.unknown(section, own, table, label);
        }
        let mut result = toml::Table::new();
        for key in section.keys.iter().chain(own) {
            if let Some(value) = self.key(key, table, label, place) {
                result.insert(key.name.into(), value);
            }
        }
        for section in section.sections {
            let value = self.subsection(section, table, &join(label, section.name), place);
            result.insert(section.name.into(), value);
        }
        if let Some(kind) = kind { nest(result, kind) } else { result }
    }

    fn subsection(&mut self, section: &'static Section, table: &Table, label: &str, place: &Place) -> Value {
        let given = table.get(section.name);
        if let Some((place, _)) = given {
            self.report.note(label, place);
        }
        match given.map(|(place, node)| (place, node, &node.data)) {
            Some((_, _, Data::List(items))) if section.many => self.items(section, items, label),
            Some((place, _, Data::Table(table))) if !section.many => {
                Value::Table(self.section(section, table, label, place))
            }
            None if section.many => Value::Array(Vec::new()),
            None => Value::Table(self.section(section, &Table::new(), label, place)),
            Some((_, node, _)) => {
                self.report.find(&node.place, label, node.describe(), section.header());
                if section.many { Value::Array(Vec::new()) } else { Value::Table(self.fallback(section)) }
            }
        }
    }

    /// What a table would be that says nothing; nothing is reported of it.
    fn fallback(&mut self, section: &'static Section) -> toml::Table {
        let mut ignored = Report::new(std::path::Path::new(""));
        let mut walk = Walk { features: self.features, report: &mut ignored, labels: Labels::default() };
        walk.section(section, &Table::new(), "", &Place::Document)
    }

    /// A list of tables.
    fn items(&mut self, section: &'static Section, items: &[Node], label: &str) -> Value {
        let mut names: Vec<&str> = Vec::new();
        let mut values = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let Data::Table(table) = &item.data else {
                self.report.find(&item.place, &format!("{label}[{index}]"), item.describe(), section.header());
                continue;
            };
            let name = name_of(section, table).filter(|name| !names.contains(name));
            names.extend(name);
            let label = name.map_or_else(|| format!("{label}[{index}]"), |name| format!("{label}.{name}"));
            self.report.note(&label, &item.place);
            let value = self.section(section, table, &label, &item.place);
            if section.by_kind && !value.contains_key("target") {
                continue; // of no known kind, which has been reported
            }
            self.remember(section, label);
            values.push(Value::Table(value));
        }
        Value::Array(values)
    }

    fn remember(&mut self, section: &Section, label: String) {
        match section.name {
            "stream" => self.labels.streams.push(label),
            "sink" => self.labels.sinks.push(label),
            _ => {}
        }
    }

    /// One key: its value, or what stands in for it; `None` where there is none and none is needed.
    fn key(&mut self, key: &'static Key, table: &Table, label: &str, place: &Place) -> Option<Value> {
        let path = join(label, key.name);
        match (table.get(key.name), key.presence) {
            (Some((_, node)), _) => {
                self.report.note(&path, &node.place);
                Some(check(&key.kind, node).unwrap_or_else(|rejected| {
                    self.report.find(&rejected.place, &path, rejected.found, key.accepted());
                    stand_in(key)
                }))
            }
            (None, Presence::Default(_)) => Some(stand_in(key)),
            (None, Presence::Optional { .. }) => None,
            (None, Presence::Required { .. }) => {
                self.report.find(place, &path, MISSING, key.accepted());
                Some(stand_in(key))
            }
        }
    }

    fn unknown(&mut self, section: &Section, own: &[Key], table: &Table, label: &str) {
        let keys = section.keys.iter().chain(own).map(|key| key.name);
        let known: Vec<&str> = keys.chain(section.sections.iter().map(|section| section.name)).collect();
        for (name, (place, _)) in table.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            self.report.find(place, &join(label, &plain(name)), "an unknown key", instead_of(name, &known));
        }
    }

    /// The kind of a sink, if there is such a kind; whether this build has it is reported here.
    fn kind_of(&mut self, table: &Table, label: &str) -> Option<&'static SinkKind> {
        let (_, node) = table.get("kind")?;
        let Data::Text(name) = &node.data else { return None };
        let kind = SinkKind::named(name)?;
        if let Some(feature) = kind.feature.filter(|feature| !self.features.has(feature)) {
            let found = format!("{name:?}, which this build of maskd does not have");
            let accepted = format!("another kind, or a build with `--features {feature}`");
            self.report.find(&node.place, &join(label, "kind"), found, accepted);
        }
        Some(kind)
    }
}

/// The name by which messages call an item; prompts are called by their position, since objects may share them.
fn name_of<'a>(section: &Section, table: &'a Table) -> Option<&'a str> {
    match table.get("name").map(|(_, node)| &node.data) {
        Some(Data::Text(name)) if section.name != "prompt" && is_short(name) => Some(name),
        _ => None,
    }
}

fn is_short(name: &str) -> bool {
    (1..=64).contains(&name.len()) && !name.chars().any(char::is_control)
}

fn join(label: &str, name: &str) -> String {
    if label.is_empty() { name.to_owned() } else { format!("{label}.{name}") }
}

/// The default, or the example of a key that has none: only what is reported as wrong ever gets the latter.
fn stand_in(key: &'static Key) -> Value {
    let node = variable(key.presence.shown(), &key.kind, &Place::Document);
    check(&key.kind, &node).unwrap_or_else(|_| Value::String(String::new()))
}

/// Gives a sink the shape of its type: what the kind has of its own goes one level down.
fn nest(table: toml::Table, kind: &SinkKind) -> toml::Table {
    let is_own = |name: &str| kind.keys.iter().any(|key| key.name == name) && !QUEUE_KEYS.contains(&name);
    let (own, mut shared): (toml::Table, toml::Table) = table.into_iter().partition(|(name, _)| is_own(name));
    shared.remove("kind");
    let target = toml::Table::from_iter([(kind.name.to_owned(), Value::Table(own))]);
    shared.insert("target".into(), Value::Table(target));
    shared
}
