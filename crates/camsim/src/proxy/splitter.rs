//! Cuts a stream of RTSP into messages and interleaved frames (RFC 2326, 10.12).

use super::lane::Kind;

/// Longer messages are no messages.
const MOST_HEADER: usize = 64 * 1024;

/// Takes bytes as they come, gives whole units.
#[derive(Default)]
pub(super) struct Splitter {
    buffer: Vec<u8>,
    /// Set when something else than RTSP is spoken: all further bytes pass unseen.
    lost: bool,
}

impl Splitter {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole unit.
    pub(super) fn next_unit(&mut self) -> Option<(Kind, Vec<u8>)> {
        if self.lost {
            return self.rest();
        }
        let (kind, length) = match self.buffer.first()? {
            b'$' => (Kind::Frame, self.frame_length()?),
            _ => match self.message_length() {
                Ok(length) => (Kind::Message, length?),
                Err(NotRtsp) => {
                    self.lost = true;
                    return self.rest();
                }
            },
        };
        (length <= self.buffer.len()).then(|| (kind, self.buffer.drain(..length).collect()))
    }

    /// Whatever is left over, for the end of the stream.
    pub(super) fn rest(&mut self) -> Option<(Kind, Vec<u8>)> {
        (!self.buffer.is_empty()).then(|| (Kind::Message, std::mem::take(&mut self.buffer)))
    }

    fn frame_length(&self) -> Option<usize> {
        let length = [*self.buffer.get(2)?, *self.buffer.get(3)?];
        Some(4 + usize::from(u16::from_be_bytes(length)))
    }

    fn message_length(&self) -> Result<Option<usize>, NotRtsp> {
        let end = self.buffer.windows(4).position(|window| window == b"\r\n\r\n");
        let Some(end) = end else {
            return if self.buffer.len() > MOST_HEADER { Err(NotRtsp) } else { Ok(None) };
        };
        let head = self.buffer.get(..end).unwrap_or_default();
        let head = std::str::from_utf8(head).map_err(|_| NotRtsp)?;
        let body = match header(head, "content-length") {
            None => 0,
            Some(text) => text.parse::<u32>().map_err(|_| NotRtsp)? as usize,
        };
        Ok(Some(end + 4 + body))
    }
}

struct NotRtsp;

/// The value of a header field.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    fields.into_iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(splitter: &mut Splitter) -> Vec<(Kind, Vec<u8>)> {
        std::iter::from_fn(|| splitter.next_unit()).collect()
    }

    #[test]
    fn whole_units_come_out_however_the_bytes_come_in() {
        let first = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\ncontent-LENGTH: 3\r\n\r\nv=0".to_vec();
        let second = b"$\x00\x00\x05\x80abcd".to_vec();
        let third = b"TEARDOWN rtsp://x/ RTSP/1.0\r\nCSeq: 3\r\n\r\n".to_vec();
        let expected =
            vec![(Kind::Message, first.clone()), (Kind::Frame, second.clone()), (Kind::Message, third.clone())];
        let stream = [first, second, third].concat();
        for size in 1..stream.len() {
            let mut splitter = Splitter::default();
            let mut seen = Vec::new();
            for chunk in stream.chunks(size) {
                splitter.push(chunk);
                seen.extend(units(&mut splitter));
            }
            assert_eq!(seen, expected, "{size}");
        }
    }

    #[test]
    fn what_is_not_rtsp_passes() {
        for junk in [b"X\r\nContent-Length: many\r\n\r\n".to_vec(), vec![b'x'; MOST_HEADER + 1]] {
            let mut splitter = Splitter::default();
            splitter.push(&junk);
            assert_eq!(units(&mut splitter), [(Kind::Message, junk)]);
            splitter.push(b"more");
            assert_eq!(units(&mut splitter), [(Kind::Message, b"more".to_vec())]);
        }
    }
}
