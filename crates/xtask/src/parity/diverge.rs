//! Which block of the network is the first to differ.

use anyhow::Context;

use super::Sides;
use super::compare::relative_error;
use super::run::Job;
use crate::binary;
use crate::tensors::TensorFile;

/// Runs both sides again on the first object alone, with the results of the modules, and names the first one that is
/// further off than `tolerance`.
pub fn report(sides: &Sides, job: &Job, tolerance: f64) -> anyhow::Result<()> {
    let job = job.single_object()?;
    let (theirs, ours) = (job.file("reference-taps.safetensors"), job.file("maskd-taps.safetensors"));
    let mut reference = job.reference(sides);
    reference.arg("--taps").arg(&theirs).arg("--tap-frames").arg(job.frames().map_or(0, usize::from).to_string());
    binary::run(&mut reference).context("the reference failed")?;
    let mut maskd = job.maskd(sides);
    binary::run(maskd.env("MASKD_TAPS", &ours)).context("maskd failed")?;
    let (theirs, ours) = (TensorFile::read(&theirs)?, TensorFile::read(&ours)?);
    let order: Vec<String> = theirs.json("order")?;
    for name in &order {
        let (Some(expected), Some(found)) = (theirs.floats.get(name), ours.floats.get(name)) else {
            continue;
        };
        let error = relative_error(&expected.values, &found.values);
        println!("{name:60} {error:.2e}");
        if error > tolerance {
            println!("first block that differs: {name} (reference {:?}, maskd {:?})", expected.shape, found.shape);
            return Ok(());
        }
    }
    println!("no watched block differs on the first frames of the first object: look at later frames or other prompts");
    Ok(())
}
