//! Whether two quantities say the same.

use super::{Amount, Bound, Date, Kind, Measure, Quantity};

/// How a quantity that is said stands to one that is stated elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// They measure different things.
    Unrelated,
    /// They measure the same thing, and differ in the value.
    Value,
    /// The number is the same, its unit is not.
    Unit,
    /// They are dates of which one has a part that the other lacks, and otherwise agree.
    Partial,
    /// One reading of each is the same.
    Same,
}

/// More than half of the last place of a written number is taken as rounded only up to this share of it.
const ROUNDING: f64 = 0.05;
/// What "about" may be away.
const ABOUT: f64 = 0.15;
/// What "more than" may be away.
const BOUNDED: f64 = 0.25;

/// Compares what is `said` with what `stands` in a source. A number may be said less exactly than it stands, not more.
pub fn compare(said: &Quantity, stands: &Quantity) -> Agreement {
    let pairs = said.readings.iter().flat_map(|one| stands.readings.iter().map(move |other| (one, other)));
    let best = pairs.map(|(one, other)| measures(one, other, said, stands)).max();
    best.unwrap_or(Agreement::Unrelated)
}

fn measures(said: &Measure, stands: &Measure, one: &Quantity, other: &Quantity) -> Agreement {
    let same = |is_same: bool| if is_same { Agreement::Same } else { Agreement::Value };
    match (said, stands) {
        (Measure::Amount(said), Measure::Amount(stands)) => amounts(said, stands, one, other),
        (Measure::Date(said), Measure::Date(stands)) => dates(said, stands),
        (Measure::Clock(said), Measure::Clock(stands)) => same(said == stands),
        (Measure::Weekday(said), Measure::Weekday(stands))
        | (Measure::Quarter(said), Measure::Quarter(stands))
        | (Measure::Half(said), Measure::Half(stands)) => same(said == stands),
        (Measure::Years { first, last }, Measure::Years { first: other_first, last: other_last }) => {
            // Who says "the 19th century" of the 1870s is right.
            same(first <= other_first && other_last <= last)
        }
        (Measure::Years { first, last }, Measure::Date(date)) => {
            date.year.map_or(Agreement::Unrelated, |year| same((*first..=*last).contains(&year)))
        }
        (Measure::Date(_), Measure::Years { .. }) => Agreement::Value,
        _ => Agreement::Unrelated,
    }
}

fn dates(said: &Date, stands: &Date) -> Agreement {
    let parts = [
        (said.year, stands.year),
        (said.month.map(i64::from), stands.month.map(i64::from)),
        (said.day.map(i64::from), stands.day.map(i64::from)),
    ];
    let (mut shared, mut missing) = (false, false);
    for (said, stands) in parts {
        match (said, stands) {
            (Some(said), Some(stands)) if said == stands => shared = true,
            (Some(_), Some(_)) => return Agreement::Value,
            (Some(_), None) => missing = true,
            (None, _) => {}
        }
    }
    match (shared, missing) {
        (true, false) => Agreement::Same,
        (true, true) => Agreement::Partial,
        (false, _) => Agreement::Unrelated,
    }
}

fn amounts(said: &Amount, stands: &Amount, one: &Quantity, other: &Quantity) -> Agreement {
    let is_same_number = |said: f64, stands: f64| (said - stands).abs() <= 1e-9 * said.abs().max(1.0);
    match kinds(said.kind, stands.kind) {
        Kinds::Same => {
            if is_close(said, stands, one.bound, other.bound) {
                Agreement::Same
            } else {
                Agreement::Value
            }
        }
        Kinds::Plain(strict) => {
            let number = |amount: &Amount| amount.value / amount.unit;
            if !is_same_number(number(said), number(stands)) && !is_same_number(said.value, stands.value) {
                // "when he was about 26": the years go without saying.
                let is_age = |plain: &Amount, years: &Amount, quantity: &Quantity| {
                    plain.kind == Kind::Count && years.kind == Kind::Duration && !quantity.is_counted
                };
                let is_rival = is_age(said, stands, one) || is_age(stands, said, other);
                return if is_rival { Agreement::Value } else { Agreement::Unrelated };
            }
            // "50 people" does not say 50 percent; a cell of a table that says 50 may.
            let is_counted = if said.kind == Kind::Count { one.is_counted } else { other.is_counted };
            if strict && is_counted { Agreement::Unit } else { Agreement::Same }
        }
        Kinds::Other => {
            let number = |amount: &Amount| amount.value / amount.unit;
            if is_same_number(number(said), number(stands)) { Agreement::Unit } else { Agreement::Unrelated }
        }
    }
}

enum Kinds {
    Same,
    /// One of them is a plain number; whether the unit of the other must be written.
    Plain(bool),
    Other,
}

fn kinds(said: Kind, stands: Kind) -> Kinds {
    match (said, stands) {
        (Kind::Money(said), Kind::Money(stands)) if said.overlap(stands) => Kinds::Same,
        (Kind::Count, Kind::Ordinal) | (Kind::Ordinal, Kind::Count) => Kinds::Same,
        (said, stands) if said == stands => Kinds::Same,
        (Kind::Count, _) | (_, Kind::Count) => Kinds::Plain(true),
        _ => Kinds::Other,
    }
}

fn is_close(said: &Amount, stands: &Amount, said_bound: Bound, stands_bound: Bound) -> bool {
    let (value, other) = (said.value, stands.value);
    let distance = (value - other).abs();
    let exact = 1e-9 * value.abs().max(other.abs()).max(f64::MIN_POSITIVE);
    // "Over a million" and "nearly a million" are two things.
    if matches!((said_bound, stands_bound), (Bound::AtLeast, Bound::AtMost) | (Bound::AtMost, Bound::AtLeast)) {
        return false;
    }
    let rounding = said.half_step.min(ROUNDING * value.abs());
    if distance <= rounding.max(exact) && (rounding > 0.0 || distance <= exact) {
        return true;
    }
    let vague = |bound: Bound| bound != Bound::None;
    let last_place = 0.5 * 10_f64.powf((value.abs() / said.unit).log10().floor()) * said.unit;
    match said_bound {
        Bound::About => distance <= last_place.min(ABOUT * value.abs()),
        Bound::AtLeast => other >= value - exact && distance <= BOUNDED * value.abs(),
        Bound::AtMost => other <= value + exact && distance <= BOUNDED * value.abs(),
        Bound::None => vague(stands_bound) && said.kind == Kind::Duration && distance <= exact,
    }
}
