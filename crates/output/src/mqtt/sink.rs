use std::path::PathBuf;
use std::time::{Duration, Instant};

use maskd_types::{Notice, TrackedFrame};

use super::link::{End, Link, Order, Times};
use super::options::{OFFLINE, options, publish};
use super::topics::of_stream;
use super::{MqttConfig, Qos};
use crate::message::{frame_json, notice_json};
use crate::outlet::MakeSink;
use crate::{OutputError, Sink};

/// How long taking leave of the broker may take.
const LEAVING: Duration = Duration::from_secs(2);

/// Publishes frames and notices over one connection to a broker. See the [module](super).
pub struct MqttSink {
    name: String,
    config: MqttConfig,
    link: Option<Link>,
}

impl MqttSink {
    /// Connects and says `online`.
    ///
    /// # Errors
    /// [`OutputError::Topic`] and [`OutputError::Read`] for what the configuration gets wrong, [`OutputError::Broker`]
    /// where the broker cannot be reached or refuses, [`OutputError::BrokerSilent`] where it does not answer.
    pub fn connect(config: MqttConfig) -> Result<Self, OutputError> {
        config.topics.check()?;
        let broker = config.broker.to_string();
        let times = Times { keep_alive: config.keep_alive, patience: config.patience };
        let link = Link::connect(options(&config)?, times)?.map_err(|end| error(&config, end))?;
        let mut sink = Self { name: format!("mqtt {broker}"), config, link: Some(link) };
        sink.say(sink.config.topics.status.clone(), "online".into(), sink.config.qos.status, true)?;
        Ok(sink)
    }

    fn say(&mut self, topic: String, payload: String, qos: Qos, retain: bool) -> Result<(), OutputError> {
        let order = Order::Publish { topic, payload, options: publish(qos, retain) };
        let result = self.open()?.order(order, self.config.patience);
        result.map_err(|end| self.broken(end))
    }

    fn open(&self) -> Result<&Link, OutputError> {
        self.link.as_ref().ok_or_else(|| OutputError::Closed { path: PathBuf::from(&self.name) })
    }

    fn broken(&mut self, end: End) -> OutputError {
        self.link = None;
        error(&self.config, end)
    }
}

fn error(config: &MqttConfig, end: End) -> OutputError {
    let broker = config.broker.to_string();
    match end {
        End::Failed(source) => OutputError::Broker { broker, source },
        End::Silent | End::Left => OutputError::BrokerSilent { broker, seconds: config.patience.as_secs() },
    }
}

impl Sink for MqttSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        let Some(template) = &self.config.topics.objects else { return Ok(()) };
        let topic = of_stream(template, &frame.stream);
        self.say(topic, frame_json(frame, self.config.form)?, self.config.qos.objects, false)
    }

    fn notice(&mut self, notice: &Notice) -> Result<(), OutputError> {
        let (template, qos, retain) = match notice {
            Notice::Status(_) => (Some(&self.config.topics.stream_status), self.config.qos.status, true),
            Notice::Object(_) => (self.config.topics.events.as_ref(), self.config.qos.events, false),
        };
        let Some(template) = template else { return Ok(()) };
        self.say(of_stream(template, notice.stream()), notice_json(notice)?, qos, retain)
    }

    fn idle(&mut self, _: Instant) -> Result<(), OutputError> {
        match self.open()?.has_ended() {
            Some(end) => Err(self.broken(end)),
            None => Ok(()),
        }
    }

    fn finish(&mut self) -> Result<(), OutputError> {
        if self.link.is_none() {
            return Ok(());
        }
        self.say(self.config.topics.status.clone(), OFFLINE.into(), self.config.qos.status, true)?;
        let Some(link) = self.link.take() else { return Ok(()) };
        link.order(Order::Leave, LEAVING).map_err(|end| error(&self.config, end))?;
        match link.wait(LEAVING) {
            End::Left => Ok(()),
            end => Err(error(&self.config, end)),
        }
    }
}

/// What an [`Outlet`](crate::outlet::Outlet) calls to connect, the first time and after failures.
pub fn maker(config: MqttConfig) -> MakeSink {
    Box::new(move || Ok(Box::new(MqttSink::connect(config.clone())?)))
}
