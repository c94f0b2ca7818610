//! `stages`: the network's stages one by one, and all of them without a stop in between.

use std::time::Instant;

use anyhow::{anyhow, ensure};
use burn_tensor::Tensor;
use maskd_model::image::{normalise::normalise, resize::resize_rgb_bicubic};
use maskd_model::{
    Checkpoint, Device, ImageFeatures, Kernels, MemoryMap, ObjectMemory, OnBackend, PointLabel, Pointer, PromptPoint,
    Sam2, read,
};
use serde_json::json;

use crate::cli::StagesArgs;
use crate::events::{round, say};
use crate::panics;
use crate::timing::{millis, summary};

/// Size of the picture that is encoded, in pixels.
const PICTURE: [u32; 2] = [640, 360];

/// Times the stages.
pub fn run(args: &StagesArgs) -> anyhow::Result<()> {
    let device = Device::find(&args.network.device)?;
    panics::watch(&device, args.network.tolerate);
    let checkpoint = args.network.open()?;
    device.run(Stages { checkpoint, args })
}

struct Stages<'a> {
    checkpoint: Checkpoint,
    args: &'a StagesArgs,
}

impl OnBackend for Stages<'_> {
    type Output = anyhow::Result<()>;

    fn run<B: Kernels>(self, device: B::Device) -> anyhow::Result<()> {
        let mut config = self.checkpoint.config.clone();
        config.image_size = self.args.network.image_size.unwrap_or(config.image_size);
        let model = Sam2::<B>::load(&config, &self.checkpoint, &device)?;
        sync::<B>(&device)?;
        say("loaded", json!({ "model": config.name, "image_size": config.image_size }));
        Bench::new(model, self.args.objects.get())?.run(self.args.rounds.get())
    }
}

/// What a frame in the steady state works with.
struct Bench<B: Kernels> {
    model: Sam2<B>,
    picture: Vec<u8>,
    image: ImageFeatures<B>,
    memories: Vec<ObjectMemory<B>>,
}

impl<B: Kernels> Bench<B> {
    /// Fills the banks of `objects` objects with what one click on one picture leaves behind.
    fn new(model: Sam2<B>, objects: usize) -> anyhow::Result<Self> {
        let [width, height] = PICTURE;
        let picture: Vec<u8> = (0..width * height * 3).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let image = model.encode_image(&picture, width, height)?;
        let middle = model.config().image_size as f32 / 2.0;
        let click = PromptPoint { x: middle, y: middle, label: PointLabel::Positive };
        let prediction = model.prompt(&image, model.without_memory(&image), &[click], None);
        let features = model.encode_memory(&image, prediction.low_res, prediction.object_score, true);
        let slots = model.config().num_maskmem;
        let map = |slot| MemoryMap { features: features.clone(), slot };
        let memory = ObjectMemory {
            maps: (0..slots).rev().map(map).collect(),
            pointers: (1..=model.config().max_obj_ptrs as u64)
                .map(|age| Pointer { vector: prediction.pointer.clone(), age })
                .collect(),
        };
        sync::<B>(model.device())?;
        say("bank", json!({ "objects": objects, "maps": slots, "pointers": memory.pointers.len() }));
        Ok(Self { model, picture, image, memories: vec![memory; objects] })
    }

    fn run(&self, rounds: usize) -> anyhow::Result<()> {
        for round in 0..3 {
            let started = Instant::now();
            self.frame()?;
            say("warm_up", json!({ "round": round, "ms": millis(started) }));
        }
        self.preprocessing(rounds);
        self.one_by_one(rounds)?;
        self.without_a_stop(rounds)
    }

    fn encode(&self) -> anyhow::Result<ImageFeatures<B>> {
        Ok(self.model.encode_image(&self.picture, PICTURE[0], PICTURE[1])?)
    }

    fn attend(&self, image: &ImageFeatures<B>) -> Tensor<B, 3> {
        let span = self.model.config().max_obj_ptrs as f32 - 1.0;
        self.model.attend_memory(&vec![image; self.memories.len()], &self.memories, span)
    }

    /// A whole frame, with everything read back that a tracker reads.
    fn frame(&self) -> anyhow::Result<()> {
        let image = self.encode()?;
        let prediction = self.model.track(&image, self.attend(&image));
        let memory =
            self.model.encode_memory(&image, prediction.low_res.clone(), prediction.object_score.clone(), false);
        let found = read(prediction.low_res)?;
        ensure!(found.iter().all(|logit| logit.is_finite()), "a logit is not finite");
        drop(memory);
        sync::<B>(self.model.device())
    }

    /// What the processor does before anything is on the device.
    fn preprocessing(&self, rounds: usize) {
        let side = self.model.config().image_size;
        let [width, height] = PICTURE.map(|length| length as usize);
        let times = (0..rounds).map(|_| {
            let started = Instant::now();
            std::hint::black_box(normalise(&resize_rgb_bicubic(&self.picture, width, height, side, side)));
            millis(started)
        });
        say("stage", json!({ "stage": "resize_on_cpu", "ms": summary(times.collect()) }));
    }

    fn one_by_one(&self, rounds: usize) -> anyhow::Result<()> {
        let map = self.attend(&self.image);
        let prediction = self.model.track(&self.image, map.clone());
        self.stage("encode_with_resize_and_upload", rounds, || self.encode())?;
        self.stage("memory_attention", rounds, || Ok(self.attend(&self.image)))?;
        self.stage("mask_decoder", rounds, || Ok(self.model.track(&self.image, map.clone())))?;
        self.stage("memory_encoder", rounds, || {
            let (low_res, score) = (prediction.low_res.clone(), prediction.object_score.clone());
            Ok(self.model.encode_memory(&self.image, low_res, score, false))
        })?;
        self.stage("read_back", rounds, || Ok(read(prediction.low_res.clone())?))?;
        self.stage("whole_frame", rounds, || self.frame())
    }

    /// Times `work` from an idle device to an idle device; beside it, how long it took until all was asked for. Results live until the
    /// device is idle: what nobody holds need not be computed.
    fn stage<T>(&self, name: &str, rounds: usize, work: impl Fn() -> anyhow::Result<T>) -> anyhow::Result<()> {
        let device = self.model.device();
        drop(work()?);
        let (mut times, mut asked) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            sync::<B>(device)?;
            let started = Instant::now();
            let result = work()?;
            asked.push(millis(started));
            sync::<B>(device)?;
            times.push(millis(started));
            drop(result);
        }
        say("stage", json!({ "stage": name, "ms": summary(times), "until_asked_ms": summary(asked) }));
        Ok(())
    }

    /// Frames after frames, the device read once at the end: the most that the device can do.
    fn without_a_stop(&self, rounds: usize) -> anyhow::Result<()> {
        let device = self.model.device();
        sync::<B>(device)?;
        let started = Instant::now();
        let mut last = None;
        for _ in 0..rounds {
            let image = self.encode()?;
            let prediction = self.model.track(&image, self.attend(&image));
            let score = prediction.object_score.clone();
            let memory = self.model.encode_memory(&image, prediction.low_res.clone(), score, false);
            last = Some((prediction.low_res, memory));
        }
        let asked = millis(started);
        sync::<B>(device)?;
        let total = millis(started);
        drop(last);
        say(
            "without_a_stop",
            json!({ "ms_per_frame": round(total / rounds as f64), "until_asked_ms_per_frame": round(asked / rounds as f64),
                "frames_per_s": round(rounds as f64 * 1e3 / total) }),
        );
        Ok(())
    }
}

/// Waits until the device has done all it was asked to.
pub fn sync<B: Kernels>(device: &B::Device) -> anyhow::Result<()> {
    B::sync(device).map_err(|error| anyhow!("the device failed: {error:?}"))
}
