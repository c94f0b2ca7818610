//! `.safetensors` files that are damaged or mean harm.

use crate::containers::safetensors;
use crate::models::{le_bytes, safetensors_model};
use crate::{assert_problem, refused};
use maskd_model::checkpoint::Problem;

fn entry(name: &str, shape: &str, start: u64, end: u64) -> String {
    format!("\"{name}\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[{start},{end}]}}")
}

fn refused_header(entries: &[String], data: usize) -> Problem {
    refused(&safetensors(&format!("{{{}}}", entries.join(",")), &vec![0; data])).0
}

#[test]
fn a_header_longer_than_the_file_is_refused() {
    for length in [1_u64 << 60, u64::MAX, 1 << 30, 100] {
        let mut file = length.to_le_bytes().to_vec();
        file.extend(b"{\"a\":{}}");
        assert_problem!(refused(&file).0, Problem::Header { reason } if reason.contains("should have"));
    }
}

#[test]
fn a_header_longer_than_any_is_refused() {
    let file = safetensors(&format!("{{{}}}", " ".repeat(9 << 20)), &[]);
    assert_problem!(refused(&file).0, Problem::TooLarge { .. });
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    let whole = safetensors_model("F32", le_bytes);
    let inner = (1..120).map(|part| whole.len() * part / 120);
    for length in (1..60).chain(inner).chain(whole.len() - 20..whole.len()) {
        let (problem, _) = refused(&whole[..length]);
        assert_problem!(problem, Problem::Header { .. } | Problem::NotACheckpoint { .. });
    }
}

#[test]
fn names_that_come_twice_are_refused() {
    let problem = refused_header(&[entry("a", "[1]", 0, 4), entry("a", "[1]", 4, 8)], 8);
    assert_problem!(problem, Problem::Duplicate { tensor } if tensor == "a");
}

#[test]
fn offsets_have_to_follow_each_other() {
    let cases = [
        (vec![entry("a", "[2]", 0, 8), entry("b", "[2]", 4, 12)], 12),
        (vec![entry("a", "[2]", 0, 8), entry("b", "[2]", 0, 8)], 8),
        (vec![entry("a", "[1]", 0, 4), entry("b", "[1]", 8, 12)], 12),
        (vec![entry("a", "[1]", 4, 0)], 4),
        (vec![entry("a", "[1]", 0, 4)], 8),
        (vec![entry("a", "[1]", 0, u64::MAX)], 8),
        (vec![entry("a", "[4]", 0, 16)], 8),
    ];
    for (entries, data) in cases {
        assert_problem!(refused_header(&entries, data), Problem::Header { .. });
    }
}

#[test]
fn shape_and_length_have_to_agree() {
    assert_problem!(refused_header(&[entry("a", "[3]", 0, 8)], 8), Problem::Extent { tensor, .. } if tensor == "a");
    for shape in ["[-1]", "[1099511627776]", "[4294967296,4294967296]", "[1,1,1,1,1,1,1,1,1]"] {
        let problem = refused_header(&[entry("a", shape, 0, 8)], 8);
        assert_problem!(problem, Problem::BadShape { tensor, .. } if tensor == "a");
    }
}

#[test]
fn headers_that_are_no_header_are_refused() {
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    let headers = ["{", "{}x", "{\"a\":1}", "{\"a\":{\"dtype\":\"F32\"}}", "{\"__metadata__\":{\"config\":1}}", &deep];
    for header in headers {
        assert_problem!(refused(&safetensors(header, &[])).0, Problem::Header { .. });
    }
}

#[test]
fn more_tensors_than_any_are_refused() {
    let entries: Vec<_> = (0..20_000).map(|index| entry(&format!("t{index}"), "[0]", 0, 0)).collect();
    assert_problem!(refused_header(&entries, 0), Problem::Header { reason } if reason.contains("more than"));
}

#[test]
fn unprintable_and_endless_names_are_refused() {
    for name in [r"\u001b[2J", "\u{202e}abc", "a b", "", &"x".repeat(100_000)] {
        let (problem, _) = refused(&safetensors(&format!("{{{}}}", entry(name, "[1]", 0, 4)), &[0; 4]));
        assert_problem!(problem, Problem::Name { .. });
        let text = problem.to_string();
        assert!(text.len() < 400 && !text.chars().any(char::is_control), "{text:?}");
    }
}

#[test]
fn other_number_formats_are_refused() {
    let doubles = |values: &[f32]| values.iter().flat_map(|&value| f64::from(value).to_le_bytes()).collect();
    let (problem, report) = refused(&safetensors_model("F64", doubles));
    assert_problem!(problem, Problem::Dtype { found: "float64", .. });
    assert!(report.problems.len() > 100);
    let (problem, _) = refused(&safetensors_model("F8_E4M3", |values| vec![0; values.len()]));
    assert_problem!(problem, Problem::Dtype { found: "an unknown type", .. });
}
