//! Writes zip and safetensors containers, right ones and wrong ones.

/// An entry of a zip container and what its headers claim about it.
#[derive(Clone)]
pub struct ZipEntry {
    pub name: String,
    pub data: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    /// Size that the directory claims, where it is not the true one.
    pub claimed_size: Option<u32>,
    /// Offset that the directory claims, where it is not the true one.
    pub claimed_offset: Option<u32>,
}

impl ZipEntry {
    pub fn new(name: impl Into<String>, data: impl Into<Vec<u8>>) -> Self {
        let (name, data) = (name.into(), data.into());
        Self { name, data, method: 0, flags: 0x0808, claimed_size: None, claimed_offset: None }
    }
}

/// A container of these entries, with sizes after the data as PyTorch's writer has them.
pub fn zip(entries: &[ZipEntry]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let offset = entry.claimed_offset.unwrap_or(file.len() as u32);
        let name = entry.name.as_bytes();
        let crc = crc32fast::hash(&entry.data);
        let size = entry.claimed_size.unwrap_or(entry.data.len() as u32);
        file.extend(b"PK\x03\x04\0\0");
        extend_u16(&mut file, &[entry.flags, entry.method, 0, 0]);
        file.extend([0; 12]);
        extend_u16(&mut file, &[name.len() as u16, 0]);
        file.extend(name);
        file.extend(&entry.data);
        directory.extend(b"PK\x01\x02\0\0\0\0");
        extend_u16(&mut directory, &[entry.flags, entry.method, 0, 0]);
        extend_u32(&mut directory, &[crc, if entry.method == 0 { size } else { entry.data.len() as u32 }, size]);
        extend_u16(&mut directory, &[name.len() as u16, 0, 0, 0, 0]);
        extend_u32(&mut directory, &[0, offset]);
        directory.extend(name);
    }
    let start = file.len() as u32;
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    extend_u16(&mut file, &[entries.len() as u16; 2]);
    extend_u32(&mut file, &[directory.len() as u32, start]);
    extend_u16(&mut file, &[0]);
    file
}

fn extend_u16(bytes: &mut Vec<u8>, numbers: &[u16]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn extend_u32(bytes: &mut Vec<u8>, numbers: &[u32]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// A container of this header and data.
pub fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}
