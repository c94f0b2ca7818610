//! Random damage to right files: whatever comes out, it comes out as a value.

use crate::bounded;
use crate::models::{Pt, le_bytes, safetensors_model};
use maskd_model::ModelError;
use maskd_model::checkpoint::Checkpoint;
use proptest::prelude::*;
use std::sync::LazyLock;

static PT: LazyLock<Vec<u8>> = LazyLock::new(|| Pt::new().bytes());
static PICKLE: LazyLock<Vec<u8>> = LazyLock::new(|| Pt::new().entries().swap_remove(0).data);
static SAFETENSORS: LazyLock<Vec<u8>> = LazyLock::new(|| safetensors_model("F32", le_bytes));

/// Places in the parts that describe the numbers, where damage has the most to break, and in the numbers.
fn place(file: &'static [u8], described: Vec<std::ops::Range<usize>>) -> impl Strategy<Value = usize> {
    let parts: Vec<_> = described.into_iter().map(|range| range.boxed()).chain([(0..file.len()).boxed()]).collect();
    proptest::strategy::Union::new(parts)
}

fn damage(file: &[u8], changes: &[(usize, u8)]) -> Vec<u8> {
    let mut file = file.to_vec();
    for &(at, bits) in changes {
        file[at] ^= bits;
    }
    file
}

/// Reads a damaged file. Any error is right; without one, the model is whole.
fn try_read(file: Vec<u8>) {
    match bounded(|| Checkpoint::from_bytes("damaged", file)) {
        Ok(checkpoint) => assert_eq!(checkpoint.names().count(), checkpoint.config.tensor_table().len()),
        Err(ModelError::Checkpoint { problem, .. }) => assert!(!problem.to_string().is_empty()),
        Err(other) => panic!("{other}"),
    }
}

fn changes(file: &'static [u8], described: Vec<std::ops::Range<usize>>) -> impl Strategy<Value = Vec<(usize, u8)>> {
    proptest::collection::vec((place(file, described), 1_u8..), 1..5)
}

fn pt_changes() -> impl Strategy<Value = Vec<(usize, u8)>> {
    let pickle = 30..20_000;
    let directory = PT.len() - 12_000..PT.len();
    let end = PT.len() - 22..PT.len();
    changes(&PT, vec![pickle, directory, end])
}

fn safetensors_changes() -> impl Strategy<Value = Vec<(usize, u8)>> {
    changes(&SAFETENSORS, vec![0..10, 8..10_000])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_a_torch_file(changes in pt_changes()) {
        try_read(damage(&PT, &changes));
    }

    #[test]
    fn of_a_safetensors_file(changes in safetensors_changes()) {
        try_read(damage(&SAFETENSORS, &changes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A pickle's checksum hides damage to it, so this one goes to the machine with a right checksum.
    #[test]
    fn of_a_pickle(changes in proptest::collection::vec((0_usize..20_000, 1_u8..), 1..5)) {
        try_read(crate::models::pt_of_pickle(damage(&PICKLE, &changes)));
    }

    #[test]
    fn of_nothing_but_chance(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        try_read(crate::models::pt_of_pickle(bytes.clone()));
        try_read(crate::containers::safetensors("{}", &bytes));
        try_read(bytes);
    }
}
