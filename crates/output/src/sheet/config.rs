use std::path::PathBuf;

/// Where the page goes and what it looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetConfig {
    /// PNG file; replaced when there is one.
    pub path: PathBuf,
    /// Pictures beside each other.
    pub columns: u32,
    /// Pictures below each other, at most.
    pub rows: u32,
    /// Width of a picture on the page in pixels.
    pub cell_width: u32,
}

impl SheetConfig {
    /// Up to twelve pictures, three beside each other.
    pub fn new(path: PathBuf) -> Self {
        Self { path, columns: 3, rows: 4, cell_width: 480 }
    }
}
