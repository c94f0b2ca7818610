//! Masks in JSON as COCO has them: `{"size":[height,width],"counts":"<compressed>"}`; plain lists of runs are read too.

use serde::de::Error;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Rle;

impl Serialize for Rle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Rle", 2)?;
        object.serialize_field("size", &[self.height, self.width])?;
        object.serialize_field("counts", &self.to_coco_string())?;
        object.end()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Coco {
    size: [u32; 2],
    counts: Counts,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "\"counts\" is a string of compressed run lengths or a list of run lengths")]
enum Counts {
    Compressed(String),
    Plain(Vec<u32>),
}

impl<'de> Deserialize<'de> for Rle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Coco { size: [height, width], counts } = Coco::deserialize(deserializer)?;
        match counts {
            Counts::Compressed(text) => Self::from_coco_string(width, height, &text),
            Counts::Plain(counts) => Self::from_counts(width, height, counts),
        }
        .map_err(D::Error::custom)
    }
}
