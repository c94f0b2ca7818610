//! Prints what is known of a source, then how many frames come and how fast.
//!
//! `cargo run --release -p maskd-capture --example frames -- INPUT`

use std::error::Error;
use std::time::Instant;

use maskd_capture::{CaptureOptions, open};

fn main() -> Result<(), Box<dyn Error>> {
    let input = std::env::args().nth(1).ok_or("give one input")?;
    let mut source = open(&input, &CaptureOptions::default())?;
    println!("{:#?}", source.info());
    let begin = Instant::now();
    let mut frames = 0;
    let end = loop {
        match source.next_frame() {
            Ok(Some(_)) => frames += 1,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error.into()),
        }
    };
    println!("{frames} frames, {:.1} a second", f64::from(frames) / begin.elapsed().as_secs_f64());
    end
}
