//! Reads ROS 2 messages from CDR, by other code than writes them.

use serde::{Deserialize, Serialize};

/// `std_msgs/msg/Header`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    pub seconds: i32,
    pub nanoseconds: u32,
    pub frame_id: String,
}

/// `vision_msgs/msg/Detection2D`, with its only hypothesis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    pub header: Header,
    pub class_id: String,
    pub score: f64,
    pub position: [f64; 3],
    pub orientation: [f64; 4],
    pub covariance: Vec<f64>,
    pub centre: [f64; 2],
    pub theta: f64,
    pub size: [f64; 2],
    pub id: String,
}

/// `vision_msgs/msg/Detection2DArray`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detections {
    pub header: Header,
    pub detections: Vec<Detection>,
}

/// `sensor_msgs/msg/Image`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Image {
    pub header: Header,
    pub height: u32,
    pub width: u32,
    pub encoding: String,
    pub is_bigendian: u8,
    pub step: u32,
    pub data: Vec<u8>,
}

/// Reads a whole message; `None` where it is too short, too long, or not what it says.
pub fn detections(message: &[u8]) -> Option<Detections> {
    let mut from = Cursor::behind_encapsulation(message)?;
    let header = from.header()?;
    let count = from.unsigned()?;
    let detections = (0..count).map(|_| from.detection()).collect::<Option<_>>()?;
    from.is_at_end().then_some(Detections { header, detections })
}

/// Reads a whole message.
pub fn image(message: &[u8]) -> Option<Image> {
    let mut from = Cursor::behind_encapsulation(message)?;
    let image = Image {
        header: from.header()?,
        height: from.unsigned()?,
        width: from.unsigned()?,
        encoding: from.text()?,
        is_bigendian: from.take(1)?[0],
        step: from.unsigned()?,
        data: {
            let length = from.unsigned()? as usize;
            from.take(length)?.to_vec()
        },
    };
    from.is_at_end().then_some(image)
}

struct Cursor<'a> {
    body: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn behind_encapsulation(message: &'a [u8]) -> Option<Self> {
        Some(Self { body: message.strip_prefix(b"\x00\x01\x00\x00")?, at: 0 })
    }

    fn is_at_end(&self) -> bool {
        self.at == self.body.len()
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.body.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    /// Padding must be zeros: what else it might be was somebody's memory.
    fn skip_padding(&mut self, of: usize) -> Option<()> {
        while !self.at.is_multiple_of(of) {
            (self.take(1)? == [0]).then_some(())?;
        }
        Some(())
    }

    fn unsigned(&mut self) -> Option<u32> {
        self.skip_padding(4)?;
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn double(&mut self) -> Option<f64> {
        self.skip_padding(8)?;
        Some(f64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn doubles<const N: usize>(&mut self) -> Option<[f64; N]> {
        let mut values = [0.0; N];
        for value in &mut values {
            *value = self.double()?;
        }
        Some(values)
    }

    fn text(&mut self) -> Option<String> {
        let length = self.unsigned()? as usize;
        let text = self.take(length)?.strip_suffix(b"\0")?;
        (!text.contains(&0)).then_some(())?;
        String::from_utf8(text.to_vec()).ok()
    }

    fn header(&mut self) -> Option<Header> {
        Some(Header { seconds: self.unsigned()? as i32, nanoseconds: self.unsigned()?, frame_id: self.text()? })
    }

    fn detection(&mut self) -> Option<Detection> {
        let header = self.header()?;
        (self.unsigned()? == 1).then_some(())?;
        Some(Detection {
            header,
            class_id: self.text()?,
            score: self.double()?,
            position: self.doubles()?,
            orientation: self.doubles()?,
            covariance: self.doubles::<36>()?.to_vec(),
            centre: self.doubles()?,
            theta: self.double()?,
            size: self.doubles()?,
            id: self.text()?,
        })
    }
}
