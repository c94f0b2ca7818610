//! A prompt as JSON, as it comes over a network. Everything is looked at before anything is made of it.

use maskd_types::{Point, Prompt, Rle, RleError};
use serde::{Deserialize, Serialize};

/// More clicks than anybody makes.
const MOST_POINTS: usize = 256;

/// Farther than any pixel.
const FARTHEST: f32 = 65536.0;

/// A mask in COCO's form.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MaskJson {
    /// `[height, width]` in pixels: the frame's.
    pub size: [u32; 2],
    /// Compressed run lengths.
    pub counts: String,
}

/// What is said about an object on a frame: points, a box, both, or a mask.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PromptJson {
    /// Number of the frame it is aimed at, as it was shown; without it, the newest tracked one.
    pub frame: Option<u64>,
    /// Clicks `[x, y, 1]` (part of the object) and `[x, y, 0]` (not part of it), in pixels of that frame.
    pub points: Vec<[f32; 3]>,
    /// Edges `[x0, y0, x1, y1]` around the object.
    #[serde(rename = "box")]
    pub bbox: Option<[f32; 4]>,
    /// The object's exact mask.
    pub mask: Option<MaskJson>,
    /// What a new object is to be called.
    pub name: Option<String>,
}

/// Why JSON is no prompt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PromptJsonError {
    /// It says nothing about where the object is.
    #[error("neither points, nor a box, nor a mask")]
    Empty,
    /// A mask leaves nothing to say.
    #[error("a mask says it all: no points and no box go with it")]
    TooMuch,
    /// More points than anybody makes.
    #[error("more than {MOST_POINTS} points")]
    Points,
    /// A number that is no place in a frame.
    #[error("a coordinate that no frame has")]
    Coordinate,
    /// A point beside the picture, or a box of which nothing is in it.
    #[error("a place outside of the frames, which are {}x{} pixels", size[0], size[1])]
    Outside {
        /// Width and height of the frames.
        size: [u32; 2],
    },
    /// A point that is neither 1 nor 0.
    #[error("a point that is neither 1 (part of the object) nor 0 (not part of it)")]
    Label,
    /// A box without an inside.
    #[error("a box without an inside")]
    Box,
    /// A mask of another size than the frames.
    #[error("the mask is {}x{} pixels, and the frames are {}x{}", found[0], found[1], expected[0], expected[1])]
    MaskSize {
        /// Width and height of the mask.
        found: [u32; 2],
        /// Width and height of the frames.
        expected: [u32; 2],
    },
    /// A mask before the first frame.
    #[error("no frame has come yet, so that no mask fits it")]
    NoFrame,
    /// Runs that are none.
    #[error("the mask's runs cannot be read")]
    Runs(#[from] RleError),
    /// A name that is too long, empty, or has control characters in it.
    #[error("a name has 1 to 64 characters, none of them a control character")]
    Name,
}

impl PromptJson {
    /// What it means on frames of `size`, width and height in pixels.
    ///
    /// # Errors
    /// [`PromptJsonError`]
    pub fn prompt(&self, size: Option<[u32; 2]>) -> Result<Prompt, PromptJsonError> {
        match (&self.mask, self.points.is_empty() && self.bbox.is_none()) {
            (Some(mask), true) => Ok(Prompt::Mask(mask.rle(size)?)),
            (Some(_), false) => Err(PromptJsonError::TooMuch),
            (None, true) => Err(PromptJsonError::Empty),
            (None, false) => self.shapes(size),
        }
    }

    fn shapes(&self, size: Option<[u32; 2]>) -> Result<Prompt, PromptJsonError> {
        if self.points.len() > MOST_POINTS {
            return Err(PromptJsonError::Points);
        }
        let places = self.points.iter().flat_map(|[x, y, _]| [x, y]).chain(self.bbox.iter().flatten());
        if places.into_iter().any(|place| !(place.is_finite() && (0.0..=FARTHEST).contains(place))) {
            return Err(PromptJsonError::Coordinate);
        }
        if self.bbox.is_some_and(|[x0, y0, x1, y1]| x0 >= x1 || y0 >= y1) {
            return Err(PromptJsonError::Box);
        }
        if let Some(size) = size.filter(|size| self.is_outside(*size)) {
            return Err(PromptJsonError::Outside { size });
        }
        let point = |[x, y, label]: &[f32; 3]| match *label {
            1.0 => Ok(Point { x: *x, y: *y, positive: true }),
            0.0 => Ok(Point { x: *x, y: *y, positive: false }),
            _ => Err(PromptJsonError::Label),
        };
        Ok(Prompt::Shapes { points: self.points.iter().map(point).collect::<Result<_, _>>()?, bbox: self.bbox })
    }

    /// A box may reach over the edge, as what it is about does.
    fn is_outside(&self, size: [u32; 2]) -> bool {
        let [width, height] = size.map(|side| side as f32);
        let beside = self.points.iter().any(|[x, y, _]| *x > width || *y > height);
        beside || self.bbox.is_some_and(|[x0, y0, ..]| x0 >= width || y0 >= height)
    }
}

impl MaskJson {
    /// A mask as JSON.
    pub fn of(rle: &Rle) -> Self {
        Self { size: [rle.height(), rle.width()], counts: rle.to_coco_string() }
    }

    /// The size is compared before the runs are read.
    fn rle(&self, size: Option<[u32; 2]>) -> Result<Rle, PromptJsonError> {
        let [height, width] = self.size;
        let expected = size.ok_or(PromptJsonError::NoFrame)?;
        if expected != [width, height] {
            return Err(PromptJsonError::MaskSize { found: [width, height], expected });
        }
        Ok(Rle::from_coco_string(width, height, &self.counts)?)
    }
}

/// A name as the configuration takes it.
///
/// # Errors
/// [`PromptJsonError::Name`]
pub fn name(name: Option<String>) -> Result<Option<String>, PromptJsonError> {
    let fits = |name: &String| (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if name.as_ref().is_none_or(fits) { Ok(name) } else { Err(PromptJsonError::Name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prompt(json: &str) -> Result<Prompt, String> {
        let model: PromptJson = serde_json::from_str(json).map_err(|error| error.to_string())?;
        model.prompt(Some([4, 2])).map_err(|_| "refused".to_owned())
    }

    #[test]
    fn clicks_boxes_and_masks_are_taken() {
        let points = vec![Point { x: 1.0, y: 2.5, positive: true }, Point { x: 0.0, y: 0.0, positive: false }];
        assert_eq!(prompt(r#"{"points":[[1,2.5,1],[0,0,0]]}"#), Ok(Prompt::Shapes { points, bbox: None }));
        assert_eq!(
            prompt(r#"{"frame":3,"box":[0,0,9,2],"name":"cup"}"#),
            Ok(Prompt::Shapes { points: Vec::new(), bbox: Some([0.0, 0.0, 9.0, 2.0]) })
        );
        let mask = Rle::from_columns(4, 2, |x, column| column.fill(u8::from(x == 1)));
        let json = serde_json::json!({ "mask": MaskJson::of(&mask) }).to_string();
        assert_eq!(prompt(&json), Ok(Prompt::Mask(mask)));
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for json in [
            "{}",
            r#"{"points":[]}"#,
            r#"{"points":[[1,1,2]]}"#,
            r#"{"points":[[-1,1,1]]}"#,
            r#"{"points":[[1e30,1,1]]}"#,
            r#"{"points":[[1,1]]}"#,
            r#"{"points":[[4.5,1,1]]}"#,
            r#"{"points":[[1,1,1],[1,2.5,0]]}"#,
            r#"{"box":[4,0,6,2]}"#,
            r#"{"box":[2,0,2,2]}"#,
            r#"{"box":[0,0,1,1],"mask":{"size":[2,4],"counts":"8"}}"#,
            r#"{"mask":{"size":[4000000000,4000000000],"counts":"8"}}"#,
            r#"{"mask":{"size":[2,4],"counts":"\u0000"}}"#,
            r#"{"mask":{"size":[2,4],"counts":"99999999"}}"#,
            r#"{"frame":-1,"points":[[1,1,1]]}"#,
            r#"{"pionts":[[1,1,1]]}"#,
        ] {
            assert!(prompt(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_breaks_anything(text in ".{0,200}", counts in "[ -~]{0,60}", numbers in prop::array::uniform3(any::<f32>())) {
            let _ = prompt(&text);
            let _ = prompt(&serde_json::json!({ "mask": { "size": [2, 4], "counts": counts } }).to_string());
            let _ = prompt(&serde_json::json!({ "points": [numbers] }).to_string());
        }
    }
}
