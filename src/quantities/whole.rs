//! Reads the whole numbers that dates and times consist of.

use super::characters::{Characters, is_spelt};
use super::numerals::positional;

/// Chinese numerals of years, months and days.
const NUMERALS: &str = "〇零○一二三四五六七八九十百千廿卅";

/// A whole number in figures or Chinese numerals, its end, and how many digits it has.
pub(super) fn whole(text: &Characters, at: usize) -> Option<(i64, usize, usize)> {
    let digits: String = (at..text.len()).map_while(|at| text.get(at).filter(char::is_ascii_digit)).collect();
    if !digits.is_empty() {
        return Some((digits.parse().ok().filter(|_| digits.len() <= 4)?, at + digits.len(), digits.len()));
    }
    if text.get(at) == Some('元') {
        return Some((1, at + 1, 1));
    }
    let most = text.len().min(at + 8);
    let end = (at..most).find(|at| !text.get(*at).is_some_and(|c| NUMERALS.contains(c))).unwrap_or(most);
    let run = text.slice(at, end);
    if run.is_empty() {
        return None;
    }
    let places = run.iter().any(|c| "十百千廿卅".contains(*c));
    let value = if places { positional(run)?.value as i64 } else { digit_by_digit(run)? };
    Some((value, end, if places { 2 } else { run.len() }))
}

fn digit_by_digit(run: &[char]) -> Option<i64> {
    run.iter().try_fold(0_i64, |value, c| {
        let digit = "〇一二三四五六七八九".chars().position(|d| d == *c).unwrap_or_default();
        value.checked_mul(10)?.checked_add(i64::try_from(digit).ok()?)
    })
}

/// Whether a number may start at `at`: no digit and no letter of a name stands before it.
pub(super) fn starts_number(text: &Characters, at: usize) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    match text.before(at) {
        None => true,
        Some('.' | ',') => !is_digit(at.checked_sub(2).and_then(|at| text.get(at))),
        Some(c) => !c.is_ascii_digit() && !is_spelt(c),
    }
}
