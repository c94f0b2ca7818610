use std::convert::Infallible;
use std::error::Error;
use std::thread;
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;
use re_log_encoding::{Compression, ToTransport};
use re_log_types::LogMsg;
use re_protos::sdk_comms::v1alpha1::WriteMessagesRequest;
use re_protos::sdk_comms::v1alpha1::message_proxy_service_client::MessageProxyServiceClient;
use tokio::sync::oneshot;
use tonic::transport::{ClientTlsConfig, Endpoint};

use crate::OutputError;

/// Messages that may wait for the connection, a few frames' worth.
const WAITING: usize = 64;
/// How long the viewer may take to confirm the last message.
const LEAVING: Duration = Duration::from_secs(2);
/// The port of viewers that have not been given another.
const PORT: u16 = 9876;

type Failure = Box<dyn Error + Send + Sync>;

/// What the connection's thread tells.
enum News {
    Connected,
    Ended(Result<(), Failure>),
}

/// A connection to a viewer, on a thread of its own that ends when this is dropped, whatever the viewer does.
pub(super) struct Viewer {
    address: String,
    patience: Duration,
    requests: Option<flume::Sender<WriteMessagesRequest>>,
    news: crossbeam_channel::Receiver<News>,
    /// Dropped to end the thread.
    _alive: oneshot::Sender<Infallible>,
}

impl Viewer {
    pub(super) fn connect(address: &str, patience: Duration) -> Result<Self, OutputError> {
        let endpoint = endpoint(address, patience)
            .map_err(|source| OutputError::Viewer { viewer: address.to_owned(), source: source.into() })?;
        let (requests, queue) = flume::bounded(WAITING);
        // The thread has two things to tell and never waits to tell them.
        let (tell, news) = crossbeam_channel::bounded(2);
        let (alive, given_up) = oneshot::channel();
        thread::Builder::new()
            .name("rerun".into())
            .spawn(move || converse(endpoint, queue, &tell, given_up))
            .map_err(|source| OutputError::Thread { name: address.to_owned(), source })?;
        let viewer = Self { address: address.to_owned(), patience, requests: Some(requests), news, _alive: alive };
        match viewer.news.recv_timeout(patience + LEAVING) {
            Ok(News::Connected) => Ok(viewer),
            Ok(News::Ended(result)) => Err(viewer.ended(result)),
            Err(_) => Err(viewer.silent(patience + LEAVING)),
        }
    }

    /// Waits where many messages do, and not for long.
    pub(super) fn send(&self, message: &LogMsg) -> Result<(), OutputError> {
        let message = message.to_transport(Compression::LZ4).map_err(|error| OutputError::Rerun(Box::new(error)))?;
        let log_msg = re_protos::log_msg::v1alpha1::LogMsg { msg: Some(message) };
        let Some(requests) = &self.requests else { return Err(self.silent(Duration::ZERO)) };
        match requests.send_timeout(WriteMessagesRequest { log_msg: Some(log_msg) }, self.patience) {
            Ok(()) => Ok(()),
            Err(flume::SendTimeoutError::Timeout(_)) => Err(self.silent(self.patience)),
            Err(flume::SendTimeoutError::Disconnected(_)) => Err(self.last_words()),
        }
    }

    /// Whether it is still there.
    pub(super) fn check(&self) -> Result<(), OutputError> {
        match self.news.try_recv() {
            Ok(News::Ended(result)) => Err(self.ended(result)),
            _ => Ok(()),
        }
    }

    /// Waits until everything has been taken, and not for long.
    pub(super) fn finish(&mut self) -> Result<(), OutputError> {
        self.requests = None;
        match self.news.recv_timeout(LEAVING) {
            Ok(News::Ended(Ok(()))) => Ok(()),
            Ok(News::Ended(result)) => Err(self.ended(result)),
            _ => Err(self.silent(LEAVING)),
        }
    }

    fn last_words(&self) -> OutputError {
        match self.news.recv_timeout(LEAVING) {
            Ok(News::Ended(result)) => self.ended(result),
            Ok(News::Connected) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                self.silent(LEAVING)
            }
        }
    }

    fn ended(&self, result: Result<(), Failure>) -> OutputError {
        let source = result.err().unwrap_or_else(|| "it has closed the connection".into());
        OutputError::Viewer { viewer: self.address.clone(), source }
    }

    fn silent(&self, waited: Duration) -> OutputError {
        OutputError::ViewerSilent { viewer: self.address.clone(), seconds: waited.as_secs() }
    }
}

fn endpoint(address: &str, patience: Duration) -> Result<Endpoint, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(url(address))?
        .connect_timeout(patience)
        .http2_keep_alive_interval(patience)
        .keep_alive_timeout(patience)
        .keep_alive_while_idle(true);
    if endpoint.uri().scheme_str() == Some("https") {
        return endpoint.tls_config(ClientTlsConfig::new().with_native_roots());
    }
    Ok(endpoint)
}

/// `rerun+http://HOST:PORT/proxy` without what only Rerun knows.
fn url(address: &str) -> String {
    let url = address.strip_prefix("rerun+").unwrap_or(address);
    let url = url.trim_end_matches('/').trim_end_matches("/proxy");
    let host = url.split_once("://").map_or(url, |(_, host)| host);
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if has_port { url.to_owned() } else { format!("{url}:{PORT}") }
}

fn converse(
    endpoint: Endpoint,
    queue: flume::Receiver<WriteMessagesRequest>,
    tell: &crossbeam_channel::Sender<News>,
    given_up: oneshot::Receiver<Infallible>,
) {
    let ended = match tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build() {
        Ok(runtime) => {
            let ended = runtime.block_on(async {
                tokio::select! {
                    ended = hand_over(endpoint, queue, tell) => ended,
                    _ = given_up => Ok(()),
                }
            });
            // Looking up a name may hang and cannot be stopped.
            runtime.shutdown_background();
            ended
        }
        Err(error) => Err(error.into()),
    };
    let _ = tell.try_send(News::Ended(ended));
}

async fn hand_over(
    endpoint: Endpoint,
    queue: flume::Receiver<WriteMessagesRequest>,
    tell: &crossbeam_channel::Sender<News>,
) -> Result<(), Failure> {
    let channel = endpoint.connect().await?;
    let _ = tell.try_send(News::Connected);
    MessageProxyServiceClient::new(channel).write_messages(queue.into_stream()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_viewers_become_urls() {
        assert_eq!(url("rerun+http://127.0.0.1:9876/proxy"), "http://127.0.0.1:9876");
        assert_eq!(url("rerun+http://viewer/proxy"), "http://viewer:9876");
        assert_eq!(url("rerun+https://viewer:443"), "https://viewer:443");
        assert_eq!(url("rerun+http://[::1]/proxy/"), "http://[::1]:9876");
    }
}
