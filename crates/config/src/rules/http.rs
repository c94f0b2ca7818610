//! What the keys of the server ask of each other; who is let in from elsewhere is decided in `exposure`.

use super::{Labelled, only_one};
use crate::http::HttpConfig;
use crate::report::Report;
use crate::values::SourceScheme;

pub(super) fn check(labelled: &Labelled<'_>, report: &mut Report) {
    let http = &labelled.config.http;
    token(http, report);
    tls(http, report);
    sources(http, report);
}

fn token(http: &HttpConfig, report: &mut Report) {
    if http.token_env.is_some() && http.token_file.is_some() {
        report.find_rule("http.token_file", &["http.token_env"], "it beside token_env", "one of the two");
    }
}

fn tls(http: &HttpConfig, report: &mut Report) {
    if http.tls_certificate.is_some() && http.tls_key.is_none() {
        only_one("http", "tls_certificate", "tls_key", report);
    }
    if http.tls_key.is_some() && http.tls_certificate.is_none() {
        only_one("http", "tls_key", "tls_certificate", report);
    }
    if http.tls().is_some() && http.allow_plain_http {
        report
            .warn("http.allow_plain_http", "it does nothing: with tls_certificate and tls_key there is no plain HTTP");
    }
}

fn sources(http: &HttpConfig, report: &mut Report) {
    let (schemes, roots) = ("http.source_schemes", "http.source_roots");
    let files = http.source_schemes.contains(&SourceScheme::File);
    if files && http.source_roots.is_empty() {
        let accepted = "it with the folders of these files in source_roots, or a list without \"file\"";
        report.find_rule(schemes, &[roots], "\"file\" without source_roots", accepted);
    }
    if !files && !http.source_roots.is_empty() && !report.is_faulty(schemes) {
        report.warn(roots, "it does nothing: \"file\" is not among source_schemes");
    }
}
