//! From values to places along an axis, and which values are written beside it.

/// What an axis is for.
#[derive(Clone, Debug)]
pub struct Axis {
    label: &'static str,
    ticks: Option<Vec<f64>>,
    logarithmic: bool,
}

impl Axis {
    /// From 0 to the largest value.
    pub fn from_zero(label: &'static str) -> Self {
        Self { label, ticks: None, logarithmic: false }
    }

    /// With exactly these values written beside it.
    pub fn at(label: &'static str, ticks: &[f64]) -> Self {
        Self { label, ticks: Some(ticks.to_vec()), logarithmic: false }
    }

    /// Where equal ratios are equally long; it does not begin at 0 then.
    pub fn logarithmic(self) -> Self {
        Self { logarithmic: true, ..self }
    }

    /// What it shows, with its unit.
    pub fn label(&self) -> &'static str {
        self.label
    }
}

/// Room beyond the outermost values of a logarithmic axis, and above those of another one, as factors.
const ROOM: [f64; 2] = [1.25, 1.04];

/// An axis for certain values.
pub struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
    /// What is written beside it.
    pub ticks: Vec<f64>,
}

impl Scale {
    /// So that all values have a place.
    pub fn new(axis: &Axis, values: impl Iterator<Item = f64>) -> Self {
        let shown = values.chain(axis.ticks.iter().flatten().copied()).filter(|value| value.is_finite());
        let shown = shown.filter(|value| !axis.logarithmic || *value > 0.0);
        let (least, most) =
            shown.fold((f64::INFINITY, 0.0), |(least, most), v| (f64::min(least, v), f64::max(most, v)));
        let (least, most) = if least <= most && most > 0.0 { (least, most) } else { (1.0, 1.0) };
        let (low, high) = if axis.logarithmic { (least / ROOM[0], most * ROOM[0]) } else { (0.0, most * ROOM[1]) };
        let round = if axis.logarithmic { round_ratios(low, high) } else { round_steps(high) };
        Self { low, high, logarithmic: axis.logarithmic, ticks: axis.ticks.clone().unwrap_or(round) }
    }

    /// How far along the axis a value is, 0 to 1.
    pub fn share(&self, value: f64) -> f64 {
        if self.logarithmic {
            return (value / self.low).ln() / (self.high / self.low).ln();
        }
        (value - self.low) / (self.high - self.low)
    }
}

/// Between three and seven multiples of 1, 2 or 5 times a power of ten, from 0.
fn round_steps(high: f64) -> Vec<f64> {
    let power = 10_f64.powf((high / 5.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| high / step <= 6.0);
    let step = step.unwrap_or(high);
    (0..=(high / step).floor() as u32).map(|index| f64::from(index) * step).collect()
}

/// 1, 2 and 5 times every power of ten in between.
fn round_ratios(low: f64, high: f64) -> Vec<f64> {
    let powers = low.log10().floor() as i32..=high.log10().floor() as i32;
    let all = powers.flat_map(|power| [1.0, 2.0, 5.0].map(|factor| factor * 10_f64.powi(power)));
    all.filter(|tick| (low..=high).contains(tick)).collect()
}

/// A value as it is written beside an axis.
pub fn shown(value: f64) -> String {
    if value.fract().abs() < 1e-9 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}").trim_end_matches('0').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(round_steps(104.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(round_steps(1.0).len(), 6);
        assert_eq!(round_steps(6240.0), [0.0, 2000.0, 4000.0, 6000.0]);
        for high in [0.003, 0.7, 3.3, 17.0, 49.0, 51.0, 999.0, 12345.0] {
            assert!((3..=7).contains(&round_steps(high).len()), "{high}: {:?}", round_steps(high));
        }
    }

    #[test]
    fn ratios_are_round() {
        assert_eq!(round_ratios(8.0, 240.0), [10.0, 20.0, 50.0, 100.0, 200.0]);
        assert_eq!(round_ratios(0.3, 1.5), [0.5, 1.0]);
    }

    #[test]
    fn values_have_their_places() {
        let linear = Scale::new(&Axis::from_zero("x"), [50.0, 100.0].into_iter());
        assert!((linear.share(52.0) - 0.5).abs() < 1e-9 && linear.share(0.0) == 0.0);
        let ratio = Scale::new(&Axis::from_zero("x").logarithmic(), [4.0, 0.0, f64::NAN, 64.0].into_iter());
        assert!((ratio.share(16.0) - 0.5).abs() < 1e-9);
        let nothing = Scale::new(&Axis::from_zero("x"), std::iter::empty());
        assert!(nothing.share(1.0).is_finite());
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([shown(20.0), shown(0.5), shown(0.25)], ["20", "0.5", "0.25"]);
    }
}
