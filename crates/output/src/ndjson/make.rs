use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{NdjsonConfig, NdjsonServer, NdjsonSink, NdjsonTarget, ReaderCounts, ServerConfig};
use crate::outlet::MakeSink;
use crate::{OutputError, Sink};

/// What an [`Outlet`](crate::outlet::Outlet) calls to make the sink for a target, the first time and after failures.
///
/// A file is overwritten or extended by `append` the first time only: what was written before a failure stays.
/// `sockets` holds limits for sockets and the form of messages for every target; its address is the target's.
/// `counts` counts the readers of a socket that is listened on.
pub fn maker(target: NdjsonTarget, append: bool, sockets: ServerConfig, counts: Arc<ReaderCounts>) -> MakeSink {
    match target {
        NdjsonTarget::Standard => file("-".into(), append, sockets),
        NdjsonTarget::File(path) => file(path, append, sockets),
        NdjsonTarget::Connect(address) => Box::new(move || {
            let sink = NdjsonSink::connect(&address, sockets.form, sockets.write_deadline)?;
            Ok(Box::new(sink))
        }),
        NdjsonTarget::Listen(address) => Box::new(move || {
            let server = NdjsonServer::bind(&address, &sockets, counts.clone())?;
            Ok(Box::new(server))
        }),
    }
}

fn file(path: PathBuf, mut append: bool, sockets: ServerConfig) -> MakeSink {
    Box::new(move || -> Result<Box<dyn Sink>, OutputError> {
        let sink = NdjsonSink::create(&NdjsonConfig { path: path.clone(), append, form: sockets.form })?;
        append = path != Path::new("-");
        Ok(Box::new(sink))
    })
}
