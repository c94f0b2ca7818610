//! What happened, one JSON object per line.

use std::io::Write;
use std::sync::OnceLock;
use std::time::Instant;

use serde_json::{Value, json};

static STARTED: OnceLock<Instant> = OnceLock::new();

/// Starts the clock.
pub fn start() {
    STARTED.get_or_init(Instant::now);
}

/// Seconds since the program began.
pub fn seconds() -> f64 {
    STARTED.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// Writes `fields`, an object, as an event of that name with the time.
pub fn say(event: &str, fields: Value) {
    let mut line = json!({ "event": event, "at_s": round(seconds()) });
    if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), fields) {
        line.extend(fields);
    }
    let mut output = std::io::stdout().lock();
    // Whoever reads has gone: there is nobody to tell.
    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
}

/// To a thousandth.
pub fn round(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
