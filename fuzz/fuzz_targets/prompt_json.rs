//! What people send to begin or correct a track: the body of a request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maskd_prompts::json::{MaskJson, PromptJson, name};
use maskd_types::Prompt;

const SIZE: [u32; 2] = [96, 64];

fuzz_target!(|bytes: &[u8]| {
    let Ok(json) = serde_json::from_slice::<PromptJson>(bytes) else { return };
    if let Ok(Some(name)) = name(json.name.clone()) {
        assert!((1..=64).contains(&name.chars().count()) && !name.contains('\n'));
    }
    assert!(json.mask.is_none() || json.prompt(None).is_err(), "a mask fits no frame that is not there");
    match json.prompt(Some(SIZE)) {
        Ok(Prompt::Shapes { points, bbox }) => {
            assert!(!points.is_empty() || bbox.is_some());
            let places = points.iter().flat_map(|point| [point.x, point.y]).chain(bbox.into_iter().flatten());
            assert!(places.into_iter().all(|place| (0.0..=65536.0).contains(&place)));
        }
        Ok(Prompt::Mask(mask)) => {
            assert_eq!([mask.width(), mask.height()], SIZE);
            let again = PromptJson { mask: Some(MaskJson::of(&mask)), ..PromptJson::default() };
            assert_eq!(again.prompt(Some(SIZE)).ok(), Some(Prompt::Mask(mask)));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
