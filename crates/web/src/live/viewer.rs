use std::collections::VecDeque;
use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket};
use maskd_daemon::{Latest, Newest};
use maskd_live::{Ladder, Word, address};
use tokio::sync::watch;
use tokio::time;

use super::IN_FLIGHT;
use crate::app::App;

/// A viewer from which nothing has come for so long is gone: it answers frames, and pings where there are none.
const SILENCE: Duration = Duration::from_secs(30);
const PING: Duration = Duration::from_secs(10);

/// How long a frame may take to leave.
const SEND: Duration = Duration::from_secs(10);

struct Viewer {
    ladder: Ladder,
    sent: VecDeque<(u32, Instant)>,
    ticket: u32,
    paused: bool,
    heard: Instant,
}

/// Shows a stream until the viewer goes, or the stream.
pub(super) async fn serve(mut socket: WebSocket, app: &App, stream: &str, mut latest: watch::Receiver<Latest>) {
    let mut viewer = Viewer::new(Instant::now());
    let mut ping = time::interval(PING);
    latest.mark_changed();
    // Ends by itself when the viewer or the stream is gone.
    while viewer.turn(&mut socket, app, &mut latest, &mut ping).await.is_some() {}
    app.pictures.forget(stream);
}

impl Viewer {
    fn new(now: Instant) -> Self {
        Self { ladder: Ladder::new(now), sent: VecDeque::new(), ticket: 0, paused: false, heard: now }
    }

    /// Does the next thing; `None` when it was the last.
    async fn turn(
        &mut self,
        socket: &mut WebSocket,
        app: &App,
        latest: &mut watch::Receiver<Latest>,
        ping: &mut time::Interval,
    ) -> Option<()> {
        tokio::select! {
            word = socket.recv() => self.hear(word?.ok()?),
            changed = latest.changed(), if self.may_send() => {
                changed.ok()?;
                let newest = latest.borrow_and_update().clone();
                match newest {
                    Some(newest) => self.show(socket, app, &newest).await,
                    None => Some(()),
                }
            }
            _ = ping.tick() => {
                if self.heard.elapsed() > SILENCE {
                    return None;
                }
                send(socket, Message::Ping(Default::default())).await
            }
        }
    }

    fn may_send(&self) -> bool {
        !self.paused && self.sent.len() < IN_FLIGHT
    }

    fn hear(&mut self, message: Message) -> Option<()> {
        self.heard = Instant::now();
        let Message::Text(text) = message else {
            return (!matches!(message, Message::Close(_))).then_some(());
        };
        // Whoever says something else is no viewer.
        let word = Word::read(&text)?;
        self.paused = word.pause.unwrap_or(self.paused);
        if let Some(width) = word.width {
            self.ladder.shown_at(width);
        }
        if let Some(place) = word.ack.and_then(|ticket| self.sent.iter().position(|(sent, _)| *sent == ticket)) {
            // An answer to a later frame answers those before it.
            if let Some((_, sent)) = self.sent.drain(..=place).next_back() {
                self.ladder.answered(sent.elapsed(), Instant::now());
            }
        }
        Some(())
    }

    async fn show(&mut self, socket: &mut WebSocket, app: &App, newest: &Newest) -> Option<()> {
        let frame = &newest.frame;
        let Some(body) = app.pictures.get(&app.painters, frame, self.ladder.rung()).await else { return Some(()) };
        let age = frame.frame.stamp.arrived.elapsed().as_secs_f32() * 1e3;
        self.ticket = self.ticket.wrapping_add(1);
        let bytes = address(&body, age, newest.rate, self.ticket);
        self.sent.push_back((self.ticket, Instant::now()));
        send(socket, Message::Binary(bytes.into())).await
    }
}

async fn send(socket: &mut WebSocket, message: Message) -> Option<()> {
    time::timeout(SEND, socket.send(message)).await.ok()?.ok()
}
