//! Sums with what repeats.

use super::vector::dispatch;
use pulp::{Simd, WithSimd};

struct Add<'a> {
    values: &'a mut [f32],
    summands: &'a [f32],
}

impl WithSimd for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (value, summand) in self.values.iter_mut().zip(self.summands) {
            *value += summand;
        }
    }
}

/// Adds `shared` again and again; the first of the values meets its element `start`, counted on over its end.
pub fn add_repeated(mut values: &mut [f32], shared: &[f32], start: usize) {
    let mut start = start % shared.len().max(1);
    while !values.is_empty() && !shared.is_empty() {
        let count = values.len().min(shared.len() - start);
        let (now, rest) = values.split_at_mut(count);
        dispatch(Add { values: now, summands: &shared[start..][..count] });
        (values, start) = (rest, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_begins_anew_at_its_end() {
        let mut values = [0.0; 8];
        add_repeated(&mut values, &[1.0, 2.0, 3.0], 4);
        assert_eq!(values, [2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
        add_repeated(&mut values, &[], 4);
        assert_eq!(values[0], 2.0);
    }
}
