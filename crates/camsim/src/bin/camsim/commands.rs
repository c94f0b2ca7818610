use anyhow::{Context, bail};
use maskd_camsim::{Camera, Credentials, TimestampFault};

use crate::arguments::size;

/// What happens after a command.
pub(crate) enum Next {
    /// The answer, behind `ok`.
    Say(String),
    Quit,
}

/// Carries out one line.
pub(crate) fn obey(camera: &mut Camera, line: &str) -> anyhow::Result<Next> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut answer = String::new();
    match *words.as_slice() {
        ["quit"] => return Ok(Next::Quit),
        ["freeze"] => camera.freeze(),
        ["thaw"] => camera.thaw(),
        ["reset"] => camera.reset()?,
        ["stop"] => camera.stop()?,
        ["start"] => camera.restart()?,
        ["size", text] => answer = format!("from frame {}", camera.set_size(size(text)?)?.first),
        ["codec", name] => camera.set_codec(name.parse()?)?,
        ["password"] => camera.set_credentials(None),
        ["password", user, password] => camera.set_credentials(Some(Credentials::new(user, password))),
        ["jump", text] => camera.jump_timestamps(text.parse().context("jump takes milliseconds")?),
        ["timestamps", name] => camera.set_timestamp_fault(fault(name)?),
        ["reports", state @ ("on" | "off")] => camera.set_sender_reports(state == "on"),
        ["clients"] => answer = camera.clients().to_string(),
        ["frames"] => answer = camera.frames().to_string(),
        _ => bail!("`{line}` is no command; --help lists them"),
    }
    Ok(Next::Say(answer))
}

fn fault(name: &str) -> anyhow::Result<TimestampFault> {
    Ok(match name {
        "good" => TimestampFault::None,
        "stuck" => TimestampFault::Stuck,
        "backwards" => TimestampFault::Backwards,
        "random" => TimestampFault::Random,
        _ => bail!("timestamps are good, stuck, backwards or random"),
    })
}
