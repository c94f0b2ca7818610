use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use maskd_types::{Notice, TrackedFrame};

use super::hub::Hub;
use super::listener::Listener;
use super::{ReaderCounts, ServerConfig};
use crate::message::MessageForm;
use crate::ndjson::SocketAddress;
use crate::ndjson::line::{frame_line, notice_line};
use crate::{OutputError, Sink};

/// How long to wait when the system has no descriptor left for another reader.
const NO_DESCRIPTORS: Duration = Duration::from_millis(200);

/// Writes every frame and every notice as a line of JSON to everyone who is connected. It never waits for a reader.
pub struct NdjsonServer {
    name: String,
    address: SocketAddress,
    form: MessageForm,
    patience: Duration,
    hub: Arc<Hub>,
    listener: Arc<Listener>,
    closing: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl NdjsonServer {
    /// Listens.
    ///
    /// # Errors
    /// [`OutputError::Create`] where the address is in use or cannot be had, [`OutputError::Thread`] where there is no
    /// thread to accept readers on.
    pub fn bind(
        address: &SocketAddress,
        config: &ServerConfig,
        counts: Arc<ReaderCounts>,
    ) -> Result<Self, OutputError> {
        let failed = |source| OutputError::Create { path: PathBuf::from(address.to_string()), source };
        let listener = Arc::new(Listener::bind(address).map_err(failed)?);
        let address = listener.address().map_err(failed)?;
        let name = format!("ndjson {address}");
        let hub = Arc::new(Hub::new(*config, counts));
        let closing = Arc::new(AtomicBool::new(false));
        let accepting = {
            let (hub, listener, closing) = (hub.clone(), listener.clone(), closing.clone());
            thread::Builder::new()
                .name("ndjson-accept".into())
                .spawn(move || accept(&hub, &listener, &closing))
                .map_err(|source| OutputError::Thread { name: name.clone(), source })?
        };
        Ok(Self {
            name,
            address,
            form: config.form,
            patience: config.write_deadline,
            hub,
            listener,
            closing,
            accepting: Some(accepting),
        })
    }

    /// Where it listens; a port of 0 has become a real one.
    pub fn address(&self) -> &SocketAddress {
        &self.address
    }

    fn open(&self) -> Result<(), OutputError> {
        if self.accepting.is_some() {
            return Ok(());
        }
        Err(OutputError::Closed { path: PathBuf::from(self.address.to_string()) })
    }

    fn close(&mut self, patience: Duration) {
        let Some(accepting) = self.accepting.take() else { return };
        self.closing.store(true, Ordering::Relaxed);
        self.listener.shut_down();
        // The thread waits for nothing but the listener, and what it leaves behind is in the hub.
        let _ = accepting.join();
        self.hub.close(patience);
    }
}

impl Sink for NdjsonServer {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        self.open()?;
        if self.hub.has_readers() {
            self.hub.send(&frame_line(frame, self.form)?.into());
        }
        Ok(())
    }

    fn notice(&mut self, notice: &Notice) -> Result<(), OutputError> {
        self.open()?;
        let line = notice_line(notice)?.into();
        if let Notice::Status(status) = notice {
            match status.removed {
                true => self.hub.forget(&status.stream),
                false => self.hub.remember(&status.stream, &line),
            }
        }
        self.hub.send(&line);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), OutputError> {
        self.close(self.patience);
        Ok(())
    }
}

impl Drop for NdjsonServer {
    fn drop(&mut self) {
        self.close(Duration::ZERO);
    }
}

fn accept(hub: &Hub, listener: &Listener, closing: &AtomicBool) {
    while !closing.load(Ordering::Relaxed) {
        // A reader that could not be let in has hung up or will be hung up on; the next one may do better.
        if listener.accept().and_then(|socket| hub.add(socket)).is_err() && !closing.load(Ordering::Relaxed) {
            thread::sleep(NO_DESCRIPTORS);
        }
    }
}
