//! Finds quantities in running text of any script and compares them: numbers, shares, money, measures, dates, times.
//!
//! `1.2兆`, `1.2 trillion` and `1,200 billion` are the same amount, `民國115年` and `2026` the same year, `三碼` and
//! `75 basis points` the same change. What can be read in several ways (`1.234`, `03/04/2026`, `5日`) has several
//! [readings](Quantity::readings); two quantities agree if one reading of each does.

mod agree;
mod amounts;
mod characters;
mod dates;
mod eras;
mod months;
mod name_table;
mod number;
mod numerals;
mod periods;
mod romans;
mod surroundings;
#[cfg(test)]
mod tests;
mod units;
mod whole;
mod words;

use crate::passage::Span;
pub(crate) use characters::{Characters, is_spelt};

pub use agree::{Agreement, compare};
pub use dates::Date;
pub(crate) use eras::{BUDDHIST, BUDDHIST_AHEAD, ERAS, Era, MINGUO, MINGUO_AHEAD, gregorian};
pub(crate) use months::{THAI_MONTHS, is_weekday, month};
pub use units::{Currencies, Kind};

/// A quantity in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// Where it stands, with its unit, in bytes.
    pub span: Span,
    /// What it can be read as; at least one.
    pub readings: Vec<Measure>,
    /// Whether its words often say no quantity: "one", 一 in 一般, "first", a Roman numeral. A text that lacks it is not
    /// contradicted by that.
    pub is_weak: bool,
    /// What the words around it say of it.
    pub bound: Bound,
    /// Whether a word follows that names what is counted, though it is no unit: "50 people".
    pub is_counted: bool,
}

/// Whether a quantity is meant exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bound {
    /// As exact as it is written.
    #[default]
    None,
    /// `about`, `約`.
    About,
    /// `more than`, `逾`.
    AtLeast,
    /// `less than`, `nearly`, `近`.
    AtMost,
}

/// One reading of a quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// An amount in the basic unit of its kind.
    Amount(Amount),
    /// A day, or the parts of a date that are said.
    Date(Date),
    /// A time of day, in minutes.
    Clock(u16),
    /// A day of the week, from 0 for Monday.
    Weekday(u8),
    /// A quarter of a year, from 1.
    Quarter(u8),
    /// A half of a year, from 1.
    Half(u8),
    /// Years from the first to the last, both included: a decade, a century.
    Years {
        /// Gregorian.
        first: i64,
        /// Gregorian.
        last: i64,
    },
}

/// An amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    /// What is measured.
    pub kind: Kind,
    /// In the basic unit of the kind.
    pub value: f64,
    /// Half of the last place that is written, in the same unit.
    pub half_step: f64,
    /// What one unit as written is worth in basic units.
    pub unit: f64,
    /// What the words behind the number multiply it by: a million.
    pub scale: f64,
}

/// Longer texts are read up to here, in bytes: nobody states more in one passage.
const MAX_BYTES: usize = 1 << 20;

/// The quantities of `text`, in order. They do not overlap.
pub fn quantities(text: &str) -> Vec<Quantity> {
    let text = Characters::new(&text[..text.floor_char_boundary(MAX_BYTES)]);
    let mut found = Vec::new();
    let (mut at, mut free) = (0, 0);
    while at < text.len() {
        match amounts::quantity(&text, at, free) {
            Some((quantity, end)) if end > at => {
                found.push(quantity);
                (at, free) = (end, end);
            }
            _ => at = next_start(&text, at),
        }
    }
    surroundings::share_units(&text, &mut found);
    found
}

/// The next place where a quantity can start: not inside a word.
fn next_start(text: &Characters, at: usize) -> usize {
    let spelt_end = text.word_end(at);
    if spelt_end == at {
        return at + 1;
    }
    // Figures behind letters belong to a name: `H20`.
    (spelt_end..text.len())
        .find(|at| !text.get(*at).is_some_and(|c| c.is_ascii_digit() || characters::is_spelt(c)))
        .unwrap_or(text.len())
}

fn count(value: f64) -> Measure {
    Measure::Amount(Amount { kind: Kind::Count, value, half_step: 0.5, unit: 1.0, scale: 1.0 })
}

fn years(value: f64) -> Measure {
    const YEAR: f64 = 365.25 * 86_400.0;
    Measure::Amount(Amount { kind: Kind::Duration, value: value * YEAR, half_step: 0.5 * YEAR, unit: YEAR, scale: 1.0 })
}

fn days(value: f64) -> Measure {
    const DAY: f64 = 86_400.0;
    Measure::Amount(Amount { kind: Kind::Duration, value: value * DAY, half_step: 0.5 * DAY, unit: DAY, scale: 1.0 })
}
