use std::fmt;
use std::str::FromStr;

use maskd_types::FrameRate;

use crate::SceneError;

/// What to render. The defaults are those of `scene://` with nothing behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SceneConfig {
    /// Decides everything that is random.
    pub seed: u64,
    /// How many objects, 1 to 32; at least 1024 pixels of the frame each.
    pub objects: u32,
    /// How many frames, at least 1.
    pub frames: u64,
    /// Width in pixels, 64 to 8192.
    pub width: u32,
    /// Height in pixels, 64 to 8192.
    pub height: u32,
    /// Frames per second, up to 1000.
    pub rate: FrameRate,
    /// Whether objects also leave the picture for a second or two, and come back.
    pub leaving: bool,
}

const OBJECTS: &str = "a whole number from 1 to 32";
const FRAMES: &str = "a whole number from 1 up to 1000000000";
const SIZE: &str = "WIDTHxHEIGHT in pixels, each from 64 to 8192";
const FPS: &str = "frames per second up to 1000, whole (30) or a fraction (30000/1001)";
const LEAVING: &str = "true or false";
const PIXELS_PER_OBJECT: u64 = 1024;

impl Default for SceneConfig {
    fn default() -> Self {
        Self {
            seed: 7,
            objects: 3,
            frames: 300,
            width: 640,
            height: 360,
            rate: FrameRate { numerator: 30, denominator: 1 },
            leaving: false,
        }
    }
}

impl SceneConfig {
    /// Whether every value is one that the scene can render.
    ///
    /// # Errors
    /// Names the first value that is not, and what it may be.
    pub fn validate(&self) -> Result<(), SceneError> {
        let bad =
            |name, value: &dyn fmt::Display, accepted| SceneError::Value { name, value: value.to_string(), accepted };
        if !(1..=32).contains(&self.objects) {
            return Err(bad("objects", &self.objects, OBJECTS));
        }
        if !(1..=1_000_000_000).contains(&self.frames) {
            return Err(bad("frames", &self.frames, FRAMES));
        }
        if !(64..=8192).contains(&self.width) || !(64..=8192).contains(&self.height) {
            return Err(bad("size", &format!("{}x{}", self.width, self.height), SIZE));
        }
        let FrameRate { numerator, denominator } = self.rate;
        if numerator == 0 || denominator == 0 || numerator / denominator > 1000 {
            return Err(bad("fps", &format!("{numerator}/{denominator}"), FPS));
        }
        self.check_room()
    }

    fn check_room(&self) -> Result<(), SceneError> {
        let most = u64::from(self.width) * u64::from(self.height) / PIXELS_PER_OBJECT;
        if u64::from(self.objects) <= most {
            return Ok(());
        }
        Err(SceneError::Crowded {
            objects: self.objects,
            width: self.width,
            height: self.height,
            most: most.min(32) as u32,
        })
    }

    fn set(&mut self, name: &'static str, value: &str) -> Result<(), SceneError> {
        let accepted = match name {
            "seed" => "a whole number from 0 to 18446744073709551615",
            "objects" => OBJECTS,
            "frames" => FRAMES,
            "size" => SIZE,
            "leaving" => LEAVING,
            _ => FPS,
        };
        self.read(name, value).ok_or_else(|| SceneError::Value { name, value: value.to_owned(), accepted })
    }

    /// `None` where the value is not even of the right form.
    fn read(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "seed" => self.seed = value.parse().ok()?,
            "objects" => self.objects = value.parse().ok()?,
            "frames" => self.frames = value.parse().ok()?,
            "size" => {
                let (width, height) = value.split_once('x')?;
                (self.width, self.height) = (width.parse().ok()?, height.parse().ok()?);
            }
            "leaving" => self.leaving = value.parse().ok()?,
            _ => {
                let (numerator, denominator) = value.split_once('/').unwrap_or((value, "1"));
                self.rate = FrameRate { numerator: numerator.parse().ok()?, denominator: denominator.parse().ok()? };
            }
        }
        Some(())
    }
}

const NAMES: [&str; 6] = ["seed", "objects", "frames", "size", "fps", "leaving"];

impl FromStr for SceneConfig {
    type Err = SceneError;

    /// Reads `scene://?seed=7&objects=3&frames=300&size=640x360&fps=30`; every parameter may be left out.
    fn from_str(address: &str) -> Result<Self, SceneError> {
        let not_a_scene = || SceneError::Address { found: address.to_owned() };
        let rest = address.strip_prefix("scene://").ok_or_else(not_a_scene)?;
        let parameters = match rest {
            "" => "",
            _ => rest.strip_prefix('?').ok_or_else(not_a_scene)?,
        };
        let mut config = Self::default();
        let mut seen: Vec<&'static str> = Vec::new();
        for parameter in parameters.split('&').filter(|text| !text.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let name = *NAMES
                .iter()
                .find(|known| **known == name)
                .ok_or_else(|| SceneError::Parameter { name: name.to_owned() })?;
            if seen.contains(&name) {
                return Err(SceneError::Twice { name });
            }
            seen.push(name);
            config.set(name, value)?;
        }
        config.validate()?;
        Ok(config)
    }
}

impl fmt::Display for SceneConfig {
    /// The address that gives this configuration.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FrameRate { numerator, denominator } = self.rate;
        write!(f, "scene://?seed={}&objects={}&frames={}", self.seed, self.objects, self.frames)?;
        write!(f, "&size={}x{}&fps={numerator}", self.width, self.height)?;
        if denominator != 1 {
            write!(f, "/{denominator}")?;
        }
        if self.leaving { write!(f, "&leaving=true") } else { Ok(()) }
    }
}
