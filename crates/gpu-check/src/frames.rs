//! A folder of PNG pictures as frames.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use maskd_types::{Frame, Stamp};

/// The pictures of a folder in the order of their names, decoded.
pub struct Clip {
    size: [u32; 2],
    pictures: Vec<Arc<[u8]>>,
}

impl Clip {
    /// Reads the first `most` pictures, all of one size.
    pub fn read(folder: &Path, most: usize) -> anyhow::Result<Self> {
        let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
        let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "png"));
        paths.sort();
        let mut clip = Self { size: [0; 2], pictures: Vec::new() };
        for path in paths.iter().take(most) {
            let (size, pixels) = read_png(path)?;
            if clip.pictures.is_empty() {
                clip.size = size;
            }
            ensure!(clip.size == size, "{} is {size:?}, the first picture {:?}", path.display(), clip.size);
            clip.pictures.push(pixels.into());
        }
        if clip.pictures.is_empty() {
            bail!("there are no PNG pictures in {}", folder.display());
        }
        Ok(clip)
    }

    /// Width and height of all pictures.
    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    /// Number of pictures.
    pub fn len(&self) -> usize {
        self.pictures.len()
    }

    /// Frame `number` of an endless video: forwards, backwards, forwards.
    pub fn frame(&self, number: u64) -> Frame {
        let [width, height] = self.size;
        let rgb = Arc::clone(&self.pictures[there_and_back(number, self.pictures.len())]);
        Frame { number, stamp: Stamp::arriving(0), width, height, intact: true, rgb }
    }
}

/// 0, 1, 2, 1, 0, 1, ... for three pictures.
fn there_and_back(number: u64, pictures: usize) -> usize {
    let last = pictures - 1;
    let period = (2 * last).max(1) as u64;
    // Below `period`, which came from a `usize`.
    let place = (number % period) as usize;
    if place > last { 2 * last - place } else { place }
}

/// Width, height and pixels of a picture with 8 bit per channel.
fn read_png(path: &Path) -> anyhow::Result<([u32; 2], Vec<u8>)> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info()?;
    let size = reader.output_buffer_size().context("the picture is too large")?;
    let mut pixels = vec![0; size];
    let info = reader.next_frame(&mut pixels)?;
    let (found, wanted) = ((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
    ensure!(found == wanted, "{} holds {found:?}, not {wanted:?}", path.display());
    pixels.truncate(info.buffer_size());
    Ok(([info.width, info.height], pixels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_clip_goes_back_and_forth() {
        let shown: Vec<usize> = (0..8).map(|number| there_and_back(number, 3)).collect();
        assert_eq!(shown, [0, 1, 2, 1, 0, 1, 2, 1]);
        assert_eq!((0..3).map(|number| there_and_back(number, 1)).collect::<Vec<_>>(), [0, 0, 0]);
    }
}
