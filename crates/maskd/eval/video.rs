//! What is known of a video once it was judged.

use std::collections::BTreeMap;
use std::time::Duration;

use maskd_eval::Scores;
use maskd_eval::measure::Measures;
use maskd_eval::sight::{Look, Sight};
use maskd_types::{ObjectId, Rle};

/// A video, judged.
pub struct Video {
    /// Name of the sequence, or address of the scene.
    pub name: String,
    /// Everything that was followed.
    pub objects: BTreeMap<ObjectId, Object>,
    /// Frames that were tracked, and the time that took.
    pub tracked: (u64, Duration),
}

/// An object of it.
pub struct Object {
    /// Its true mask on the frame it begins on.
    first: Rle,
    /// Of the masks that are judged.
    pub scores: Scores,
    /// Of the first mask, had it been kept: what no tracking at all would give.
    pub kept: Scores,
    looks: Vec<Look>,
}

/// What there is to see of an object on a frame.
pub struct Truth {
    /// The object.
    pub id: ObjectId,
    /// Its pixels.
    pub mask: Rle,
    /// The share of it that others hide; only scenes know.
    pub hidden: Option<f32>,
}

impl Video {
    pub fn new(name: String) -> Self {
        Self { name, objects: BTreeMap::new(), tracked: (0, Duration::ZERO) }
    }

    /// An object begins with its true mask.
    pub fn begin(&mut self, id: ObjectId, first: Rle) {
        let object = Object { first, scores: Scores::default(), kept: Scores::default(), looks: Vec::new() };
        self.objects.insert(id, object);
    }

    /// Judges a mask; `seen` is whether the object is said to be in sight. Objects that have not begun are not judged.
    pub fn judge(&mut self, truth: &Truth, mask: &Rle, seen: bool) {
        let Some(object) = self.objects.get_mut(&truth.id) else { return };
        let measures = Measures::of(mask, &truth.mask);
        object.scores.push(measures);
        object.kept.push(Measures::of(&object.first, &truth.mask));
        if let Some(hidden) = truth.hidden {
            object.looks.push(Look { area: truth.mask.area(), hidden, seen, iou: measures.j });
        }
    }

    /// What became of objects that were out of sight.
    pub fn sight(&self) -> Sight {
        let mut sum = Sight::default();
        self.objects.values().for_each(|object| sum.add(Sight::of(&object.looks)));
        sum
    }
}
