//! `--logits`: what the network said about every frame before anything was upsampled, as one `.safetensors`.
//!
//! That format begins with a table of all its tensors, whose length is known only at the end. So numbers go to a nameless
//! file beside the output as they come, and the output is put together from the table and that file at the end: memory
//! stays flat however long the video is (but for about 300 bytes of table per frame). The output gets its name last, so that a file
//! of that name is always whole.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use maskd_tracker::StepLogits;
use serde::Serialize;
use tempfile::NamedTempFile;

/// Writes logits; frames are to be given in their order.
pub struct LogitsFile {
    path: PathBuf,
    numbers: BufWriter<File>,
    end: u64,
    table: serde_json::Map<String, serde_json::Value>,
}

/// A tensor in the table of a `.safetensors`.
#[derive(Serialize)]
struct Tensor<'a> {
    dtype: &'static str,
    shape: &'a [usize],
    data_offsets: [u64; 2],
}

impl LogitsFile {
    /// Makes sure that `path` can be written later.
    ///
    /// # Errors
    /// What the system says where its folder takes no new file.
    pub fn create(path: &Path) -> io::Result<Self> {
        let numbers = BufWriter::new(tempfile::tempfile_in(folder(path))?);
        Ok(Self { path: path.into(), numbers, end: 0, table: serde_json::Map::new() })
    }

    /// Adds `f{frame}/low_res` `[objects, 1, h, w]`, `f{frame}/iou` `[objects]` and `f{frame}/object_score` `[objects]`.
    ///
    /// # Errors
    /// What the system says where they cannot be written.
    pub fn write(&mut self, frame: u64, logits: &StepLogits) -> io::Result<()> {
        let (objects, [height, width]) = (logits.iou.len(), logits.size);
        self.tensor(format!("f{frame}/low_res"), &[objects, 1, height, width], &logits.low_res)?;
        self.tensor(format!("f{frame}/iou"), &[objects], &logits.iou)?;
        self.tensor(format!("f{frame}/object_score"), &[objects], &logits.object_score)
    }

    /// Puts the file together and gives it its name.
    ///
    /// # Errors
    /// What the system says where that cannot be done; nothing has the output's name then.
    pub fn finish(self) -> io::Result<()> {
        let mut numbers = self.numbers.into_inner().map_err(io::IntoInnerError::into_error)?;
        let mut output = output_file(folder(&self.path))?;
        let mut table = serde_json::to_vec(&self.table)?;
        // Numbers begin at a multiple of 8, for readers that map the file.
        table.resize(table.len().next_multiple_of(8), b' ');
        output.write_all(&(table.len() as u64).to_le_bytes())?;
        output.write_all(&table)?;
        numbers.rewind()?;
        io::copy(&mut numbers, &mut output)?;
        output.persist(&self.path)?;
        Ok(())
    }

    fn tensor(&mut self, name: String, shape: &[usize], numbers: &[f32]) -> io::Result<()> {
        if shape.iter().product::<usize>() != numbers.len() {
            let what = format!("{name} has {} numbers, its shape is {shape:?}", numbers.len());
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        for number in numbers {
            self.numbers.write_all(&number.to_le_bytes())?;
        }
        let start = self.end;
        self.end += size_of_val(numbers) as u64;
        let tensor = Tensor { dtype: "F32", shape, data_offsets: [start, self.end] };
        self.table.insert(name, serde_json::to_value(tensor)?);
        Ok(())
    }
}

/// A file that gets its name later, with the permissions of any new file.
fn output_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".maskd-logits-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use safetensors::{Dtype, SafeTensors};

    use super::*;

    fn logits(objects: usize) -> StepLogits {
        StepLogits {
            size: [2, 3],
            low_res: (0..objects * 6).map(|n| n as f32 - 1.5).collect(),
            iou: vec![0.5; objects],
            object_score: vec![-3.0; objects],
        }
    }

    #[test]
    fn what_is_written_is_read_by_the_format_s_own_crate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("l.safetensors");
        let mut file = LogitsFile::create(&path).unwrap();
        for (frame, objects) in [(0, 2), (1, 0), (10, 1)] {
            file.write(frame, &logits(objects)).unwrap();
        }
        assert!(!path.exists());
        file.finish().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(tensors.len(), 9);
        let low_res = tensors.tensor("f0/low_res").unwrap();
        assert_eq!((low_res.dtype(), low_res.shape()), (Dtype::F32, &[2, 1, 2, 3][..]));
        assert_eq!(low_res.data()[..4], (-1.5_f32).to_le_bytes());
        assert_eq!(low_res.data()[44..], 9.5_f32.to_le_bytes());
        assert_eq!(tensors.tensor("f1/low_res").unwrap().shape(), [0, 1, 2, 3]);
        let score = tensors.tensor("f10/object_score").unwrap();
        assert_eq!((score.shape(), score.data()), (&[1][..], &(-3.0_f32).to_le_bytes()[..]));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file was left");
    }

    #[test]
    fn numbers_that_do_not_fit_their_shape_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = LogitsFile::create(&folder.path().join("l")).unwrap();
        let bad = StepLogits { size: [3, 3], ..logits(1) };
        assert_eq!(file.write(0, &bad).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
