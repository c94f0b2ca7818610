//! User and password come together, and from one place.

use super::{Labelled, only_one};
use crate::report::Report;
use crate::stream::StreamConfig;
use crate::values::{RtspUrl, Source};

pub(super) fn check(labelled: &Labelled<'_>, report: &mut Report) {
    for (label, stream) in labelled.streams() {
        if let Source::Rtsp(url) = &stream.source {
            of_camera(label, stream, url, report);
        }
    }
    for (label, sink) in labelled.sinks() {
        let (user, password) = sink.target.credentials();
        if password.is_some() && user.is_none() {
            only_one(label, "password_env", "user_env", report);
        }
        if user.is_some() && password.is_none() {
            only_one(label, "user_env", "password_env", report);
        }
    }
}

fn of_camera(label: &str, stream: &StreamConfig, url: &RtspUrl, report: &mut Report) {
    let source = format!("{label}.source");
    if url.has_password() {
        both(label, stream, &source, report);
    } else if stream.password_env.is_some() && stream.user_env.is_none() && !url.has_user() {
        only_one(label, "password_env", "user_env", report);
    }
}

fn both(label: &str, stream: &StreamConfig, source: &str, report: &mut Report) {
    if stream.password_env.is_some() || stream.user_env.is_some() {
        let given = if stream.password_env.is_some() { "password_env" } else { "user_env" };
        let found = "it beside a source with user and password in it";
        report.find_rule(&format!("{label}.{given}"), &[source], found, "one of the two");
    } else if !report.is_faulty(source) {
        report.warn(
            source,
            "there is a password in this file: with user_env and password_env it can be left out of it, as in \
             `user_env = \"CAMERA_USER\"` and `password_env = \"CAMERA_PASSWORD\"`",
        );
    }
}
