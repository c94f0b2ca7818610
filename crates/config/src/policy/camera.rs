//! Which device files are cameras.

use std::path::Path;

use super::PolicyError;

/// Whether a path leads to the device file of a camera. Others are not opened: some do something as soon as they are, a watchdog
/// for one.
pub(super) fn check(path: &Path) -> Result<(), PolicyError> {
    match path.canonicalize() {
        Ok(real) if is_camera(&real) => Ok(()),
        // The same for what is there and what is not, so that nobody can ask what there is.
        _ => Err(PolicyError::NoCamera { path: path.to_owned() }),
    }
}

/// By the name that Linux gives to the device files of video devices.
fn is_camera(real: &Path) -> bool {
    let number = real.to_str().and_then(|path| path.strip_prefix("/dev/video"));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cameras_are_known_by_their_names() {
        for (path, camera) in [
            ("/dev/video0", true),
            ("/dev/video12", true),
            ("/dev/video", false),
            ("/dev/video1x", false),
            ("/dev/video/1", false),
            ("/tmp/dev/video0", false),
            ("/dev/watchdog", false),
        ] {
            assert_eq!(is_camera(Path::new(path)), camera, "{path}");
        }
    }
}
