//! One HTTP request and what comes of it.

use super::part::Part;
use crate::{HubError, OfficialModel};
use std::error::Error;
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body};

const MAX_REDIRECTS: u32 = 8;
const BUFFER: usize = 64 << 10;

/// How an attempt ended that may be followed by another one.
pub enum Attempt {
    /// All bytes are there.
    Complete,
    /// It broke for a reason that may pass.
    Broken(Box<dyn Error + Send + Sync>),
}

impl Attempt {
    fn broken(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Result<Self, HubError> {
        Ok(Self::Broken(reason.into()))
    }
}

/// What an answer says about its body.
enum Answer {
    /// The bytes from the end of the part on.
    Rest,
    /// All bytes from the first on.
    Whole,
    /// That what is on disk cannot be part of the file.
    Elsewhere,
}

/// Everything that is the same in every attempt.
pub struct Transfer<'a> {
    model: &'a OfficialModel,
    url: &'a str,
    agent: Agent,
    progress: &'a mut dyn FnMut(u64, u64),
    cancel: &'a AtomicBool,
}

impl<'a> Transfer<'a> {
    pub fn new(
        model: &'a OfficialModel,
        url: &'a str,
        timeout: Duration,
        progress: &'a mut dyn FnMut(u64, u64),
        cancel: &'a AtomicBool,
    ) -> Self {
        let agent = Agent::config_builder()
            .timeout_resolve(Some(timeout))
            .timeout_connect(Some(timeout))
            .timeout_recv_response(Some(timeout))
            .timeout_per_read(Some(timeout))
            .max_redirects(MAX_REDIRECTS)
            .max_redirects_will_error(true)
            .http_status_as_error(false)
            // Whoever asks for https must not be led away from it.
            .https_only(url.starts_with("https://"))
            .user_agent(concat!("maskd/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self { model, url, agent, progress, cancel }
    }

    /// Asks for what is missing and writes down what comes.
    pub fn attempt(&mut self, part: &mut Part) -> Result<Attempt, HubError> {
        if part.len()? > self.model.bytes {
            part.cut_to(0)?;
        }
        let done = part.len()?;
        self.ensure_wanted(done)?;
        if done == self.model.bytes {
            return Ok(Attempt::Complete);
        }
        let request = self.agent.get(self.url);
        let request = if done > 0 { request.header("Range", format!("bytes={done}-")) } else { request };
        let response = match request.call() {
            Ok(response) => response,
            Err(error) => return Attempt::broken(error),
        };
        if is_passing(response.status().as_u16()) {
            return Attempt::broken(format!("status {}", response.status()));
        }
        match self.answer(&response, done)? {
            Answer::Elsewhere => {
                part.cut_to(0)?;
                Attempt::broken("the server does not have the rest of what came before; beginning anew")
            }
            Answer::Rest => self.receive(response.into_body(), part, done),
            Answer::Whole => self.receive(response.into_body(), part, 0),
        }
    }

    fn answer(&self, response: &Response<Body>, done: u64) -> Result<Answer, HubError> {
        match response.status().as_u16() {
            200 => {
                let length = header(response, "content-length").and_then(|text| text.parse().ok());
                self.ensure_length(length.unwrap_or(self.model.bytes))?;
                Ok(Answer::Whole)
            }
            206 if done > 0 => match header(response, "content-range").and_then(content_range) {
                Some((start, total)) if start == done && total == self.model.bytes => Ok(Answer::Rest),
                _ => Ok(Answer::Elsewhere),
            },
            416 if done > 0 => Ok(Answer::Elsewhere),
            status => Err(HubError::Status { url: self.url.to_owned(), status }),
        }
    }

    fn receive(&mut self, body: Body, part: &mut Part, from: u64) -> Result<Attempt, HubError> {
        part.cut_to(from)?;
        let mut reader = body.into_reader();
        let mut buffer = vec![0; BUFFER];
        let mut done = from;
        loop {
            let count = match reader.read(&mut buffer) {
                Ok(count) => count,
                Err(error) => return Attempt::broken(error),
            };
            let bytes = buffer.get(..count).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            done += bytes.len() as u64;
            if let Err(error) = self.ensure_at_most(done) {
                part.cut_to(0)?;
                return Err(error);
            }
            part.write(bytes)?;
            (self.progress)(done, self.model.bytes);
            self.ensure_wanted(done)?;
        }
        if done == self.model.bytes {
            return Ok(Attempt::Complete);
        }
        Attempt::broken(format!("the connection ended after {done} of {} bytes", self.model.bytes))
    }

    fn ensure_wanted(&self, done: u64) -> Result<(), HubError> {
        if self.cancel.load(Ordering::Relaxed) { Err(HubError::Cancelled { done }) } else { Ok(()) }
    }

    fn ensure_length(&self, found: u64) -> Result<(), HubError> {
        let expected = self.model.bytes;
        if found == expected { Ok(()) } else { Err(HubError::Length { url: self.url.to_owned(), found, expected }) }
    }

    fn ensure_at_most(&self, found: u64) -> Result<(), HubError> {
        if found <= self.model.bytes { Ok(()) } else { self.ensure_length(found) }
    }
}

/// Whether a status says that a later attempt may have more luck.
fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// First byte and length of the whole in `bytes 5-9/10`.
fn content_range(text: &str) -> Option<(u64, u64)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.trim().parse().ok()?, total.trim().parse().ok()?))
}
