/// How alike a known name must be to be worth proposing.
const ALIKE: f64 = 0.75;

/// The known name that was probably meant.
pub(crate) fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let found = found.to_ascii_lowercase();
    let scored = known.into_iter().map(|name| (likeness(&found, &name.to_ascii_lowercase()), name));
    scored.filter(|(alike, _)| *alike >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

/// From 0 to 1; one slip of the finger counts little, in short names too.
fn likeness(found: &str, known: &str) -> f64 {
    let slip = known.len() > 2 && strsim::damerau_levenshtein(found, known) == 1;
    strsim::jaro_winkler(found, known).max(if slip { 0.9 } else { 0.0 })
}

/// What would be accepted instead of an unknown name.
pub(crate) fn instead_of(found: &str, known: &[&str]) -> String {
    let all = known.join(", ");
    match nearest(found, known.iter().copied()) {
        Some(name) if known.len() > 1 => format!("{name:?} (did you mean that?) or another of {all}"),
        _ => all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_proposed_if_it_is_near() {
        assert_eq!(nearest("listne", ["enabled", "listen"]), Some("listen"));
        assert_eq!(nearest("kye", ["name", "key"]), Some("key"));
        assert_eq!(nearest("latency", ["latency_ms", "stall_s"]), Some("latency_ms"));
        assert_eq!(nearest("zzz", ["enabled", "listen"]), None);
    }
}
