use super::{ImageFeatures, MaskPrompt, MemoryMap, ObjectMemory, Pointer, Sam2, read};
use crate::prompt_encoder::{PointLabel, PromptPoint};
use crate::{Kernels, ModelError};

impl<B: Kernels> Sam2<B> {
    /// Does once all that frames will ask for, with as many objects as `counts` says in turn and memories from one frame to all there can
    /// be, so that nothing is compiled or measured while frames wait.
    ///
    /// # Errors
    /// [`ModelError::Device`] where the device failed.
    pub fn warm_up(&self, counts: &[usize]) -> Result<(), ModelError> {
        let side = self.config.image_size;
        // A device takes any size of image, so a small one tells as much.
        let image = self.encode_image(&[128; 3 * 64], 8, 8)?;
        let centre = PromptPoint { x: side as f32 / 2.0, y: side as f32 / 2.0, label: PointLabel::Positive };
        let corners = [PointLabel::TopLeft, PointLabel::BottomRight].map(|label| PromptPoint { label, ..centre });
        let first = self.prompt(&image, self.without_memory(&image), &[centre], None);
        let second = self.prompt(&image, self.without_memory(&image), &corners, Some(first.low_res.clone()));
        let drawn =
            self.mask_as_output(&image, &MaskPrompt::new(&vec![1; side * side], side as u32, side as u32, side));
        let map = self.encode_memory(&image, second.low_res, second.object_score, true);
        read(drawn.pointer)?;

        let memory = |maps: usize| ObjectMemory {
            maps: (0..maps).rev().map(|slot| MemoryMap { features: map.clone(), slot }).collect(),
            pointers: (0..maps).map(|age| Pointer { vector: first.pointer.clone(), age: age as u64 + 1 }).collect(),
        };
        for &objects in counts {
            for maps in 1..=self.config.num_maskmem {
                self.follow(&image, &vec![memory(maps); objects])?;
            }
        }
        Ok(())
    }

    fn follow(&self, image: &ImageFeatures<B>, memories: &[ObjectMemory<B>]) -> Result<(), ModelError> {
        let conditioned = self.attend_memory(&vec![image; memories.len()], memories, 15.0);
        let prediction = self.track(image, conditioned);
        let learned = self.encode_memory(image, prediction.low_res.clone(), prediction.object_score, false);
        read(learned.narrow(1, 0, 1))?;
        read(prediction.low_res)?;
        Ok(())
    }
}
