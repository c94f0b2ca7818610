//! What goes over the socket of a live picture: frames one way, words of viewers the other.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maskd_live::{FrameMessage, Word};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Word::read(text);
    }
    let Ok(message) = FrameMessage::read(bytes) else { return };
    let [width, height] = message.view.map(usize::from);
    assert!(message.jpeg.len() < bytes.len() && message.objects.len() <= bytes.len());
    assert!(message.objects.iter().all(|object| object.name.len() < 256));
    if let Some(object) = message.objects.last() {
        assert_eq!(object.inside().len(), width * height);
    }
});
