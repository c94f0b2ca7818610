//! The published files.

/// Where the files of the official repository are.
const OFFICIAL: &str = "https://dl.fbaipublicfiles.com/segment_anything_2";
const SOURCE: &str = "https://github.com/facebookresearch/sam2";
const LICENCE: &str = "Apache-2.0";

/// A published checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct OfficialModel {
    /// What users call it.
    pub name: &'static str,
    /// File name at its source and on disk.
    pub file: &'static str,
    /// Folder of the release at its source.
    pub release: &'static str,
    /// Length of the file.
    pub bytes: u64,
    /// Hash of the file, in lower-case hexadecimal.
    pub sha256: &'static str,
    /// Parameters, in millions.
    pub params_m: f32,
    /// SPDX identifier of the licence of the weights.
    pub licence: &'static str,
    /// Who published it.
    pub source: &'static str,
}

impl OfficialModel {
    /// Address of the file: at the official source, or right below the address of a mirror.
    pub fn url(&self, mirror: Option<&str>) -> String {
        match mirror {
            Some(base) => format!("{}/{}", base.trim_end_matches('/'), self.file),
            None => format!("{OFFICIAL}/{}/{}", self.release, self.file),
        }
    }
}

const fn sam21(
    name: &'static str,
    file: &'static str,
    bytes: u64,
    sha256: &'static str,
    params_m: f32,
) -> OfficialModel {
    OfficialModel { name, file, release: "092824", bytes, sha256, params_m, licence: LICENCE, source: SOURCE }
}

const fn sam2(
    name: &'static str,
    file: &'static str,
    bytes: u64,
    sha256: &'static str,
    params_m: f32,
) -> OfficialModel {
    OfficialModel { release: "072824", ..sam21(name, file, bytes, sha256, params_m) }
}

/// Newest release first, smallest first.
pub const MODELS: &[OfficialModel] = &[
    sam21(
        "sam2.1-tiny",
        "sam2.1_hiera_tiny.pt",
        156_008_466,
        "7402e0d864fa82708a20fbd15bc84245c2f26dff0eb43a4b5b93452deb34be69",
        38.9,
    ),
    sam21(
        "sam2.1-small",
        "sam2.1_hiera_small.pt",
        184_416_285,
        "6d1aa6f30de5c92224f8172114de081d104bbd23dd9dc5c58996f0cad5dc4d38",
        46.0,
    ),
    sam21(
        "sam2.1-base-plus",
        "sam2.1_hiera_base_plus.pt",
        323_606_802,
        "a2345aede8715ab1d5d31b4a509fb160c5a4af1970f199d9054ccfb746c004c5",
        80.8,
    ),
    sam21(
        "sam2.1-large",
        "sam2.1_hiera_large.pt",
        898_083_611,
        "2647878d5dfa5098f2f8649825738a9345572bae2d4350a2468587ece47dd318",
        224.4,
    ),
    sam2(
        "sam2-tiny",
        "sam2_hiera_tiny.pt",
        155_906_050,
        "65b50056e05bcb13694174f51bb6da89c894b57b75ccdf0ba6352c597c5d1125",
        38.9,
    ),
    sam2(
        "sam2-small",
        "sam2_hiera_small.pt",
        184_309_650,
        "95949964d4e548409021d47b22712d5f1abf2564cc0c3c765ba599a24ac7dce3",
        46.0,
    ),
    sam2(
        "sam2-base-plus",
        "sam2_hiera_base_plus.pt",
        323_493_298,
        "d0bb7f236400a49669ffdd1be617959a8b1d1065081789d7bbff88eded3a8071",
        80.8,
    ),
    sam2(
        "sam2-large",
        "sam2_hiera_large.pt",
        897_952_466,
        "7442e4e9b732a508f80e141e7c2913437a3610ee0c77381a66658c3a445df87b",
        224.4,
    ),
];

/// The model of this name.
pub fn find(name: &str) -> Option<&'static OfficialModel> {
    MODELS.iter().find(|model| model.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_well_formed_and_distinct() {
        assert_eq!(MODELS.len(), 8);
        for (index, model) in MODELS.iter().enumerate() {
            assert_eq!(model.sha256.len(), 64);
            assert!(model.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
            // Four bytes per parameter, and little else.
            assert!((model.bytes as f32 / 4e6 - model.params_m).abs() < 0.4, "{}", model.name);
            let others = &MODELS[index + 1..];
            assert!(others.iter().all(|other| other.file != model.file && other.sha256 != model.sha256));
            assert_eq!(find(model.name), Some(model));
        }
        assert_eq!(find("nano"), None);
    }

    #[test]
    fn addresses_are_the_official_ones_or_a_mirrors() {
        let official = |name: &str| find(name).unwrap().url(None);
        let base = "https://dl.fbaipublicfiles.com/segment_anything_2";
        assert_eq!(official("sam2.1-tiny"), format!("{base}/092824/sam2.1_hiera_tiny.pt"));
        assert_eq!(official("sam2-large"), format!("{base}/072824/sam2_hiera_large.pt"));
        let mirrored = MODELS[0].url(Some("http://here:1/x/"));
        assert_eq!(mirrored, "http://here:1/x/sam2.1_hiera_tiny.pt");
    }
}
