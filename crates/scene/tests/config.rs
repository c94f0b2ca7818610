//! Addresses of scenes.

use maskd_scene::{SceneConfig, SceneError};
use maskd_types::FrameRate;

fn read(address: &str) -> Result<SceneConfig, SceneError> {
    address.parse()
}

#[test]
fn everything_may_be_left_out() {
    for address in ["scene://", "scene://?", "scene://?seed=7&objects=3&frames=300&size=640x360&fps=30"] {
        assert_eq!(read(address), Ok(SceneConfig::default()), "{address}");
    }
}

#[test]
fn everything_may_be_set() {
    let address = "scene://?seed=18446744073709551615&objects=5&frames=12&size=321x241&fps=30000/1001&leaving=true";
    let config = read(address).unwrap();
    let expected = SceneConfig {
        seed: u64::MAX,
        objects: 5,
        frames: 12,
        width: 321,
        height: 241,
        rate: FrameRate { numerator: 30000, denominator: 1001 },
        leaving: true,
    };
    assert_eq!(config, expected);
    assert_eq!(config.to_string(), address);
}

#[test]
fn what_is_wrong_is_named() {
    let cases = [
        ("file://x", "\"file://x\" is no scene"),
        ("scene://seed=7", "is no scene"),
        ("scene://?sead=7", "no parameter \"sead\"; it accepts seed, objects, frames, size, fps and leaving"),
        ("scene://?seed=7&seed=8", "\"seed\" is given twice"),
        ("scene://?seed=-1", "seed cannot be \"-1\": it is a whole number from 0"),
        ("scene://?objects=0", "objects cannot be \"0\""),
        ("scene://?objects=33", "objects cannot be \"33\": it is a whole number from 1 to 32"),
        ("scene://?objects", "objects cannot be \"\""),
        ("scene://?frames=0", "frames cannot be \"0\""),
        ("scene://?size=640", "size cannot be \"640\": it is WIDTHxHEIGHT"),
        ("scene://?size=63x64", "size cannot be \"63x64\""),
        ("scene://?size=99999999999x64", "size cannot be"),
        ("scene://?leaving=often", "leaving cannot be \"often\": it is true or false"),
        ("scene://?fps=0", "fps cannot be \"0/1\""),
        ("scene://?fps=30/0", "fps cannot be \"30/0\""),
        ("scene://?fps=2000", "fps cannot be \"2000/1\""),
        ("scene://?size=64x64&objects=32", "32 objects do not fit into 64x64 pixels: ask for 4 or fewer"),
    ];
    for (address, expected) in cases {
        let message = read(address).unwrap_err().to_string();
        assert!(message.contains(expected), "{address}: {message}");
    }
}
