//! Says every panic, whichever thread it is on, as an event.

use maskd_model::{Device, Kernels, OnBackend};
use serde_json::json;

use crate::events;

/// Puts a hook on top of the one by which the model learns of panics on device threads.
///
/// That one is there once code has run on the device, which is why some does here first. With `tolerate` the model does not learn of
/// panics on device threads: where operations are looked at one by one, one that fails says nothing about the next.
pub fn watch(device: &Device, tolerate: bool) {
    device.run(Nothing);
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("-").to_owned();
        let message = info.payload_as_str().unwrap_or("a panic without a message");
        let place = info.location().map(ToString::to_string);
        let trace = std::backtrace::Backtrace::force_capture().to_string();
        let ours: Vec<&str> = trace.lines().filter(|line| !line.contains("std::")).take(40).collect();
        events::say("panic", json!({ "thread": name, "message": message, "at": place, "trace": ours }));
        if !(tolerate && name.starts_with("DS")) {
            previous(info);
        }
    }));
}

struct Nothing;

impl OnBackend for Nothing {
    type Output = ();

    fn run<B: Kernels>(self, _device: B::Device) {}
}
