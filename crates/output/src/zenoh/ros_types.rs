//! Types of messages as `rmw_zenoh` names them.
//!
//! A robot receives only what carries the hash of its own definition (REP 2016). Those here are of `vision_msgs` 4.1 and
//! `sensor_msgs` as they are since ROS 2 Jazzy; robots on Humble have no hashes and receive nothing.

/// A type of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RosType {
    pub(super) name: &'static str,
    pub(super) hash: &'static str,
}

pub(super) const DETECTIONS: RosType = RosType {
    name: "vision_msgs::msg::dds_::Detection2DArray_",
    hash: "RIHS01_214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968",
};

pub(super) const IMAGE: RosType = RosType {
    name: "sensor_msgs::msg::dds_::Image_",
    hash: "RIHS01_d31d41a9a4c4bc8eae9be757b0beed306564f7526c88ea6a4588fb9582527d47",
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sha2::{Digest, Sha256};

    use super::*;

    /// What a type's definition holds: names of fields and what they are.
    const DEFINITIONS: &[(&str, &[(&str, &str)])] = &[
        ("builtin_interfaces/msg/Time", &[("sec", "int32"), ("nanosec", "uint32")]),
        ("std_msgs/msg/String", &[("data", "string")]),
        ("std_msgs/msg/Header", &[("stamp", "builtin_interfaces/msg/Time"), ("frame_id", "string")]),
        (
            "sensor_msgs/msg/Image",
            &[
                ("header", "std_msgs/msg/Header"),
                ("height", "uint32"),
                ("width", "uint32"),
                ("encoding", "string"),
                ("is_bigendian", "uint8"),
                ("step", "uint32"),
                ("data", "uint8[]"),
            ],
        ),
        ("geometry_msgs/msg/Point", &[("x", "float64"), ("y", "float64"), ("z", "float64")]),
        ("geometry_msgs/msg/Quaternion", &[("x", "float64"), ("y", "float64"), ("z", "float64"), ("w", "float64")]),
        (
            "geometry_msgs/msg/Pose",
            &[("position", "geometry_msgs/msg/Point"), ("orientation", "geometry_msgs/msg/Quaternion")],
        ),
        ("geometry_msgs/msg/PoseWithCovariance", &[("pose", "geometry_msgs/msg/Pose"), ("covariance", "float64[36]")]),
        ("vision_msgs/msg/Point2D", &[("x", "float64"), ("y", "float64")]),
        ("vision_msgs/msg/Pose2D", &[("position", "vision_msgs/msg/Point2D"), ("theta", "float64")]),
        (
            "vision_msgs/msg/BoundingBox2D",
            &[("center", "vision_msgs/msg/Pose2D"), ("size_x", "float64"), ("size_y", "float64")],
        ),
        ("vision_msgs/msg/ObjectHypothesis", &[("class_id", "string"), ("score", "float64")]),
        (
            "vision_msgs/msg/ObjectHypothesisWithPose",
            &[("hypothesis", "vision_msgs/msg/ObjectHypothesis"), ("pose", "geometry_msgs/msg/PoseWithCovariance")],
        ),
        (
            "vision_msgs/msg/Detection2D",
            &[
                ("header", "std_msgs/msg/Header"),
                ("results", "vision_msgs/msg/ObjectHypothesisWithPose[]"),
                ("bbox", "vision_msgs/msg/BoundingBox2D"),
                ("id", "string"),
            ],
        ),
        (
            "vision_msgs/msg/Detection2DArray",
            &[("header", "std_msgs/msg/Header"), ("detections", "vision_msgs/msg/Detection2D[]")],
        ),
    ];

    fn fields(name: &str) -> &'static [(&'static str, &'static str)] {
        DEFINITIONS.iter().find(|(of, _)| *of == name).unwrap().1
    }

    /// Number of the kind, length of an array, name of the nested type.
    fn kind(text: &str) -> (u8, u32, &str) {
        let (element, array) = text.split_once('[').unwrap_or((text, "-"));
        let (number, nested) = match element {
            "uint8" => (3, ""),
            "int32" => (6, ""),
            "uint32" => (7, ""),
            "float64" => (11, ""),
            "string" => (17, ""),
            nested => (1, nested),
        };
        match array.trim_end_matches(']') {
            "-" => (number, 0, nested),
            "" => (number + 144, 0, nested),
            length => (number + 48, length.parse().unwrap(), nested),
        }
    }

    fn nested(name: &str, found: &mut BTreeSet<&'static str>) {
        for (_, of) in fields(name) {
            let (_, _, inner) = kind(of);
            if !inner.is_empty() && found.insert(inner) {
                nested(inner, found);
            }
        }
    }

    fn described(name: &str) -> String {
        let field = |(field, of): &(&str, &str)| {
            let (number, length, nested) = kind(of);
            format!(
                "{{\"name\": \"{field}\", \"type\": {{\"type_id\": {number}, \"capacity\": {length}, \"string_capacity\": 0, \
                 \"nested_type_name\": \"{nested}\"}}}}"
            )
        };
        let fields: Vec<_> = fields(name).iter().map(field).collect();
        format!("{{\"type_name\": \"{name}\", \"fields\": [{}]}}", fields.join(", "))
    }

    fn hash(name: &str) -> String {
        let mut inner = BTreeSet::new();
        nested(name, &mut inner);
        let inner: Vec<_> = inner.into_iter().map(described).collect();
        let whole = format!(
            "{{\"type_description\": {}, \"referenced_type_descriptions\": [{}]}}",
            described(name),
            inner.join(", ")
        );
        let hex: String = Sha256::digest(whole).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("RIHS01_{hex}")
    }

    #[test]
    fn the_hashes_are_those_of_the_definitions() {
        // Known from the documentation of rmw_zenoh: this test computes what ROS does.
        assert_eq!(
            hash("std_msgs/msg/String"),
            "RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18"
        );
        assert_eq!(hash("sensor_msgs/msg/Image"), IMAGE.hash);
        assert_eq!(hash("vision_msgs/msg/Detection2DArray"), DETECTIONS.hash);
    }
}
