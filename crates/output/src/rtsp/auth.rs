use gstreamer::Structure;
use gstreamer_rtsp_server::gst_rtsp::RTSPAuthMethod;
use gstreamer_rtsp_server::prelude::*;
use gstreamer_rtsp_server::{RTSPAuth, RTSPMediaFactory, RTSPServer, RTSPToken};

use super::RtspLogin;

const ROLE: &str = "viewer";

/// Lets nobody in who does not know the login.
pub(super) fn require(server: &RTSPServer, login: &RtspLogin) {
    let auth = RTSPAuth::new();
    // Basic would send the password over the network as it is; players that know it know Digest too.
    auth.set_supported_methods(RTSPAuthMethod::Digest);
    auth.set_realm(Some("maskd"));
    let token = RTSPToken::builder().field("media.factory.role", ROLE).build();
    auth.add_digest(&login.user, &login.password, &token);
    server.set_auth(Some(&auth));
}

/// Opens a mount to those who know the login.
pub(super) fn admit(factory: &RTSPMediaFactory) {
    let rights = Structure::builder(ROLE).field("media.factory.access", true).field("media.factory.construct", true);
    factory.add_role_from_structure(&rights.build());
}
