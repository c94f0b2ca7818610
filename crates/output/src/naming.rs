//! Names of streams and moments as parts of paths and as text for people.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use time::OffsetDateTime;

/// Everything but the letters, digits and `-_.~` that never mean anything in a path.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A stream's name as one part of a path, of a URL or of a file: it never leaves its directory and never hides.
pub(crate) fn path_part(stream: &str) -> String {
    let escaped = utf8_percent_encode(stream, ESCAPED).to_string();
    match escaped.strip_prefix('.') {
        Some(rest) => format!("%2E{rest}"),
        None if escaped.is_empty() => "%00".to_owned(),
        None => escaped,
    }
}

/// `2026-11-22T20-55-03.123Z`: sorts by time and holds nothing that a file system dislikes.
pub(crate) fn file_stamp(unix_ns: u64) -> String {
    let at = moment(unix_ns);
    let (date, [hour, minute, second]) = (date(at), clock(at));
    format!("{date}T{hour:02}-{minute:02}-{second:02}.{:03}Z", at.millisecond())
}

/// `2026-11-22 20:55:03 UTC`.
pub(crate) fn wall_clock(unix_ns: u64) -> String {
    let at = moment(unix_ns);
    let (date, [hour, minute, second]) = (date(at), clock(at));
    format!("{date} {hour:02}:{minute:02}:{second:02} UTC")
}

fn moment(unix_ns: u64) -> OffsetDateTime {
    // 64 bits of nanoseconds end in the year 2554, within what dates can be.
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(unix_ns)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn date(at: OffsetDateTime) -> String {
    format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day())
}

fn clock(at: OffsetDateTime) -> [u8; 3] {
    [at.hour(), at.minute(), at.second()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_one_visible_part() {
        let names = ["yard", "a b", "../etc", "..", ".", "a/b", "tor ü", "%2e", ""];
        let parts = ["yard", "a%20b", "%2E.%2Fetc", "%2E.", "%2E", "a%2Fb", "tor%20%C3%BC", "%252e", "%00"];
        assert_eq!(names.map(path_part), parts);
    }

    #[test]
    fn moments_are_written_in_utc() {
        let at = 1_795_380_903_123_000_000;
        assert_eq!(file_stamp(at), "2026-11-22T20-55-03.123Z");
        assert_eq!(wall_clock(at), "2026-11-22 20:55:03 UTC");
        assert_eq!(file_stamp(0), "1970-01-01T00-00-00.000Z");
        assert!(wall_clock(u64::MAX).starts_with("2554-"));
    }
}
