//! Compares what a file says it holds with what a model needs.

use super::listing::Listing;
use super::problem::{MissingTensor, Problem};
use crate::config::ModelConfig;
use std::collections::BTreeMap;

/// Similar names are looked for on behalf of this many missing tensors, among this many.
const MAX_HINTS: usize = 10;
const MAX_CANDIDATES: usize = 1000;

/// Everything that keeps the tensors of a file from being those of the model. Official files carry no tensor that the
/// model has no place for, so there is no list of exceptions.
pub(super) fn problems(listing: &Listing, config: &ModelConfig) -> Vec<Problem> {
    let variant = config.full_name();
    let expected: BTreeMap<String, Vec<usize>> =
        config.tensor_table().into_iter().map(|spec| (spec.name, spec.shape)).collect();
    let unused: Vec<String> = listing.entries.keys().filter(|name| !expected.contains_key(*name)).cloned().collect();
    let mut problems = dtypes(listing);
    problems.extend(missing(listing, &expected, &unused, &variant));
    problems.extend(shapes(listing, &expected, &variant));
    if !unused.is_empty() {
        problems.push(Problem::Unused { variant, names: unused });
    }
    problems.extend(listing.overlaps());
    problems
}

pub(super) fn dtypes(listing: &Listing) -> Vec<Problem> {
    let unsupported = listing.entries.iter().filter(|(_, entry)| !entry.dtype.is_supported());
    let problem = |name: &String, found| Problem::Dtype { tensor: name.clone(), found };
    unsupported.map(|(name, entry)| problem(name, entry.dtype.as_str())).collect()
}

fn missing(
    listing: &Listing,
    expected: &BTreeMap<String, Vec<usize>>,
    unused: &[String],
    variant: &str,
) -> Option<Problem> {
    let absent = expected.keys().filter(|name| !listing.entries.contains_key(*name));
    let missing: Vec<_> = absent
        .enumerate()
        .map(|(index, name)| MissingTensor {
            name: name.clone(),
            did_you_mean: if index < MAX_HINTS { closest(name, unused) } else { None },
        })
        .collect();
    (!missing.is_empty()).then(|| Problem::Missing { variant: variant.to_owned(), missing })
}

/// The most similar name, if at most a third of it differs.
fn closest(name: &str, candidates: &[String]) -> Option<String> {
    let near = |distance: usize| 3 * distance <= name.len();
    let measured =
        candidates.iter().take(MAX_CANDIDATES).filter(|candidate| near(candidate.len().abs_diff(name.len())));
    let (distance, best) = measured.map(|candidate| (strsim::levenshtein(name, candidate), candidate)).min()?;
    near(distance).then(|| best.clone())
}

fn shapes(listing: &Listing, expected: &BTreeMap<String, Vec<usize>>, variant: &str) -> Vec<Problem> {
    let differs = |name: &String, shape: &Vec<usize>| {
        let found = &listing.entries.get(name)?.shape;
        (found != shape).then(|| Problem::Shape {
            variant: variant.to_owned(),
            tensor: name.clone(),
            found: found.clone(),
            expected: shape.clone(),
        })
    };
    expected.iter().filter_map(|(name, shape)| differs(name, shape)).collect()
}
