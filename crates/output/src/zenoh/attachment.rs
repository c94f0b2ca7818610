//! What `rmw_zenoh` needs beside a message; it drops those without.

use maskd_types::CaptureTime;
use xxhash_rust::xxh3::xxh3_128;

/// Who publishes, as ROS tells publishers apart: the hash of its liveliness token, as `rmw_zenoh` computes it for every token
/// that it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gid([u8; 16]);

impl Gid {
    pub(super) fn of(token: &str) -> Self {
        Self(xxh3_128(token.as_bytes()).to_le_bytes())
    }
}

/// Counts the messages of a publisher.
pub(super) struct Attachments {
    gid: Gid,
    last: i64,
}

impl Attachments {
    pub(super) fn of(gid: Gid) -> Self {
        Self { gid, last: 0 }
    }

    /// The attachment of the next message, which is sent now. The first has number 1.
    pub(super) fn next(&mut self) -> [u8; 33] {
        self.last += 1;
        let now = i64::try_from(CaptureTime::now().unix_ns).unwrap_or(i64::MAX);
        attachment(self.last, now, self.gid)
    }
}

/// Number and time are `int64`, little endian; a byte says how long the publisher's hash is.
fn attachment(number: i64, unix_ns: i64, Gid(gid): Gid) -> [u8; 33] {
    let mut bytes = [0; 33];
    let fields = [&number.to_le_bytes()[..], &unix_ns.to_le_bytes(), &[16], &gid];
    for (byte, value) in bytes.iter_mut().zip(fields.into_iter().flatten()) {
        *byte = *value;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishers_are_told_apart_by_the_hash_of_their_token() {
        // What the function of rmw_zenoh itself gives for this token, the lower half first.
        let token = "@ros2_lv/0/aac3178e146ba6f1fc6e6a4085e77f21/0/0/NN/%/%/maskd";
        let Gid(bytes) = Gid::of(token);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "bf6814fe631c8714ee93318af5ae3274");
    }

    #[test]
    fn an_attachment_has_number_time_and_publisher() {
        let bytes = attachment(2, 0x0102_0304_0506_0708, Gid(*b"0123456789abcdef"));
        let expected = [&[2, 0, 0, 0, 0, 0, 0, 0][..], &[8, 7, 6, 5, 4, 3, 2, 1], &[16], b"0123456789abcdef"];
        assert_eq!(bytes.as_slice(), expected.concat());
    }

    #[test]
    fn messages_are_counted_from_one() {
        let mut attachments = Attachments::of(Gid::of("token"));
        let numbers = [attachments.next(), attachments.next()].map(|bytes| bytes[0]);
        assert_eq!(numbers, [1, 2]);
    }
}
