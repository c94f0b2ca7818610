use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::finding::{Finding, Location, Place, Warning};

/// Collects what is to be said about a configuration, and knows where each key stands.
pub(crate) struct Report {
    file: Arc<Path>,
    findings: Vec<Finding>,
    warnings: Vec<Warning>,
    places: BTreeMap<String, Place>,
    faulty: BTreeSet<String>,
}

impl Report {
    pub fn new(file: &Path) -> Self {
        Self {
            file: file.into(),
            findings: Vec::new(),
            warnings: Vec::new(),
            places: BTreeMap::new(),
            faulty: BTreeSet::new(),
        }
    }

    /// Remembers where a key (or a table) stands.
    pub fn note(&mut self, key: &str, place: &Place) {
        self.places.insert(key.to_owned(), place.clone());
    }

    /// The place of a key, or of the nearest table around it that was written.
    fn place_of(&self, key: &str) -> Place {
        let mut key = key;
        loop {
            if let Some(place) = self.places.get(key) {
                return place.clone();
            }
            match key.rfind(['.', '[']) {
                Some(end) => key = key.get(..end).unwrap_or_default(),
                None => return Place::Document,
            }
        }
    }

    fn at(&self, place: Place) -> Location {
        Location { file: Arc::clone(&self.file), place }
    }

    /// Reports a value.
    pub fn find(&mut self, place: &Place, key: &str, found: impl Into<String>, accepted: impl Into<String>) {
        self.faulty.insert(key.to_owned());
        let location = self.at(place.clone());
        self.findings.push(Finding { location, key: key.to_owned(), found: found.into(), accepted: accepted.into() });
    }

    /// Reports a value by its key, unless one of the keys that it depends on is at fault itself.
    pub fn find_rule(&mut self, key: &str, depends_on: &[&str], found: impl Into<String>, accepted: impl Into<String>) {
        let doubtful = |key: &&str| self.faulty.contains(*key);
        if !doubtful(&key) && !depends_on.iter().any(doubtful) {
            let place = self.place_of(key);
            self.find(&place, key, found, accepted);
        }
    }

    /// Warns of a value by its key.
    pub fn warn(&mut self, key: &str, message: impl Into<String>) {
        let location = self.at(self.place_of(key));
        self.warnings.push(Warning { location, key: key.to_owned(), message: message.into() });
    }

    /// Whether the key was written, in the file or the environment.
    pub fn is_given(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }

    pub fn is_faulty(&self, key: &str) -> bool {
        self.faulty.contains(key)
    }

    /// Everything, in the order of the lines.
    pub fn finish(mut self) -> (Vec<Finding>, Vec<Warning>) {
        self.findings.sort_by(|a, b| a.location.place.cmp(&b.location.place));
        self.warnings.sort_by(|a, b| a.location.place.cmp(&b.location.place));
        (self.findings, self.warnings)
    }

    /// Drops what is said about lines that could not even be read, and what may only seem to be missing because of them.
    pub fn trust_no_more_than_syntax(&mut self, faults: &[(Place, String)]) {
        let line_of = |place: &Place| match place {
            Place::File { line, .. } => Some(*line),
            _ => None,
        };
        let broken: BTreeSet<usize> = faults.iter().filter_map(|(place, _)| line_of(place)).collect();
        let keeps = |finding: &Finding| {
            finding.found != MISSING && line_of(&finding.location.place).is_none_or(|line| !broken.contains(&line))
        };
        self.findings.retain(keeps);
    }
}

/// What is found where there is nothing.
pub(crate) const MISSING: &str = "nothing";
