use std::collections::BTreeMap;
use std::path::Path;

use maskd_prompts::mask;
use maskd_types::{ObjectId, Rle};

use crate::EvalError;

/// The masks of all objects on one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// Width and height in pixels.
    pub size: [u32; 2],
    objects: BTreeMap<ObjectId, Rle>,
}

impl Annotation {
    /// Reads a PNG: palette indices are numbers of objects, any other picture shows one object.
    ///
    /// # Errors
    /// [`EvalError::Mask`]
    pub fn read(path: &Path) -> Result<Self, EvalError> {
        let (size, objects) = mask::load_all(path).map_err(|source| EvalError::Mask { path: path.into(), source })?;
        Ok(Self { size, objects })
    }

    /// All objects as one, number 1, as DAVIS 2016 has them.
    #[must_use]
    pub fn merged(self) -> Self {
        let [width, height] = self.size;
        let masks: Vec<_> = self.objects.values().map(Rle::decode).collect();
        let pixels = (0..width as usize * height as usize)
            .map(|pixel| u8::from(masks.iter().any(|mask| mask.data().get(pixel).is_some_and(|inside| *inside != 0))));
        let merged = maskd_types::BinaryMask::new(width, height, pixels.collect()).map(|mask| Rle::encode(&mask));
        let objects = merged.ok().filter(|mask| !mask.is_empty()).map(|mask| (ObjectId::FIRST, mask));
        Self { size: self.size, objects: objects.into_iter().collect() }
    }

    /// The objects that are in sight.
    pub fn objects(&self) -> impl Iterator<Item = (ObjectId, &Rle)> {
        self.objects.iter().map(|(id, mask)| (*id, mask))
    }

    /// The mask of an object; empty where it is out of sight.
    pub fn mask(&self, object: ObjectId) -> Rle {
        self.objects.get(&object).cloned().unwrap_or_else(|| Rle::empty(self.size[0], self.size[1]))
    }
}
