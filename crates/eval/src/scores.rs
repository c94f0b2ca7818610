use serde::Serialize;

use crate::measure::Measures;

/// An object's measures over a video, in the order of its frames.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    measures: Vec<Measures>,
}

/// What the benchmark says of a measure over a video.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Statistics {
    /// Mean over all frames.
    pub mean: f64,
    /// Share of the frames above 0.5.
    pub recall: f64,
    /// Mean of the first quarter less that of the last: what is lost over time.
    pub decay: f64,
}

/// Means over objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Mean {
    /// Objects.
    pub objects: usize,
    /// Of region similarity.
    pub j: Statistics,
    /// Of contour accuracy.
    pub f: Statistics,
    /// Mean of the means of J and F: the figure that papers compare.
    pub j_and_f: f64,
}

impl Scores {
    /// Adds the next frame.
    pub fn push(&mut self, measures: Measures) {
        self.measures.push(measures);
    }

    /// Frames so far.
    pub fn frames(&self) -> usize {
        self.measures.len()
    }

    /// Of region similarity.
    pub fn j(&self) -> Statistics {
        Statistics::of(&self.values(|measures| measures.j))
    }

    /// Of contour accuracy.
    pub fn f(&self) -> Statistics {
        Statistics::of(&self.values(|measures| measures.f))
    }

    fn values(&self, value: impl Fn(&Measures) -> f64) -> Vec<f64> {
        self.measures.iter().map(value).collect()
    }
}

impl Statistics {
    /// The benchmark's statistics (`davis2017/utils.py`, `db_statistics`); zeros for no values.
    fn of(values: &[f64]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let above = values.iter().filter(|value| **value > 0.5).count();
        Self {
            mean: mean(values),
            recall: above as f64 / values.len() as f64,
            decay: quarter(values, 0) - quarter(values, 3),
        }
    }

    fn sum(self, other: Self) -> Self {
        Self { mean: self.mean + other.mean, recall: self.recall + other.recall, decay: self.decay + other.decay }
    }

    fn over(self, count: f64) -> Self {
        Self { mean: self.mean / count, recall: self.recall / count, decay: self.decay / count }
    }
}

impl Mean {
    /// Every object counts the same, however long its video is.
    pub fn of<'a>(objects: impl IntoIterator<Item = &'a Scores>) -> Self {
        let objects: Vec<&Scores> = objects.into_iter().filter(|scores| scores.frames() > 0).collect();
        let count = objects.len().max(1) as f64;
        let over = |statistics: fn(&Scores) -> Statistics| {
            objects.iter().map(|scores| statistics(scores)).fold(Statistics::default(), Statistics::sum).over(count)
        };
        let (j, f) = (over(Scores::j), over(Scores::f));
        Self { objects: objects.len(), j, f, j_and_f: (j.mean + f.mean) / 2.0 }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Mean of a quarter, 0 to 3. Quarters share the frame at which they meet.
fn quarter(values: &[f64], index: usize) -> f64 {
    let last = values.len() - 1;
    // Halves are rounded up, as the benchmark's `round(x + 1e-10)` does. Values are few, so that nothing overflows.
    let edge = |quarter: usize| (quarter * last + 2) / 4;
    values.get(edge(index)..=edge(index + 1)).map_or(0.0, mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(j: &[f64]) -> Scores {
        Scores { measures: j.iter().map(|j| Measures { j: *j, f: j / 2.0 }).collect() }
    }

    #[test]
    fn statistics_are_the_benchmark_s() {
        let statistics = scores(&[1.0, 0.9, 0.8, 0.7, 0.5, 0.3, 0.2, 0.1, 0.0]).j();
        assert!((statistics.mean - 4.5 / 9.0).abs() < 1e-12);
        assert_eq!(statistics.recall, 4.0 / 9.0);
        // Edges at 0, 2, 4, 6, 8.
        assert!((statistics.decay - (0.9 - 0.1)).abs() < 1e-12);
        assert_eq!(scores(&[0.4]).j(), Statistics { mean: 0.4, recall: 0.0, decay: 0.0 });
        assert_eq!(scores(&[]).j(), Statistics::default());
    }

    #[test]
    fn quarters_meet_where_numpy_rounds_them_to() {
        // round(linspace(1, n, 5) + 1e-10) - 1 for n = 4, 6, 7, 98: by numpy 2.
        for (count, edges) in
            [(4, [0, 1, 2, 2, 3]), (6, [0, 1, 3, 4, 5]), (7, [0, 2, 3, 5, 6]), (98, [0, 24, 49, 73, 97])]
        {
            let values: Vec<f64> = (0..count).map(f64::from).collect();
            for index in 0..4 {
                let middle = f64::from(edges[index] + edges[index + 1]) / 2.0;
                assert_eq!(quarter(&values, index), middle, "{count} {index}");
            }
        }
    }

    #[test]
    fn objects_count_the_same_however_long_they_are() {
        let all = [scores(&[1.0]), scores(&[0.0; 9]), scores(&[])];
        let mean = Mean::of(&all);
        assert_eq!((mean.objects, mean.j.mean, mean.f.mean, mean.j_and_f), (2, 0.5, 0.25, 0.375));
    }
}
