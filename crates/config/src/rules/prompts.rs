//! What is said about objects must make sense together.

use std::collections::BTreeMap;

use maskd_types::ObjectId;

use super::Labelled;
use crate::report::Report;
use crate::stream::{PromptConfig, StreamConfig};

pub(super) fn check(labelled: &Labelled<'_>, report: &mut Report) {
    for (label, stream) in labelled.streams() {
        for (index, prompt) in stream.prompts.iter().enumerate() {
            shape(&format!("{label}.prompt[{index}]"), prompt, report);
        }
        once(label, stream, report);
        one_name(label, stream, report);
        number(label, stream, labelled.config.tracking.max_objects, report);
    }
}

fn shape(label: &str, prompt: &PromptConfig, report: &mut Report) {
    let [points, edges, mask] = ["points", "box", "mask"].map(|key| format!("{label}.{key}"));
    let shapes = !prompt.points.is_empty() || prompt.bbox.is_some();
    if prompt.mask.is_some() && shapes {
        report.find_rule(
            &mask,
            &[&points, &edges],
            "it beside points or box",
            "a mask alone, or points and box without it",
        );
    } else if prompt.mask.is_none() && !shapes {
        report.find_rule(
            label,
            &[&points, &edges, &mask],
            "a prompt that shows nothing",
            "one with points, box or mask",
        );
    }
}

/// One prompt per object and frame: two of them would leave open how they combine.
fn once(label: &str, stream: &StreamConfig, report: &mut Report) {
    let mut seen: BTreeMap<(ObjectId, u64), usize> = BTreeMap::new();
    for (index, prompt) in stream.prompts.iter().enumerate() {
        let Some(first) = seen.insert((prompt.object, prompt.frame), index) else { continue };
        let keys = [first, index].map(|index| ["object", "frame"].map(|key| format!("{label}.prompt[{index}].{key}")));
        let depends_on: Vec<&str> = keys.iter().flatten().map(String::as_str).collect();
        let found = format!("object {} on frame {} for the second time", prompt.object, prompt.frame);
        let accepted = "one prompt per object and frame, with all points and the box in it";
        report.find_rule(&format!("{label}.prompt[{index}].object"), &depends_on, found, accepted);
    }
}

fn one_name(label: &str, stream: &StreamConfig, report: &mut Report) {
    let mut names: BTreeMap<ObjectId, &str> = BTreeMap::new();
    for (index, prompt) in stream.prompts.iter().enumerate() {
        let Some(name) = prompt.name.as_deref() else { continue };
        let known = *names.entry(prompt.object).or_insert(name);
        if known != name {
            let key = format!("{label}.prompt[{index}].name");
            let found = format!("{name:?} for object {}, which is called {known:?} above", prompt.object);
            report.find_rule(&key, &[&format!("{label}.prompt[{index}].object")], found, "one name per object");
        }
    }
}

fn number(label: &str, stream: &StreamConfig, most: usize, report: &mut Report) {
    let mut objects: Vec<ObjectId> = stream.prompts.iter().map(|prompt| prompt.object).collect();
    objects.sort_unstable();
    objects.dedup();
    if objects.len() > most {
        let found = format!("prompts for {} objects", objects.len());
        let accepted = format!("up to {most}, which is tracking.max_objects");
        report.find_rule(&format!("{label}.prompt"), &["tracking.max_objects"], found, accepted);
    }
}
