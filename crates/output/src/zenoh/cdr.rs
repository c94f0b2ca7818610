//! The plain form of CDR that ROS 2 sends (XCDR version 1), little endian.

/// Representation `CDR_LE`, no options. Alignment counts from behind it.
const ENCAPSULATION: [u8; 4] = [0, 1, 0, 0];

/// A message that is being written.
pub(super) struct Cdr {
    bytes: Vec<u8>,
}

impl Cdr {
    /// `expected`: about how many bytes the message will have.
    pub(super) fn with_capacity(expected: usize) -> Self {
        let mut bytes = Vec::with_capacity(ENCAPSULATION.len() + expected);
        bytes.extend(ENCAPSULATION);
        Self { bytes }
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.aligned(value.to_le_bytes());
    }

    pub(super) fn i32(&mut self, value: i32) {
        self.aligned(value.to_le_bytes());
    }

    pub(super) fn f64(&mut self, value: f64) {
        self.aligned(value.to_le_bytes());
    }

    pub(super) fn f64s(&mut self, values: &[f64]) {
        values.iter().for_each(|value| self.f64(*value));
    }

    /// The length counts the NUL at the end. A NUL within would end the text for C++; nothing behind it is sent.
    pub(super) fn string(&mut self, text: &str) {
        let text = text.split('\0').next().unwrap_or_default();
        self.length(text.len() + 1);
        self.bytes.extend(text.as_bytes());
        self.bytes.push(0);
    }

    /// A sequence of `uint8`.
    pub(super) fn octets(&mut self, octets: &[u8]) {
        self.length(octets.len());
        self.bytes.extend(octets);
    }

    /// What a sequence begins with; its elements follow.
    pub(super) fn length(&mut self, length: usize) {
        // More than 4 GB are in no frame: memory and transports end long before.
        self.u32(u32::try_from(length).unwrap_or(u32::MAX));
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn aligned<const N: usize>(&mut self, value: [u8; N]) {
        let body = self.bytes.len() - ENCAPSULATION.len();
        self.bytes.resize(ENCAPSULATION.len() + body.next_multiple_of(N), 0);
        self.bytes.extend(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Cdr)) -> Vec<u8> {
        let mut cdr = Cdr::with_capacity(0);
        write(&mut cdr);
        cdr.finish()
    }

    #[test]
    fn an_empty_message_is_its_encapsulation() {
        assert_eq!(written(|_| ()), [0, 1, 0, 0]);
    }

    #[test]
    fn numbers_are_little_endian_and_aligned_to_their_size_from_behind_the_encapsulation() {
        let bytes = written(|cdr| {
            cdr.u8(7);
            cdr.u32(0x0102_0304);
            cdr.f64(1.0);
            cdr.i32(-2);
            cdr.f64(-0.5);
        });
        let expected = [
            &[0, 1, 0, 0][..],
            &[7, 0, 0, 0],
            &[4, 3, 2, 1],
            &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
            &[0xfe, 0xff, 0xff, 0xff, 0, 0, 0, 0],
            &[0, 0, 0, 0, 0, 0, 0xe0, 0xbf],
        ];
        assert_eq!(bytes, expected.concat());
    }

    #[test]
    fn strings_count_their_nul_and_sequences_their_elements() {
        let bytes = written(|cdr| {
            cdr.string("yard");
            cdr.string("");
            cdr.octets(&[9, 8]);
            cdr.length(0);
        });
        let expected =
            [&[0, 1, 0, 0][..], b"\x05\0\0\0yard\0\0\0\0", b"\x01\0\0\0\0\0\0\0", &[2, 0, 0, 0, 9, 8, 0, 0], &[0; 4]];
        assert_eq!(bytes, expected.concat());
    }

    #[test]
    fn a_text_ends_before_its_first_nul() {
        assert_eq!(written(|cdr| cdr.string("a\0b")), b"\0\x01\0\0\x02\0\0\0a\0");
    }
}
