//! Values from environment variables: `MASKD__HTTP__LISTEN`, `MASKD__STREAM__YARD__SOURCE`,
//! `MASKD__STREAM__YARD__PROMPT__0__BOX`; upper or lower case, `_` for `-` in names.

use super::{Data, Node, Table, quote, variable};
use crate::environment::{Environment, PREFIX};
use crate::finding::Place;
use crate::report::Report;
use crate::schema::{Key, ROOT, SINK_KINDS, Section};
use crate::suggest::nearest;

/// Puts the values of overrides where they belong; those that belong nowhere are reported.
pub(crate) fn apply(tree: &mut Table, environment: &Environment, report: &mut Report) {
    let mut targets = Vec::new();
    collect(&ROOT, tree, &Way::default(), &mut targets);
    for (name, value) in environment.overrides() {
        let place = Place::Variable(name.to_owned());
        let wanted = normal(name);
        let matching: Vec<&Target> = targets.iter().filter(|target| target.name == wanted).collect();
        match (matching.as_slice(), value) {
            ([target], Some(text)) => put(tree, target, variable(text, &target.key.kind, &place)),
            ([target], None) => report.find(&place, &target.label, "bytes that are no UTF-8", target.key.accepted()),
            ([], _) => report.find(&place, "", "a variable for no key", accepted(&wanted, &targets)),
            (several, _) => report.find(&place, "", format!("a variable for {} keys", several.len()), DISTINCT),
        }
    }
}

const DISTINCT: &str = "names of streams and sinks that differ in more than case, \"-\" and \"_\"";

/// A key that a variable may set.
struct Target {
    name: String,
    label: String,
    steps: Vec<Step>,
    key: &'static Key,
}

#[derive(Clone)]
enum Step {
    Into(&'static str),
    Item(usize),
}

/// How to get to a table: by a variable's name, for people, in the tree.
#[derive(Clone, Default)]
struct Way {
    name: String,
    label: String,
    steps: Vec<Step>,
}

impl Way {
    fn to(&self, section: &'static Section) -> Self {
        let dot = if self.label.is_empty() { "" } else { "." };
        let mut steps = self.steps.clone();
        steps.push(Step::Into(section.name));
        Self {
            name: format!("{}__{}", self.name, section.name),
            label: format!("{}{dot}{}", self.label, section.name),
            steps,
        }
    }

    fn at(&self, index: usize, table: &Table) -> Self {
        let (name, label) = match table.get("name").map(|(_, node)| &node.data) {
            Some(Data::Text(name)) if self.steps.len() == 1 => (name.clone(), format!("{}.{name}", self.label)),
            _ => (index.to_string(), format!("{}[{index}]", self.label)),
        };
        let mut steps = self.steps.clone();
        steps.push(Step::Item(index));
        Self { name: format!("{}__{name}", self.name), label, steps }
    }
}

fn collect(section: &'static Section, table: &Table, way: &Way, targets: &mut Vec<Target>) {
    let target = |key: &'static Key| Target {
        name: normal(&format!("MASKD{}__{}", way.name, key.name)),
        label: format!("{}.{}", way.label, key.name),
        steps: way.steps.clone(),
        key,
    };
    targets.extend(section.keys.iter().chain(keys_by_kind(section, table)).map(target));
    for section in section.sections {
        let way = way.to(section);
        match table.get(section.name).map(|(_, node)| &node.data) {
            Some(Data::List(items)) if section.many => collect_items(section, items, &way, targets),
            Some(Data::Table(table)) if !section.many => collect(section, table, &way, targets),
            None if !section.many => collect(section, &Table::new(), &way, targets),
            // Not what it should be, which is found later.
            _ => {}
        }
    }
}

fn collect_items(section: &'static Section, items: &[Node], way: &Way, targets: &mut Vec<Target>) {
    for (index, item) in items.iter().enumerate() {
        if let Data::Table(table) = &item.data {
            collect(section, table, &way.at(index, table), targets);
        }
    }
}

/// The keys of all kinds, once each, those of the table's own kind first: the kind itself may be overridden.
fn keys_by_kind(section: &Section, table: &Table) -> Vec<&'static Key> {
    if !section.by_kind {
        return Vec::new();
    }
    let own = match table.get("kind").map(|(_, node)| &node.data) {
        Some(Data::Text(kind)) => kind.as_str(),
        _ => "",
    };
    let (first, rest): (Vec<_>, Vec<_>) = SINK_KINDS.iter().partition(|kind| kind.name == own);
    let mut keys: Vec<&'static Key> = Vec::new();
    for key in first.iter().chain(&rest).flat_map(|kind| kind.keys) {
        if !keys.iter().any(|known| known.name == key.name) {
            keys.push(key);
        }
    }
    keys
}

fn normal(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

fn accepted(wanted: &str, targets: &[Target]) -> String {
    let near = nearest(wanted, targets.iter().map(|target| target.name.as_str()));
    let form = format!("{PREFIX}SECTION__KEY, MASKD__STREAM__NAME__KEY or MASKD__SINK__NAME__KEY");
    match near {
        Some(name) => format!("{} (did you mean that?), or {form}", quote(name)),
        None => form,
    }
}

fn put(tree: &mut Table, target: &Target, value: Node) {
    let place = value.place.clone();
    let mut table = tree;
    let mut steps = target.steps.iter();
    while let Some(Step::Into(name)) = steps.next() {
        let empty = || (place.clone(), Node { place: place.clone(), data: Data::Table(Table::new()) });
        let (_, node) = table.entry((*name).to_owned()).or_insert_with(empty);
        let next = match (&mut node.data, steps.clone().next()) {
            (Data::List(items), Some(Step::Item(index))) => {
                steps.next();
                items.get_mut(*index).map(|item| &mut item.data)
            }
            (data, _) => Some(data),
        };
        let Some(Data::Table(inner)) = next else { return };
        table = inner;
    }
    table.insert(target.key.name.to_owned(), (place, value));
}
