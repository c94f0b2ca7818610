use maskd_types::{ObjectState, TrackedObject};

use super::colour;
use super::text::Face;
use crate::Picture;

/// Strength of a label's ground, of 256.
const GROUND: u16 = 225;

/// A text and the place of its ground: edges in pixels.
struct Label {
    text: String,
    colour: [u8; 3],
    place: [u32; 4],
}

/// Labels every object, those in sight beside their masks and the others in the corner.
pub(super) fn draw_all(picture: &mut Picture, objects: &[TrackedObject]) {
    let face = Face::for_height(picture.height());
    let mut labels: Vec<Label> = Vec::new();
    let (seen, unseen): (Vec<_>, Vec<_>) = objects.iter().partition(|object| object.bbox.is_some());
    for object in unseen.into_iter().chain(seen) {
        let text = words(object);
        let place = place(picture, face, &text, object.bbox, &labels);
        labels.push(Label { text, colour: colour(object.id.get()), place });
    }
    for label in &labels {
        label.draw(picture, face);
    }
}

/// Writes a text into the lower left corner, light on dark.
pub(crate) fn caption(picture: &mut Picture, text: &str) {
    let face = Face::for_height(picture.height().max(270));
    let [width, height] = ground_size(face, text);
    let top = picture.height().saturating_sub(height);
    let label = Label { text: text.to_owned(), colour: [0; 3], place: [0, top, width, top + height] };
    label.draw(picture, face);
}

fn words(object: &TrackedObject) -> String {
    let state = match object.state {
        ObjectState::Visible => "",
        ObjectState::Occluded => " occluded",
        ObjectState::Lost => " lost",
        ObjectState::Reacquired => " found",
    };
    format!("#{} {:.2}{state}", object.id, object.score)
}

fn ground_size(face: Face, text: &str) -> [u32; 2] {
    face.size(text).map(|length| length + 2 * face.padding())
}

/// The first place that no earlier label takes: above the box, below it, inside, then down from the corner.
fn place(picture: &Picture, face: Face, text: &str, bbox: Option<[u32; 4]>, taken: &[Label]) -> [u32; 4] {
    let [width, height] = ground_size(face, text);
    let gap = face.padding();
    let mut tops: Vec<[u32; 2]> = Vec::new();
    if let Some([x0, y0, _, y1]) = bbox {
        if y0 >= height + gap {
            tops.push([x0, y0 - height - gap]);
        }
        tops.extend([[x0, y1 + gap], [x0, y0 + gap]]);
    }
    let corner = |index: u32| [gap, gap + index * (height + gap / 2)];
    tops.extend((0..=taken.len() as u32).map(corner));
    let clamped = |[x, y]: [u32; 2]| {
        let x = x.min(picture.width().saturating_sub(width));
        let y = y.min(picture.height().saturating_sub(height));
        [x, y, x + width, y + height]
    };
    let mut places = tops.into_iter().map(clamped);
    let first = places.clone().next().unwrap_or([0, 0, width, height]);
    let free = |place: &[u32; 4]| !taken.iter().any(|label| overlap(*place, label.place));
    places.find(free).unwrap_or(first)
}

fn overlap(a: [u32; 4], b: [u32; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

impl Label {
    fn draw(&self, picture: &mut Picture, face: Face) {
        picture.tint(self.place, self.colour, GROUND);
        let [left, top, ..] = self.place;
        let padding = face.padding();
        face.draw(picture, &self.text, [left + padding, top + padding], legible_on(self.colour));
    }
}

/// Black on bright colours, white on dark ones.
fn legible_on(colour: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = colour.map(u32::from);
    if 3 * r + 6 * g + b > 1100 { [16; 3] } else { [250; 3] }
}
