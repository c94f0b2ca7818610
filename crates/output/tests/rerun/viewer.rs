//! A viewer's side of the connection: Rerun's own protocol, served here.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;

use maskd_output::outlet::MakeSink;
use maskd_output::rerun::{RerunConfig, RerunTarget, maker};
use re_log_encoding::{CachingApplicationIdInjector, ToApplication};
use re_log_types::LogMsg;
use re_protos::sdk_comms::v1alpha1::message_proxy_service_server::{MessageProxyService, MessageProxyServiceServer};
use re_protos::sdk_comms::v1alpha1::{
    ReadMessagesRequest, ReadMessagesResponse, ReadTablesRequest, ReadTablesResponse, WriteMessagesRequest,
    WriteMessagesResponse, WriteTableRequest, WriteTableResponse,
};
use tonic::codegen::BoxStream;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};

use crate::common::live::wait_for;
use crate::scene::{check, frames};
use crate::seen::Seen;

/// Keeps what it is sent.
#[derive(Clone, Default)]
struct Viewer(Arc<Mutex<Vec<LogMsg>>>);

#[tonic::async_trait]
impl MessageProxyService for Viewer {
    type ReadMessagesStream = BoxStream<ReadMessagesResponse>;
    type ReadTablesStream = BoxStream<ReadTablesResponse>;

    async fn write_messages(
        &self,
        request: Request<Streaming<WriteMessagesRequest>>,
    ) -> Result<Response<WriteMessagesResponse>, Status> {
        let mut stream = request.into_inner();
        let mut ids = CachingApplicationIdInjector::default();
        while let Some(request) = stream.message().await? {
            let message = request.log_msg.unwrap().to_application((&mut ids, None)).unwrap();
            self.0.lock().unwrap().push(message);
        }
        Ok(Response::new(WriteMessagesResponse {}))
    }

    async fn read_messages(
        &self,
        _: Request<ReadMessagesRequest>,
    ) -> Result<Response<Self::ReadMessagesStream>, Status> {
        Err(Status::unimplemented("nobody reads"))
    }

    async fn write_table(&self, _: Request<WriteTableRequest>) -> Result<Response<WriteTableResponse>, Status> {
        Err(Status::unimplemented("there are no tables"))
    }

    async fn read_tables(&self, _: Request<ReadTablesRequest>) -> Result<Response<Self::ReadTablesStream>, Status> {
        Err(Status::unimplemented("nobody reads"))
    }
}

impl Viewer {
    /// Listens; ends when the sender is dropped.
    fn listen(&self, port: u16) -> (u16, tokio::sync::oneshot::Sender<()>, thread::JoinHandle<()>) {
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let (told, port_of) = std::sync::mpsc::sync_channel(1);
        let service = MessageProxyServiceServer::new(self.clone());
        let server = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let incoming = TcpIncoming::bind(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
                told.send(incoming.local_addr().unwrap().port()).unwrap();
                tokio::select! {
                    result = Server::builder().serve_with_incoming(service, incoming) => result.unwrap(),
                    _ = ended => {}
                }
            });
        });
        (port_of.recv().unwrap(), end, server)
    }

    fn seen(&self) -> Seen {
        Seen::of(self.0.lock().unwrap().iter().cloned())
    }
}

fn sinks_to(port: u16) -> MakeSink {
    maker(RerunConfig::new(RerunTarget::Viewer(format!("rerun+http://127.0.0.1:{port}/proxy"))))
}

#[test]
fn a_viewer_sees_the_scene() {
    let viewer = Viewer::default();
    let (port, end, server) = viewer.listen(0);
    let frames = frames(40);
    let mut sink = sinks_to(port)().unwrap();
    for frame in &frames {
        sink.write(frame).unwrap();
    }
    sink.finish().unwrap();
    check(&viewer.seen(), &frames);
    drop(end);
    server.join().unwrap();
}

#[test]
fn a_frame_is_shown_at_once_and_a_viewer_that_returns_sees_one_recording() {
    let viewer = Viewer::default();
    let (port, end, server) = viewer.listen(0);
    let frames = frames(10);
    let mut make = sinks_to(port);
    let mut sink = make().unwrap();
    sink.write(&frames[0]).unwrap();
    wait_for("the first frame", || viewer.seen().entities().len() == 7);
    drop(end);
    server.join().unwrap();
    let mut rest = frames.iter().cycle();
    wait_for("the loss is noticed", || sink.write(rest.next().unwrap()).is_err());
    assert!(make().is_err());
    let (_, end, server) = viewer.listen(port);
    let mut sink = make().unwrap();
    sink.write(rest.next().unwrap()).unwrap();
    sink.finish().unwrap();
    let recordings = viewer.seen().recordings;
    assert!(recordings.len() == 2 && recordings[0] == recordings[1], "{recordings:?}");
    drop(end);
    server.join().unwrap();
}
