//! Files that are sound but are not the model they should be.

use crate::containers::safetensors;
use crate::models::{Pt, config, config_json};
use crate::pickles::View;
use crate::{assert_problem, refused};
use maskd_model::checkpoint::Problem;
use std::fmt::Write as _;

#[test]
fn missing_tensors_are_all_listed_with_likely_names() {
    let mut pt = Pt::new();
    pt.tensors[0].0 = "maskmem_tpos_encoding".to_owned();
    pt.tensors.retain(|(name, _)| name != "no_obj_ptr");
    let (problem, report) = refused(&pt.bytes());
    let Problem::Missing { variant, missing } = &problem else { panic!("{problem}") };
    assert_eq!(variant, "sam2.1-atom");
    let found: Vec<_> = missing.iter().map(|one| (one.name.as_str(), one.did_you_mean.as_deref())).collect();
    assert_eq!(found, [("maskmem_tpos_enc", Some("maskmem_tpos_encoding")), ("no_obj_ptr", None)]);
    assert!(problem.to_string().contains("did you mean `maskmem_tpos_encoding`"));
    assert!(report.problems.iter().any(|text| text.contains("does not have: maskmem_tpos_encoding")));
}

#[test]
fn tensors_without_a_place_are_refused() {
    let mut pt = Pt::new();
    pt.tensors.push(("extra.weight".to_owned(), View::whole("extra", &[2])));
    pt.storages.push(("extra".to_owned(), vec![0; 8]));
    let (problem, _) = refused(&pt.bytes());
    assert_problem!(problem, Problem::Unused { names, .. } if names == &["extra.weight"]);
}

#[test]
fn other_shapes_are_refused() {
    let name = "sam_mask_decoder.mask_tokens.weight";
    let mut pt = Pt::new();
    let view = pt.view(name);
    *view = View { key: view.key.clone(), ..View::whole(0, &[16, 4]) };
    let (problem, _) = refused(&pt.bytes());
    assert_problem!(problem, Problem::Shape { tensor, found, expected, .. }
        if tensor == name && found == &[16, 4] && expected == &[4, 16]);
}

#[test]
fn numbers_have_to_be_finite() {
    for (value, place) in [(f32::NAN, 0), (f32::INFINITY, 7), (f32::NEG_INFINITY, 15)] {
        let mut pt = Pt::new();
        let key: usize = pt.view("no_mem_embed").key.parse().unwrap();
        pt.storages[key].1[4 * place..4 * place + 4].copy_from_slice(&value.to_le_bytes());
        let (problem, _) = refused(&pt.bytes());
        assert_problem!(problem, Problem::NotFinite { tensor, index, value: found }
            if tensor == "no_mem_embed" && *index == place && found.to_bits() == value.to_bits());
    }
}

#[test]
fn the_largest_numbers_are_finite() {
    let mut pt = Pt::new();
    for value in [f32::MAX, f32::MIN, f32::from_bits(1)] {
        pt.storages[1].1[..4].copy_from_slice(&value.to_le_bytes());
        assert_eq!(crate::read(&pt.bytes()).tensor("no_mem_embed").unwrap().data[0].to_bits(), value.to_bits());
    }
}

#[test]
fn a_report_does_not_stop_at_the_first_problem() {
    let mut pt = Pt::new();
    pt.tensors.retain(|(name, _)| name != "no_obj_ptr");
    pt.view("mask_downsample.bias").class = "DoubleStorage";
    pt.view("sam_mask_decoder.mask_tokens.weight").strides = vec![1, 4];
    pt.storages[1].1[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    let (_, report) = refused(&pt.bytes());
    for needle in ["strides", "float64", "missing: no_obj_ptr", "NaN at index 0"] {
        assert!(report.problems.iter().any(|text| text.contains(needle)), "{needle}: {:?}", report.problems);
    }
    assert_eq!(report.variant.as_deref(), Some("sam2.1-atom"));
    assert!(report.to_string().contains("problems    4"), "{report}");
}

#[test]
fn an_unknown_model_without_its_config_is_refused() {
    let (problem, report) = refused(&Pt { config: None, ..Pt::new() }.bytes());
    assert_problem!(problem, Problem::UnknownVariant { reason } if reason.contains("8 wide of 4 blocks"));
    assert!(problem.to_string().contains("`config` metadata"));
    assert_eq!(report.tensors.len(), config().tensor_table().len());
}

#[test]
fn a_prefix_on_all_names_is_recognised() {
    let mut pt = Pt { config: None, ..Pt::new() };
    for (name, _) in &mut pt.tensors {
        name.insert_str(0, "module.");
    }
    let (problem, _) = refused(&pt.bytes());
    assert_problem!(problem, Problem::UnknownVariant { reason } if reason.contains("`module.`"));
}

#[test]
fn hostile_metadata_are_refused() {
    let cases = [
        ("\"image_size\":64", "\"image_size\":0"),
        ("\"image_size\":64", "\"image_size\":18446744073709551615"),
        ("\"image_size\":64", "\"image_size\":72"),
        ("\"num_heads\":1,\"stages\"", "\"num_heads\":0,\"stages\""),
        ("\"embed_dim\":8", "\"embed_dim\":4294967296"),
        ("[1,1,1,1]", "[1,1,1,9999999]"),
        ("[1,1,1,1]", "[0,1,1,1]"),
        ("\"window_spec\":[2,2,2,2]", "\"window_spec\":[2,3,2,2]"),
        ("\"window_spec\":[2,2,2,2]", "\"window_spec\":[0,2,2,2]"),
        ("\"global_att_blocks\":[3]", "\"global_att_blocks\":[4]"),
        ("\"q_pool\":3", "\"q_pool\":2"),
        ("\"d_model\":16", "\"d_model\":20"),
        ("\"mem_dim\":16", "\"mem_dim\":0"),
        ("\"dim_feedforward\":8", "\"dim_feedforward\":99999999"),
        ("\"depth\":1", "\"depth\":99999999"),
        ("\"num_maskmem\":2", "\"num_maskmem\":0"),
        ("\"name\":\"atom\"", "\"name\":\"\\u001b[2J\""),
    ];
    for (from, to) in cases {
        let json = config_json();
        assert!(json.contains(from), "{from}");
        let (problem, _) = refused(&Pt { config: Some(json.replacen(from, to, 1)), ..Pt::new() }.bytes());
        assert_problem!(problem, Problem::Config(_));
    }
}

#[test]
fn metadata_that_are_no_config_are_refused() {
    let more = config_json().replacen('{', "{\"experts\":8,", 1);
    for json in ["", "[]", "{\"family\":\"sam3\"}", "{\"image_size\":-1}", &more] {
        let (problem, _) = refused(&Pt { config: Some(json.to_owned()), ..Pt::new() }.bytes());
        assert_problem!(problem, Problem::ConfigJson { .. });
    }
    let (problem, _) = refused(&Pt { config: Some(" ".repeat(100_000)), ..Pt::new() }.bytes());
    assert_problem!(problem, Problem::TooLarge { .. });
}

/// A config may ask for a billion numbers; a file that does not have them must not make anything be allocated.
#[test]
fn a_great_model_in_a_small_file_costs_nothing() {
    let mut great = config();
    (great.trunk.embed_dim, great.trunk.stages) = (256, [1, 1, 1, 12]);
    great.validate().unwrap();
    let (problem, _) = refused(&Pt { config: Some(serde_json::to_string(&great).unwrap()), ..Pt::new() }.bytes());
    assert_problem!(problem, Problem::Missing { .. });
}

#[test]
fn thousands_of_strange_names_are_compared_in_no_time() {
    let metadata = serde_json::to_string(&config_json()).unwrap();
    let mut header = format!("{{\"__metadata__\":{{\"config\":{metadata}}}");
    for index in 0..16_000 {
        let name = format!("{index:0>256}");
        write!(header, ",\"{name}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}").unwrap();
    }
    header.push('}');
    assert_problem!(refused(&safetensors(&header, &[])).0, Problem::Missing { .. });
}
