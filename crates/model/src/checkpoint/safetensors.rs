//! The `.safetensors` format: a length, a JSON header, and one run of numbers without gaps.

use super::bytes::Bytes;
use super::dtype::Dtype;
use super::listing::{Entry, Format, Listing, MAX_TENSORS, checked_shape, shown, shown_shape};
use super::problem::Problem;
use serde::Deserialize;
use serde::de::{Error as _, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::ops::Range;

/// 150 bytes per tensor is usual.
const MAX_HEADER: u64 = 8 << 20;
const LENGTH_BYTES: u64 = 8;

/// Whether a file that starts like this claims to be one.
pub(super) fn claims(start: &[u8]) -> bool {
    start.get(LENGTH_BYTES as usize) == Some(&b'{')
}

/// Reads the header and checks it against the length of the file.
pub(super) fn read(bytes: &Bytes) -> Result<Listing, Problem> {
    let data = data_range(bytes)?;
    let json = bytes.read(LENGTH_BYTES..data.start)?;
    let header: Header = serde_json::from_slice(&json).map_err(|error| damaged(error.to_string()))?;
    let mut listing = Listing::new(Format::Safetensors);
    listing.config = header.metadata.get("config").cloned();
    ensure_gapless(&header.tensors, data.end - data.start)?;
    for (name, info) in &header.tensors {
        let entry = entry(name, info, data.start, &mut listing.problems);
        listing.insert(name, entry)?;
    }
    Ok(listing)
}

fn damaged(reason: impl Into<String>) -> Problem {
    Problem::Header { reason: reason.into() }
}

fn data_range(bytes: &Bytes) -> Result<Range<u64>, Problem> {
    let length = bytes.read(0..LENGTH_BYTES)?;
    let length = <[u8; 8]>::try_from(length.as_slice()).map(u64::from_le_bytes).map_err(|_| damaged("no length"))?;
    let rest = bytes.len() - LENGTH_BYTES;
    if length > rest {
        return Err(damaged(format!("it should have {length} bytes, the file has {rest} more")));
    }
    if length > MAX_HEADER {
        return Err(Problem::TooLarge { what: "bytes in the safetensors header", found: length, limit: MAX_HEADER });
    }
    Ok(LENGTH_BYTES + length..bytes.len())
}

/// The format's own rule: sorted by offset, each tensor starts where the one before ends, and nothing is left over.
fn ensure_gapless(tensors: &[(String, Info)], length: u64) -> Result<(), Problem> {
    let mut order: Vec<_> = tensors.iter().map(|(name, info)| (info.data_offsets, name)).collect();
    order.sort_unstable();
    let mut expected = 0;
    for ([start, end], name) in order {
        if start != expected || end < start {
            let name = shown(name);
            return Err(damaged(format!("`{name}` is at bytes {start}..{end}, where {expected} should begin it")));
        }
        expected = end;
    }
    if expected != length {
        return Err(damaged(format!("its tensors take {expected} bytes, the file has {length} for them")));
    }
    Ok(())
}

fn entry(name: &str, info: &Info, base: u64, problems: &mut Vec<Problem>) -> Entry {
    let dtype = dtype(&info.dtype);
    let tensor = || shown(name);
    let [start, end] = info.data_offsets;
    let Some((shape, elements)) = checked_shape(&info.shape) else {
        problems.push(Problem::BadShape { tensor: tensor(), found: shown_shape(&info.shape) });
        return Entry { shape: Vec::new(), dtype, data: None };
    };
    let needed = elements * dtype.size();
    let found = end - start;
    if !dtype.is_supported() {
        return Entry { shape, dtype, data: None };
    }
    if needed != found {
        let reason = format!("shape {shape:?} of {} needs {needed} bytes, it has {found}", dtype.as_str());
        problems.push(Problem::Extent { tensor: tensor(), reason });
        return Entry { shape, dtype, data: None };
    }
    // `ensure_gapless` has shown that every offset lies within the file.
    Entry { shape, dtype, data: Some(base + start..base + end) }
}

fn dtype(name: &str) -> Dtype {
    match name {
        "F32" => Dtype::F32,
        "F16" => Dtype::F16,
        "BF16" => Dtype::Bf16,
        "F64" => Dtype::other("float64", 8),
        "I64" | "U64" => Dtype::other("a 64-bit integer", 8),
        "I32" | "U32" => Dtype::other("a 32-bit integer", 4),
        "I16" | "U16" => Dtype::other("a 16-bit integer", 2),
        "I8" | "U8" => Dtype::other("an 8-bit integer", 1),
        "BOOL" => Dtype::other("bool", 1),
        _ => Dtype::other("an unknown type", 0),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Info {
    dtype: String,
    shape: Vec<i64>,
    data_offsets: [u64; 2],
}

struct Header {
    metadata: BTreeMap<String, String>,
    tensors: Vec<(String, Info)>,
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of tensors")
    }

    /// Keeps names that come twice, which a map would merge: [`Listing::insert`] reports them.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut header = Header { metadata: BTreeMap::new(), tensors: Vec::new() };
        while let Some(name) = map.next_key::<String>()? {
            if name == "__metadata__" {
                header.metadata = map.next_value()?;
            } else if header.tensors.len() > MAX_TENSORS {
                return Err(A::Error::custom(format!("more than {MAX_TENSORS} tensors")));
            } else {
                header.tensors.push((name, map.next_value()?));
            }
        }
        Ok(header)
    }
}
