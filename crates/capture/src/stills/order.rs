use std::cmp::Ordering;

/// Compares names the way people count: runs of digits as numbers, everything else letter by letter.
///
/// Names that differ only in leading zeros are put in the order of their letters, so that the order is total.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    pieces(a).cmp(pieces(b)).then_with(|| a.cmp(b))
}

/// A run of digits or one other character; numbers come before letters.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a> {
    /// Number of digits without leading zeros, then the digits: no number is too long for this.
    Number(usize, &'a str),
    Letter(char),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(if digits == 0 { first.len_utf8() } else { digits });
        rest = after;
        let number = piece.trim_start_matches('0');
        Some(if digits == 0 { Piece::Letter(first) } else { Piece::Number(number.len(), number) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_count_as_numbers() {
        let mut names = ["10", "9", "frame2", "frame10", "frame1", "00011", "99999999999999999999999", "a", ""];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["", "9", "10", "00011", "99999999999999999999999", "a", "frame1", "frame2", "frame10"]);
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_numbers(a in 0u64.., b in 0u64.., width in 1usize..24) {
            let (left, right) = (format!("x{a}.y"), format!("x{b:0width$}.y"));
            if a != b {
                prop_assert_eq!(natural(&left, &right), a.cmp(&b));
            }
        }

        #[test]
        fn the_order_is_total(a in "[0-9a.]{0,6}", b in "[0-9a.]{0,6}", c in "[0-9a.]{0,6}") {
            prop_assert_eq!(natural(&a, &b), natural(&b, &a).reverse());
            prop_assert_eq!(natural(&a, &b) == Ordering::Equal, a == b);
            if natural(&a, &b).is_le() && natural(&b, &c).is_le() {
                prop_assert!(natural(&a, &c).is_le());
            }
        }
    }
}
