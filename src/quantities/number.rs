//! Reads numbers in figures: separators of thousands and decimals as each country writes them, and fractions.

use super::characters::{Characters, vulgar_fraction};

/// A value with half of its last place: as exact as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figure {
    pub(super) value: f64,
    pub(super) half_step: f64,
    /// What it was multiplied by.
    pub(super) scale: f64,
}

impl Figure {
    pub(super) fn new(value: f64, half_step: f64) -> Self {
        Self { value, half_step, scale: 1.0 }
    }

    pub(super) fn whole(value: f64) -> Self {
        Self::new(value, 0.5)
    }

    pub(super) fn times(self, factor: f64) -> Self {
        Self { value: self.value * factor, half_step: self.half_step * factor, scale: self.scale * factor }
    }

    pub(super) fn plus(self, value: f64, half_step: f64) -> Self {
        Self { value: self.value + value, half_step, ..self }
    }
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    Figures,
    Han,
    Words,
}

/// What kind of number a word or a form is by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Cardinal,
    Ordinal,
    /// A fraction of a whole.
    Share,
    /// `twice`, `threefold`.
    Times,
}

/// A number in a text, without its unit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    /// What it can be read as: `1.234` is one and a bit, or more than a thousand.
    pub(super) readings: Vec<Figure>,
    pub(super) end: usize,
    pub(super) writing: Writing,
    pub(super) form: Form,
    /// Whether the characters often stand for something else: 一 in 一般.
    pub(super) is_weak: bool,
}

impl Number {
    pub(super) fn new(value: Figure, end: usize, writing: Writing) -> Self {
        Self { readings: vec![value], end, writing, form: Form::Cardinal, is_weak: false }
    }
}

/// Longer numbers are names of something: in digits.
const MOST_DIGITS: usize = 24;

/// The number in figures that starts at `at`. Figures inside a word (`H20`) are none.
pub(super) fn figures(text: &Characters, at: usize) -> Option<Number> {
    if !text.get(at)?.is_ascii_digit() {
        let value = vulgar_fraction(text.get(at)?)?;
        let number = Number::new(Figure::new(value, 0.005), at + 1, Writing::Figures);
        return Some(Number { form: Form::Share, ..number });
    }
    let mut groups: Vec<(char, String)> = vec![(' ', digits(text, at))];
    let mut end = at + groups[0].1.len();
    while let Some((separator, group, next)) = further_group(text, end, &groups) {
        groups.push((separator, group));
        end = next;
        if groups.len() > MOST_DIGITS {
            return None;
        }
    }
    if groups.iter().map(|(_, group)| group.len()).sum::<usize>() > MOST_DIGITS {
        return None;
    }
    let mut number =
        Number { readings: readings(&groups)?, end, writing: Writing::Figures, form: Form::Cardinal, is_weak: false };
    if let Some(fraction) = fraction(text, &number, end) {
        number = fraction;
    }
    Some(number)
}

/// `6½`, `6 1/2`, `2/3`.
fn fraction(text: &Characters, number: &Number, end: usize) -> Option<Number> {
    let [whole] = number.readings.as_slice() else { return None };
    if whole.value.fract() != 0.0 {
        return None;
    }
    let figures = |value: f64, end: usize| Number::new(Figure::new(value, 0.005), end, Writing::Figures);
    if let Some(value) = text.get(end).and_then(vulgar_fraction) {
        return Some(figures(whole.value + value, end + 1));
    }
    let part = |at: usize| {
        let above = digits(text, at);
        let slash = at + above.len();
        let is_slash = matches!(text.get(slash), Some('/' | '\u{2044}'));
        let below = is_slash.then(|| digits(text, slash + 1))?;
        let after = slash + 1 + below.len();
        let is_end = !matches!(text.get(after), Some('/' | '.' | '-')) || !text.get(after + 1)?.is_ascii_digit();
        let (above, below): (u32, u32) = (above.parse().ok()?, below.parse().ok()?);
        (is_end && above > 0 && above < below && below <= 100).then(|| (f64::from(above) / f64::from(below), after))
    };
    // A long number may have been rounded up to one with more digits.
    let start = end.checked_sub(decimal_places(whole.value))?;
    if let Some((value, after)) = part(start) {
        return Some(Number { form: Form::Share, ..figures(value, after) });
    }
    let (value, after) = part(text.skip(end)).filter(|_| text.get(end) == Some(' '))?;
    Some(figures(whole.value + value, after))
}

/// How many digits a whole number has.
fn decimal_places(value: f64) -> usize {
    format!("{value:.0}").len()
}

/// The digits from `at` on.
fn digits(text: &Characters, at: usize) -> String {
    (at..text.len()).map_while(|at| text.get(at).filter(char::is_ascii_digit)).collect()
}

/// A separator and the digits behind it, if they go on with the number of these groups.
fn further_group(text: &Characters, end: usize, groups: &[(char, String)]) -> Option<(char, String, usize)> {
    let separator = text.get(end)?;
    let group = digits(text, end + 1);
    let next = end + 1 + group.len();
    let is_first = groups.len() == 1;
    let first_is_short = groups[0].1.len() <= 3 && !groups[0].1.starts_with('0');
    let had_point = groups[1..].windows(2).any(|pair| pair[0].0 != pair[1].0);
    let goes_on = match separator {
        _ if group.is_empty() || had_point => false,
        ' ' | '\'' | '’' => {
            group.len() == 3 && first_is_short && groups[1..].iter().all(|(other, _)| *other == separator)
        }
        ',' if is_first => group.len() == 3 && first_is_short || group.len() <= 2 && groups[0].1.len() <= 3,
        '.' if is_first => true,
        ',' | '.' => {
            let last = groups.last()?;
            let thousands = last.1.len() == 3 || last.1.len() == 2 && separator == ',';
            thousands && (last.0 != separator || group.len() == 3 || group.len() == 2)
        }
        _ => false,
    };
    goes_on.then_some((separator, group, next))
}

/// What groups of digits can stand for.
fn readings(groups: &[(char, String)]) -> Option<Vec<Figure>> {
    let join = |groups: &[(char, String)]| groups.iter().map(|(_, group)| group.as_str()).collect::<String>();
    let whole = |digits: &str| digits.parse::<f64>().ok().map(Figure::whole);
    let decimal = |whole: &str, part: &str| {
        let value: f64 = format!("{whole}.{part}").parse().ok()?;
        Some(Figure::new(value, 0.5 * 10_f64.powi(-i32::try_from(part.len()).ok()?)))
    };
    let (last_separator, last) = groups.last()?;
    match groups {
        [(_, only)] => Some(vec![whole(only)?]),
        [(_, first), (separator, second)] => {
            let is_thousands = second.len() == 3 && first.len() <= 3 && !first.starts_with('0');
            match separator {
                ' ' | '\'' | '’' => Some(vec![whole(&join(groups))?]),
                ',' if is_thousands => Some(vec![whole(&join(groups))?, decimal(first, second)?]),
                '.' if is_thousands => Some(vec![decimal(first, second)?, whole(&join(groups))?]),
                _ => Some(vec![decimal(first, second)?]),
            }
        }
        [.., (before, _), _] if before != last_separator => {
            Some(vec![decimal(&join(&groups[..groups.len() - 1]), last)?])
        }
        // `1,234,567`, `12,34,567`, `1 234 567`; `1.2.3` is none.
        _ if last.len() == 3 => Some(vec![whole(&join(groups))?]),
        _ => None,
    }
}
