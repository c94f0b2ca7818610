use std::sync::{Arc, Mutex, PoisonError};

use gstreamer::glib::WeakRef;
use gstreamer_rtsp_server::prelude::*;
use gstreamer_rtsp_server::{RTSPClient, RTSPContext, RTSPServer, RTSPSession, RTSPSessionPool};

use super::mounts::Mounts;

/// Looks after whoever connects, from the first word to the last.
pub(super) fn receive(server: &RTSPServer, mounts: &Mounts) {
    let mounts = mounts.clone();
    server.connect_client_connected(move |server, client: &RTSPClient| {
        let mounts = mounts.clone();
        client.connect_play_request(move |_, request: &RTSPContext| {
            if let Some(url) = request.uri() {
                mounts.welcome(path_of(&url.request_uri()));
            }
        });
        if let Some(sessions) = server.session_pool() {
            end_sessions_with(client, sessions);
        }
    });
}

/// Without this the sessions of players that are gone count as players until they time out, a minute later.
fn end_sessions_with(client: &RTSPClient, sessions: RTSPSessionPool) {
    let own: Arc<Mutex<Vec<WeakRef<RTSPSession>>>> = Arc::default();
    let begun = Arc::clone(&own);
    client.connect_new_session(move |_, session: &RTSPSession| {
        begun.lock().unwrap_or_else(PoisonError::into_inner).push(session.downgrade());
    });
    client.connect_closed(move |_| {
        let mut own = own.lock().unwrap_or_else(PoisonError::into_inner);
        for session in own.drain(..).filter_map(|session| session.upgrade()) {
            // One that is not there any more has been removed already.
            let _ = sessions.remove(&session);
        }
    });
}

/// What stands between the host and the query of an address, from `/` on.
fn path_of(url: &str) -> &str {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = behind_scheme.find('/').and_then(|start| behind_scheme.get(start..)).unwrap_or("/");
    path.split('?').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_in_addresses() {
        assert_eq!(path_of("rtsp://host:8554/yard%2F/masks?x=1/2"), "/yard%2F/masks");
        assert_eq!(path_of("rtsp://host"), "/");
        assert_eq!(path_of("/yard"), "/yard");
    }
}
