use std::time::Instant;

use burn_tensor::Tensor;
use maskd_model::{
    Checkpoint, Device, ImageFeatures, Kernels, MemoryMap, ObjectMemory, OnBackend, PointLabel, Pointer, Precision,
    PromptPoint, Sam2, read,
};

use super::{Measurement, millis, sync};

/// Size of the picture that is encoded, in pixels.
const PICTURE: [u32; 2] = [640, 360];

/// What to measure of the network.
#[derive(Clone, Debug)]
pub struct StageOptions {
    /// Side of the square that the network sees, in pixels; `None` for the checkpoint's own.
    pub image_size: Option<usize>,
    /// With how many bits the network multiplies.
    pub precision: Precision,
    /// Objects in the batch, at least one.
    pub objects: usize,
    /// How often.
    pub rounds: usize,
}

/// Times the network's stages one by one, then whole frames, then frames without a stop in between, all of them with a full memory
/// bank. Each is told once it is done.
///
/// # Errors
/// What the device or the checkpoint has against it, in words.
pub fn measure_stages(
    checkpoint: &Checkpoint,
    device: &Device,
    options: &StageOptions,
    say: &mut dyn FnMut(Measurement),
) -> Result<(), String> {
    device.run(Stages { checkpoint, options, say })
}

struct Stages<'a> {
    checkpoint: &'a Checkpoint,
    options: &'a StageOptions,
    say: &'a mut dyn FnMut(Measurement),
}

impl OnBackend for Stages<'_> {
    type Output = Result<(), String>;

    fn run<B: Kernels>(self, device: B::Device) -> Self::Output {
        let mut config = self.checkpoint.config.clone();
        config.image_size = self.options.image_size.unwrap_or(config.image_size);
        let started = Instant::now();
        let model = Sam2::<B>::load_as(&config, self.checkpoint, &device, self.options.precision).map_err(words)?;
        sync::<B>(&device)?;
        (self.say)(Measurement { name: "load".to_owned(), first_ms: millis(started), ..Measurement::default() });
        let mut bench = Bench::new(model, self.options, self.say)?;
        bench.one_by_one()?;
        bench.without_a_stop()
    }
}

fn words(error: impl std::error::Error) -> String {
    error.to_string()
}

/// What a frame in the steady state works with.
struct Steady<B: Kernels> {
    model: Sam2<B>,
    picture: Vec<u8>,
    image: ImageFeatures<B>,
    memories: Vec<ObjectMemory<B>>,
}

impl<B: Kernels> Steady<B> {
    /// Fills the banks of `objects` objects with what one click on one picture leaves behind.
    fn new(model: Sam2<B>, objects: usize) -> Result<Self, String> {
        let [width, height] = PICTURE;
        let picture: Vec<u8> = (0..width * height * 3).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let image = model.encode_image(&picture, width, height).map_err(words)?;
        let middle = model.config().image_size as f32 / 2.0;
        let click = PromptPoint { x: middle, y: middle, label: PointLabel::Positive };
        let prediction = model.prompt(&image, model.without_memory(&image), &[click], None);
        let features = model.encode_memory(&image, prediction.low_res, prediction.object_score, true);
        let map = |slot| MemoryMap { features: features.clone(), slot };
        let pointer = |age| Pointer { vector: prediction.pointer.clone(), age };
        let memory = ObjectMemory {
            maps: (0..model.config().num_maskmem).rev().map(map).collect(),
            pointers: (1..=model.config().max_obj_ptrs as u64).map(pointer).collect(),
        };
        sync::<B>(model.device())?;
        Ok(Self { model, picture, image, memories: vec![memory; objects] })
    }

    fn encode(&self) -> Result<ImageFeatures<B>, String> {
        self.model.encode_image(&self.picture, PICTURE[0], PICTURE[1]).map_err(words)
    }

    fn attend(&self, image: &ImageFeatures<B>) -> Tensor<B, 3> {
        let span = self.model.config().max_obj_ptrs as f32 - 1.0;
        self.model.attend_memory(&vec![image; self.memories.len()], &self.memories, span)
    }

    /// All that a frame asks for: logits, and what is remembered.
    fn ask(&self) -> Result<(Tensor<B, 3>, Tensor<B, 3>), String> {
        let image = self.encode()?;
        let prediction = self.model.track(&image, self.attend(&image));
        let memory = self.model.encode_memory(&image, prediction.low_res.clone(), prediction.object_score, false);
        Ok((prediction.low_res, memory))
    }

    /// A whole frame, with everything read back that a tracker reads.
    fn frame(&self) -> Result<(), String> {
        let (low_res, _memory) = self.ask()?;
        if read(low_res).map_err(words)?.iter().all(|logit| logit.is_finite()) {
            sync::<B>(self.model.device())
        } else {
            Err("a logit is not finite".to_owned())
        }
    }
}

struct Bench<'a, B: Kernels> {
    steady: Steady<B>,
    rounds: usize,
    say: &'a mut dyn FnMut(Measurement),
}

impl<'a, B: Kernels> Bench<'a, B> {
    fn new(model: Sam2<B>, options: &StageOptions, say: &'a mut dyn FnMut(Measurement)) -> Result<Self, String> {
        let started = Instant::now();
        let steady = Steady::new(model, options.objects.max(1))?;
        let first_ms = millis(started);
        say(Measurement { name: "fill the bank".to_owned(), first_ms, ..Measurement::default() });
        Ok(Self { steady, rounds: options.rounds.max(1), say })
    }

    fn one_by_one(&mut self) -> Result<(), String> {
        let map = self.steady.attend(&self.steady.image);
        let prediction = self.steady.model.track(&self.steady.image, map.clone());
        let (low_res, score) = (prediction.low_res, prediction.object_score);
        self.stage("image encoder with resize and upload", Steady::encode)?;
        self.stage("memory attention", |on| Ok(on.attend(&on.image)))?;
        self.stage("mask decoder", |on| Ok(on.model.track(&on.image, map.clone())))?;
        self.stage("memory encoder", |on| {
            Ok(on.model.encode_memory(&on.image, low_res.clone(), score.clone(), false))
        })?;
        self.stage("read back", |_| read(low_res.clone()).map_err(words))?;
        self.stage("whole frame", Steady::frame)
    }

    /// Results live until the device is idle: what nobody holds need not be computed.
    fn stage<T>(&mut self, name: &str, work: impl Fn(&Steady<B>) -> Result<T, String>) -> Result<(), String> {
        let device = self.steady.model.device();
        let mut found = Measurement { name: name.to_owned(), ..Measurement::default() };
        for round in 0..=self.rounds {
            sync::<B>(device)?;
            let started = Instant::now();
            let result = work(&self.steady)?;
            let asked = millis(started);
            sync::<B>(device)?;
            let whole = millis(started);
            drop(result);
            if round == 0 {
                found.first_ms = whole;
            } else {
                found.asked_ms.push(asked);
                found.ms.push(whole);
            }
        }
        (self.say)(found);
        Ok(())
    }

    /// Frames after frames, the device waited for once at the end: the most that the device can do.
    fn without_a_stop(&mut self) -> Result<(), String> {
        let device = self.steady.model.device();
        sync::<B>(device)?;
        let started = Instant::now();
        let mut last = None;
        for _ in 0..self.rounds {
            last = Some(self.steady.ask()?);
        }
        let asked = millis(started) / self.rounds as f64;
        sync::<B>(device)?;
        let whole = millis(started) / self.rounds as f64;
        drop(last);
        (self.say)(Measurement {
            name: "frames without a stop".to_owned(),
            ms: vec![whole],
            asked_ms: vec![asked],
            ..Measurement::default()
        });
        Ok(())
    }
}
