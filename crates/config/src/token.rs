//! The token that clients of the HTTP server have to show: where it is read, and what it must be.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;

use crate::values::Secret;

/// Shorter ones can be guessed.
const LEAST: usize = 16;

/// Longer ones are another file, taken for the token by mistake.
const MOST: usize = 4096;

/// What is accepted instead of a token that is not.
pub(crate) const ACCEPTED: &str = "a token of 16 to 4096 ASCII characters without spaces, such as `openssl rand -hex 32` \
                                   prints; `maskd check --no-environment` does not ask for it";

/// The text as a token, or why it is none, in words that go after "a variable that" or "a file that" and show nothing of it.
pub(crate) fn checked(text: &str) -> Result<Secret, String> {
    match text.chars().count() {
        0 => Err("is empty".into()),
        length if length < LEAST => Err(format!("holds fewer than {LEAST} characters")),
        length if length > MOST => Err(format!("holds more than {MOST} characters")),
        // Anything else cannot stand in a header as it is.
        _ if !text.bytes().all(|byte| byte.is_ascii_graphic()) => Err("holds spaces or characters beyond ASCII".into()),
        _ => Ok(Secret::new(text.to_owned())),
    }
}

/// A token, and what is doubtful about the file that it is in.
pub(crate) struct InFile {
    pub token: Secret,
    pub doubt: Option<String>,
}

/// Reads a token from a file; errors are worded as those of [`checked`].
pub(crate) fn read(path: &Path) -> Result<InFile, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read ({error})");
    let file = File::open(path).map_err(unreadable)?;
    let doubt = doubt(&file.metadata().map_err(unreadable)?);
    let mut bytes = Vec::new();
    // White space and one character more than there may be.
    file.take(2 * MOST as u64).read_to_end(&mut bytes).map_err(unreadable)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| "is no text in UTF-8".to_owned())?;
    Ok(InFile { token: checked(text.trim())?, doubt })
}

#[cfg(unix)]
fn doubt(metadata: &Metadata) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    let open = mode & 0o007 != 0;
    open.then(|| {
        format!("everyone on this machine can get at the token (mode {mode:03o}): `chmod o= FILE` leaves it to its owner and group")
    })
}

#[cfg(not(unix))]
fn doubt(_: &Metadata) -> Option<String> {
    None
}
