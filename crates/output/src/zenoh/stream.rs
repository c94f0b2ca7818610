use maskd_types::{Notice, TrackedFrame};
use zenoh::bytes::Encoding;
use zenoh::liveliness::LivelinessToken;
use zenoh::pubsub::Publisher;
use zenoh::qos::{CongestionControl, Priority};
use zenoh::{Session, Wait};

use super::ZenohConfig;
use super::attachment::{Attachments, Gid};
use super::names::{Topic, plain};
use super::ros;
use super::ros_types::{DETECTIONS, IMAGE, RosType};
use super::session::failed;
use crate::OutputError;
use crate::message::{MessageForm, frame_json, notice_json};

/// What a stream is published by.
pub(super) struct Stream {
    ros: Option<RosTopics>,
    json: Option<JsonKeys>,
}

impl Stream {
    /// `entity`: number of its first publisher in the node; it takes two.
    pub(super) fn declare(
        session: &Session,
        config: &ZenohConfig,
        name: &str,
        entity: u32,
    ) -> Result<Self, OutputError> {
        let (cdr, json) = (config.format.has_cdr(), config.format.has_json());
        Ok(Self {
            ros: cdr.then(|| RosTopics::declare(session, &config.prefix, name, entity)).transpose()?,
            json: json.then(|| JsonKeys::declare(session, &config.prefix, name)).transpose()?,
        })
    }

    pub(super) fn frame(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        if let Some(ros) = &mut self.ros {
            ros.detections.put(ros::detections(frame))?;
            ros.mask.put(ros::mask(frame)?)?;
        }
        if let Some(json) = &self.json {
            put(&json.objects, frame_json(frame, MessageForm::default())?)?;
        }
        Ok(())
    }

    pub(super) fn notice(&self, notice: &Notice) -> Result<(), OutputError> {
        let Some(json) = &self.json else { return Ok(()) };
        let publisher = match notice {
            Notice::Status(_) => &json.status,
            Notice::Object(_) => &json.events,
        };
        put(publisher, notice_json(notice)?)
    }
}

struct RosTopics {
    detections: RosPublisher,
    mask: RosPublisher,
}

impl RosTopics {
    fn declare(session: &Session, prefix: &str, stream: &str, entity: u32) -> Result<Self, OutputError> {
        let declare = |leaf: &str, kind: RosType, entity: u32, priority: Priority| {
            RosPublisher::declare(session, &Topic::new(prefix, stream, leaf, kind), entity, priority)
        };
        Ok(Self {
            detections: declare("detections", DETECTIONS, entity, Priority::Data)?,
            // A picture is large: what is small does not wait behind it.
            mask: declare("mask", IMAGE, entity + 1, Priority::DataLow)?,
        })
    }
}

struct JsonKeys {
    objects: Publisher<'static>,
    events: Publisher<'static>,
    status: Publisher<'static>,
}

impl JsonKeys {
    fn declare(session: &Session, prefix: &str, stream: &str) -> Result<Self, OutputError> {
        let declare =
            |leaf, priority| publisher(session, plain(prefix, stream, leaf), Encoding::APPLICATION_JSON, priority);
        Ok(Self {
            objects: declare("objects", Priority::Data)?,
            // Seldom and small: they are not to be dropped with the frames of a connection that is full.
            events: declare("events", Priority::InteractiveHigh)?,
            status: declare("status", Priority::InteractiveHigh)?,
        })
    }
}

/// A publisher as ROS sees it. Its announcement goes with it.
struct RosPublisher {
    publisher: Publisher<'static>,
    attachments: Attachments,
    _token: LivelinessToken,
}

impl RosPublisher {
    fn declare(session: &Session, topic: &Topic, entity: u32, priority: Priority) -> Result<Self, OutputError> {
        let publisher = publisher(session, topic.key(), Encoding::APPLICATION_CDR, priority)?;
        let token = topic.token(&session.zid().to_string(), entity);
        let attachments = Attachments::of(Gid::of(&token));
        let announced = session.liveliness().declare_token(token).wait();
        Ok(Self { publisher, attachments, _token: announced.map_err(failed("does not take a token"))? })
    }

    fn put(&mut self, message: Vec<u8>) -> Result<(), OutputError> {
        let put = self.publisher.put(message).attachment(self.attachments.next());
        put.wait().map_err(failed("does not take a message"))
    }
}

fn publisher(
    session: &Session,
    key: String,
    encoding: Encoding,
    priority: Priority,
) -> Result<Publisher<'static>, OutputError> {
    let publisher = session.declare_publisher(key).encoding(encoding).priority(priority);
    let dropping = publisher.congestion_control(CongestionControl::Drop);
    dropping.wait().map_err(failed("does not take a key expression"))
}

fn put(publisher: &Publisher<'_>, message: String) -> Result<(), OutputError> {
    publisher.put(message).wait().map_err(failed("does not take a message"))
}
