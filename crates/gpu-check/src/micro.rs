//! `micro` and `stages`: what the tracker measures of itself, as events.

use anyhow::{anyhow, ensure};
use maskd_model::Device;
use maskd_tracker::measure::{KernelOptions, Measurement, StageOptions, measure_kernels, measure_stages};
use serde_json::{Value, json};

use crate::cli::{MicroArgs, StagesArgs};
use crate::events::{round, say};
use crate::panics;
use crate::timing::{median, summary};

/// Compares single operations with the processor and times them; fails where one is wrong, once all are done.
pub fn operations(args: &MicroArgs) -> anyhow::Result<()> {
    let device = Device::find(&args.device)?;
    // A panic of one operation is that operation's.
    panics::watch(&device, true);
    say("device", json!({ "found": device.to_string() }));
    let options = KernelOptions { only: args.only.clone(), shrink: args.shrink.get(), rounds: args.rounds.get() };
    let mut wrong = Vec::new();
    measure_kernels(&device, &options, &mut |found| {
        say("micro", described(&found));
        if found.is_wrong() {
            wrong.push(found.name);
        }
    });
    ensure!(wrong.is_empty(), "wrong on this device: {}", wrong.join("; "));
    Ok(())
}

/// Times the network's stages.
pub fn stages(args: &StagesArgs) -> anyhow::Result<()> {
    let device = Device::find(&args.network.device)?;
    panics::watch(&device, false);
    let checkpoint = args.network.open()?;
    let options = StageOptions {
        image_size: args.network.image_size,
        precision: args.network.precision,
        objects: args.objects.get(),
        rounds: args.rounds.get(),
    };
    measure_stages(&checkpoint, &device, &options, &mut |found| say("stage", described(&found)))
        .map_err(|message| anyhow!(message))
}

fn described(found: &Measurement) -> Value {
    let mut fields = json!({ "name": found.name, "first_ms": round(found.first_ms) });
    let mut add = |name: &str, value: Value| fields[name] = value;
    if let Some(off) = found.off_by {
        // JSON knows no infinity.
        let text = format!("{:.1e}", off.found);
        add("off_by", json!(text));
        add("allowed", json!(format!("{:.0e}", off.allowed)));
    }
    if let Some(message) = &found.failed {
        add("failed", json!(message));
    }
    add("wrong", json!(found.is_wrong()));
    if let Some(ms) = median(&found.ms) {
        add("ms", summary(found.ms.clone()));
        add("until_asked_ms", summary(found.asked_ms.clone()));
        if let Some(flop) = found.flop {
            add("TFLOP_per_s", json!(round(flop / ms / 1e9)));
        } else if let Some(bytes) = found.bytes {
            add("GB_per_s", json!(round(bytes / ms / 1e6)));
        }
    }
    fields
}
