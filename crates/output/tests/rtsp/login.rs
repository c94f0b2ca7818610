use maskd_output::rtsp::{RtspConfig, RtspLogin};

use crate::player::{Player, ffmpeg_is_missing};
use crate::show::{Show, config, frames};

fn guarded() -> RtspConfig {
    let login = RtspLogin { user: "viewer".to_owned(), password: "correct horse".to_owned() };
    RtspConfig { login: Some(login), ..config() }
}

#[test]
fn only_the_right_password_opens() {
    if ffmpeg_is_missing() {
        return;
    }
    let show = Show::start(guarded(), frames("320x180"));
    let with = |login: &str| show.url.replace("rtsp://", &format!("rtsp://{login}"));
    let mut known = Player::ffmpeg(&with("viewer:correct%20horse@"), [320, 180], "tcp");
    assert!(known.picture().is_some(), "{}", known.complaint());
    for wrong in ["", "viewer:wrong@", "other:correct%20horse@"] {
        let mut player = Player::ffmpeg(&with(wrong), [320, 180], "tcp");
        assert!(player.picture().is_none(), "{wrong:?} opens");
        let complaint = player.complaint();
        assert!(complaint.contains("401"), "{complaint}");
    }
    assert!(known.picture().is_some(), "whoever is in stays in");
}

#[test]
fn the_password_is_never_printed() {
    let text = format!("{:?}", guarded());
    assert!(text.contains("viewer") && !text.contains("horse"), "{text}");
}
