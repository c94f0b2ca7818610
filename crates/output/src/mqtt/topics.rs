use crate::OutputError;

/// What stands for the name of a stream.
const STREAM: &str = "{stream}";

/// Where messages go. `{stream}` stands for the stream's name, in which `/`, `+`, `#` and control characters become `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MqttTopics {
    /// Whether the daemon is there.
    pub status: String,
    /// Where a stream's source stands; must hold `{stream}`, since it is retained.
    pub stream_status: String,
    /// Frames; `None` to publish none.
    pub objects: Option<String>,
    /// Events of objects; `None` to publish none.
    pub events: Option<String>,
}

impl MqttTopics {
    /// `PREFIX/status`, `PREFIX/{stream}/status`, `PREFIX/{stream}/objects` and `PREFIX/{stream}/events`.
    pub fn with_prefix(prefix: &str) -> Self {
        let prefix = prefix.trim_end_matches('/');
        Self {
            status: format!("{prefix}/status"),
            stream_status: format!("{prefix}/{STREAM}/status"),
            objects: Some(format!("{prefix}/{STREAM}/objects")),
            events: Some(format!("{prefix}/{STREAM}/events")),
        }
    }

    /// # Errors
    /// [`OutputError::Topic`] for the first topic that no broker accepts.
    pub(super) fn check(&self) -> Result<(), OutputError> {
        let streams = [Some(&self.stream_status), self.objects.as_ref(), self.events.as_ref()];
        for topic in streams.into_iter().flatten().chain([&self.status]) {
            if topic.is_empty() || topic.len() > 1024 || topic.contains(['+', '#', '\0']) {
                return Err(OutputError::Topic { topic: topic.clone() });
            }
        }
        if !self.stream_status.contains(STREAM) || self.status.contains(STREAM) {
            return Err(OutputError::Topic { topic: self.stream_status.clone() });
        }
        Ok(())
    }
}

/// The topic of a stream.
pub(super) fn of_stream(template: &str, stream: &str) -> String {
    let level: String = stream.chars().map(|c| if "/+#".contains(c) || c.is_control() { '_' } else { c }).collect();
    template.replace(STREAM, &level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_has_one_level_whatever_it_is_called() {
        let topics = MqttTopics::with_prefix("home/maskd/");
        assert_eq!(of_stream(&topics.stream_status, "front door"), "home/maskd/front door/status");
        assert_eq!(of_stream(&topics.stream_status, "a/b+c#\0"), "home/maskd/a_b_c__/status");
    }

    #[test]
    fn topics_that_no_broker_takes_are_refused() {
        assert!(MqttTopics::with_prefix("maskd").check().is_ok());
        for prefix in ["mask+d", "maskd/#", "a\0", &"long".repeat(300)] {
            let error = MqttTopics::with_prefix(prefix).check().unwrap_err();
            assert!(matches!(error, OutputError::Topic { .. }), "{error}");
        }
        let shared = MqttTopics { stream_status: "maskd/streams".into(), ..MqttTopics::with_prefix("maskd") };
        assert!(shared.check().is_err(), "streams would overwrite each other");
    }
}
