use super::ValueError;

const UNITS: [(&str, u64); 10] = [
    ("", 1),
    ("b", 1),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
];

/// Reads `20 GB`, `1.5GiB` or `4096` as a number of bytes; kB, MB, ... are powers of 1000 and KiB, MiB, ... of 1024.
pub(crate) fn parse(text: &str) -> Result<u64, ValueError> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().to_ascii_lowercase();
    let (_, factor) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(|| ValueError::new("not a number of bytes with a unit that is known"))?;
    scaled(number, *factor).ok_or_else(|| ValueError::new("not a number of bytes that fits into 63 bits"))
}

/// The decimal `number` times `factor`, without a detour through floating point where the number is whole.
fn scaled(number: &str, factor: u64) -> Option<u64> {
    let bytes = match number.parse::<u64>() {
        Ok(whole) => whole.checked_mul(factor)?,
        Err(_) if number.contains('.') => {
            let bytes = number.parse::<f64>().ok()? * factor as f64;
            // In range by the check; what follows the point of a byte is cut off.
            (bytes < i64::MAX as f64).then_some(bytes as u64)?
        }
        Err(_) => return None,
    };
    i64::try_from(bytes).is_ok().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, bytes) in [
            ("0", 0),
            ("4096", 4096),
            ("20 GB", 20_000_000_000),
            ("20GB", 20_000_000_000),
            (" 1.5 GiB ", 3 << 29),
            ("2kib", 2048),
            ("0.5 MB", 500_000),
            ("9223372036854775807 B", i64::MAX as u64),
        ] {
            assert_eq!(parse(text).unwrap(), bytes, "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "GB", "-1 GB", "1 GBit", "1,5 GB", "1.2.3 GB", "20 G B", "99999999 TB", "1e3", "."] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
