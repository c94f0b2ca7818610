use maskd_types::{Frame, FrameRate, ObjectId, Rle, SourceInfo, Stamp};

use crate::background::Background;
use crate::cast::{self, Actor};
use crate::compose::{Layer, Row, masks};
use crate::light::Light;
use crate::motion::Troupe;
use crate::outline::Outline;
use crate::painter::PlacedPart;
use crate::palette::Palette;
use crate::rng::Rng;
use crate::{SceneConfig, SceneError};

/// What is known of one object on one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// The object, numbered from 1; the same on every frame.
    pub id: ObjectId,
    /// The pixels whose colour is the object's own: nothing else contributes more to them.
    pub visible: Rle,
    /// The share of the object's pixels within the frame that other objects hide, 0 to 1.
    pub hidden: f32,
}

/// A frame and the truth about it.
#[derive(Clone, Debug)]
pub struct SceneFrame {
    /// The picture.
    pub frame: Frame,
    /// All objects in the order of their ids, hidden ones too.
    pub truth: Vec<Truth>,
}

impl SceneFrame {
    /// Box prompts for the objects in sight: edges `[x0, y0, x1, y1]` of their visible pixels.
    pub fn boxes(&self) -> Vec<(ObjectId, [f32; 4])> {
        let boxed = |truth: &Truth| Some((truth.id, truth.visible.bbox()?.map(|edge| edge as f32)));
        self.truth.iter().filter_map(boxed).collect()
    }
}

/// The built-in camera. Renders frame after frame, on demand, in the caller's thread.
pub struct Scene {
    config: SceneConfig,
    background: Background,
    actors: Vec<StagedActor>,
    troupe: Troupe,
    light: Light,
    next: u64,
}

struct StagedActor {
    actor: Actor,
    /// Of parts that keep their form.
    outlines: Vec<Outline>,
    time_offset: f32,
}

/// What each random stream is for.
mod purpose {
    pub(super) const GROUND: u64 = 1;
    pub(super) const MOTION: u64 = 2;
    pub(super) const LIGHT: u64 = 3;
    pub(super) const CAST: u64 = 4;
    pub(super) const ACTOR: u64 = 100;
    pub(super) const FRAME: u64 = 1000;
}

impl Scene {
    /// Sets the scene; takes a fraction of a second, most of it for the ground.
    ///
    /// # Errors
    /// Where [`SceneConfig::validate`] finds fault.
    pub fn new(config: SceneConfig) -> Result<Self, SceneError> {
        config.validate()?;
        let rng = |purpose| Rng::new(config.seed, purpose);
        let count = config.objects as usize;
        let troupe = Troupe::new(config.width, config.height, count, config.leaving, rng(purpose::MOTION));
        let mut casting = rng(purpose::CAST);
        let first_hue = casting.unit();
        let turn = [casting.below(8), casting.below(8)];
        let actors = (0..count)
            .map(|index| {
                let mut rng = rng(purpose::ACTOR + index as u64);
                let palette = Palette::of_object(first_hue, index, &mut rng);
                let side = (2.4 * troupe.radius(index)) as usize;
                let side = side.next_power_of_two().clamp(64, 512);
                StagedActor::new(cast::actor(index, turn, palette, side, &mut rng), &mut rng)
            })
            .collect();
        Ok(Self {
            background: Background::new(config.width, config.height, &mut rng(purpose::GROUND)),
            light: Light::new(&mut rng(purpose::LIGHT)),
            actors,
            troupe,
            next: 0,
            config,
        })
    }

    /// The configuration it was made with.
    pub fn config(&self) -> &SceneConfig {
        &self.config
    }

    /// The scene as a source of frames.
    pub fn info(&self) -> SourceInfo {
        SourceInfo {
            name: format!("scene-{}", self.config.seed),
            width: self.config.width,
            height: self.config.height,
            rate: Some(self.config.rate),
            frames: Some(self.config.frames),
            frames_estimate: Some(self.config.frames),
        }
    }

    /// Renders the next frame; `None` after the last.
    pub fn next_frame(&mut self) -> Option<SceneFrame> {
        if self.next >= self.config.frames {
            return None;
        }
        let FrameRate { numerator, denominator } = self.config.rate;
        if self.next > 0 {
            self.troupe.advance(denominator as f32 / numerator as f32);
        }
        let scene_frame = self.render(self.next);
        self.next += 1;
        Some(scene_frame)
    }

    fn render(&self, number: u64) -> SceneFrame {
        let SceneConfig { width, height, rate, .. } = self.config;
        let nanoseconds =
            u128::from(number) * 1_000_000_000 * u128::from(rate.denominator) / u128::from(rate.numerator);
        // Exact for far longer than any scene lasts; past that the animation merely gets coarser.
        let seconds = nanoseconds as f32 / 1e9;
        let outlines: Vec<Vec<Option<Outline>>> = self.actors.iter().map(|staged| staged.deformed(seconds)).collect();
        let layers: Vec<Layer<'_>> =
            self.troupe.order().iter().filter_map(|&index| self.layer(index, seconds, outlines.get(index)?)).collect();
        let (rgb, owners, alone) = self.paint(number, seconds, &layers);
        let frame = Frame {
            number,
            stamp: Stamp::arriving(u64::try_from(nanoseconds).unwrap_or(u64::MAX)),
            intact: true,
            width,
            height,
            rgb: rgb.into(),
        };
        let masks = masks(width, height, &owners, self.actors.len());
        let truth = (1..).zip(masks).zip(alone).filter_map(|((id, visible), alone)| {
            let hidden = if alone == 0 { 0.0 } else { 1.0 - visible.area() as f32 / alone as f32 };
            let id = ObjectId::new(id)?;
            Some(Truth { id, visible, hidden: hidden.clamp(0.0, 1.0) })
        });
        SceneFrame { frame, truth: truth.collect() }
    }

    /// The picture, the map of owners, and how many pixels each object would own alone.
    fn paint(&self, number: u64, seconds: f32, layers: &[Layer<'_>]) -> (Vec<u8>, Vec<u8>, Vec<u64>) {
        let (width, height) = (self.config.width as usize, self.config.height as usize);
        let mut rgb = vec![0; 3 * width * height];
        let mut owners = vec![0; width * height];
        let mut alone = vec![0; self.actors.len()];
        let view = self.background.view(self.config.width, self.config.height, seconds);
        let noise = Rng::new(self.config.seed, purpose::FRAME + number);
        let mut light = self.light.at(self.config.width, self.config.height, seconds, noise);
        let mut row = Row::new(width);
        let rows = rgb.chunks_exact_mut(3 * width).zip(owners.chunks_exact_mut(width));
        for (y, (bytes, owners)) in rows.enumerate() {
            row.restart(owners);
            self.background.paint_row(&view, y, &mut row.rgb);
            for layer in layers {
                let pixels = row.add(y, layer, owners);
                if let Some(sum) = alone.get_mut(usize::from(layer.owner) - 1) {
                    *sum += pixels;
                }
            }
            light.develop(y, &row.rgb, bytes);
        }
        (rgb, owners, alone)
    }

    fn layer<'a>(&'a self, index: usize, seconds: f32, deformed: &'a [Option<Outline>]) -> Option<Layer<'a>> {
        let staged = self.actors.get(index)?;
        let body = self.troupe.pose(index);
        let outlines = deformed.iter().zip(&staged.outlines).map(|(new, kept)| new.as_ref().unwrap_or(kept));
        let parts = staged.actor.parts.iter().zip(outlines).map(|(part, outline)| {
            let pose = body.after(&part.pose(seconds + staged.time_offset));
            PlacedPart::new(&pose, outline, &part.tile, part.casts_shadow)
        });
        Some(Layer {
            owner: u8::try_from(index + 1).ok()?,
            parts: parts.collect(),
            height: 0.075 * self.troupe.radius(index),
        })
    }
}

impl StagedActor {
    fn new(actor: Actor, rng: &mut Rng) -> Self {
        let outlines = actor.parts.iter().map(|part| Outline::tabulate(&part.profile, 0.0));
        Self { outlines: outlines.collect(), time_offset: cast::time_offset(rng), actor }
    }

    /// New outlines for the parts that change their form.
    fn deformed(&self, seconds: f32) -> Vec<Option<Outline>> {
        let renew = |part: &cast::Part| part.profile.deforms().then(|| Outline::tabulate(&part.profile, seconds));
        self.actor.parts.iter().map(renew).collect()
    }
}

impl Iterator for Scene {
    type Item = SceneFrame;

    fn next(&mut self) -> Option<SceneFrame> {
        self.next_frame()
    }
}
