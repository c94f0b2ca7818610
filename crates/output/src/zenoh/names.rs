//! Key expressions: plain ones, and those that `rmw_zenoh` makes of ROS names.

use super::ros_types::RosType;

/// The ROS domain that topics are in, which is the one of robots that choose none.
const DOMAIN: u32 = 0;
/// The node's name in the graph.
const NODE: &str = "maskd";
/// Quality of service in the short form of tokens: the default, but for 10 messages kept; nobody is waited for.
const QOS: &str = "::,10:,:,:,,";

/// `PREFIX/STREAM/LEAF`, where the stream is one part whatever it is called.
pub(super) fn plain(prefix: &str, stream: &str, leaf: &str) -> String {
    let odd = |c: char| "/*$?#".contains(c) || c.is_control();
    let stream: String = stream.chars().map(|c| if odd(c) { '_' } else { c }).collect();
    format!("{prefix}/{stream}/{leaf}")
}

/// A topic as ROS knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Topic {
    /// Begins with `/`.
    name: String,
    kind: RosType,
}

impl Topic {
    /// The topic `/PREFIX/STREAM/LEAF`. ROS allows letters, digits and `_`, and no part that begins with a digit: other
    /// characters become `_`, and `n` goes before a digit.
    pub(super) fn new(prefix: &str, stream: &str, leaf: &str, kind: RosType) -> Self {
        let parts = prefix.split('/').chain([stream, leaf]);
        let name = parts.map(|part| format!("/{}", ros_part(part))).collect();
        Self { name, kind }
    }

    /// Where its messages are published.
    pub(super) fn key(&self) -> String {
        format!("{DOMAIN}{}/{}/{}", self.name, self.kind.name, self.kind.hash)
    }

    /// Announces its publisher, the `entity`th thing of the node.
    pub(super) fn token(&self, session: &str, entity: u32) -> String {
        let (topic, RosType { name, hash }) = (mangled(&self.name), self.kind);
        format!("@ros2_lv/{DOMAIN}/{session}/0/{entity}/MP/%/%/{NODE}/{topic}/{name}/{hash}/{QOS}")
    }
}

/// Announces the node of a session: no enclave, no name space.
pub(super) fn node_token(session: &str) -> String {
    format!("@ros2_lv/{DOMAIN}/{session}/0/0/NN/%/%/{NODE}")
}

fn ros_part(part: &str) -> String {
    let name: String = part.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("n{name}") } else { name }
}

fn mangled(name: &str) -> String {
    name.replace('/', "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRING: RosType = RosType {
        name: "std_msgs::msg::dds_::String_",
        hash: "RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18",
    };

    #[test]
    fn a_stream_is_one_part_of_a_plain_key() {
        assert_eq!(plain("maskd", "yard", "objects"), "maskd/yard/objects");
        assert_eq!(plain("home/maskd", "a/b*$?#\n", "status"), "home/maskd/a_b_____/status");
    }

    #[test]
    fn topics_follow_the_rules_of_ros_names() {
        let name = |prefix, stream| Topic::new(prefix, stream, "mask", STRING).name;
        assert_eq!(name("maskd", "yard"), "/maskd/yard/mask");
        assert_eq!(name("home/1st", "front-door"), "/home/n1st/front_door/mask");
        assert_eq!(name("maskd", "2"), "/maskd/n2/mask");
    }

    #[test]
    fn keys_and_tokens_have_the_form_of_the_examples_of_rmw_zenoh() {
        let topic = Topic::new("robot1", "talk", "chatter", STRING);
        let of_type = format!("std_msgs::msg::dds_::String_/{}", STRING.hash);
        assert_eq!(topic.key(), format!("0/robot1/talk/chatter/{of_type}"));
        assert_eq!(
            topic.token("8b20917502ee955ac4476e0266340d5c", 10),
            format!(
                "@ros2_lv/0/8b20917502ee955ac4476e0266340d5c/0/10/MP/%/%/maskd/%robot1%talk%chatter/{of_type}/::,10:,:,:,,"
            ),
        );
        assert_eq!(node_token("aac3178e"), "@ros2_lv/0/aac3178e/0/0/NN/%/%/maskd");
    }
}
