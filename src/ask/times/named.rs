//! Years, quarters, months and days that a text names.

use jiff::civil::Date;

use super::window::{Unit, Window};
use crate::quantities::{Measure, Quantity};
use crate::terms::fold;

/// Bytes between a quarter and its year: "third quarter of 2026".
const BESIDE: usize = 16;

/// How a time is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    Year,
    /// A year that another calendar counts.
    EraYear,
    Month,
    /// A month without its year.
    BareMonth,
    Other,
}

/// The year, quarter, month or day that a quantity names. Without a year it is the last one that has begun.
pub(super) fn named(quantity: &Quantity, all: &[Quantity], written: &str, today: Date) -> Option<(Window, Naming)> {
    let of = |unit: Unit, date: Date| Window::of(unit, 0, date);
    let begun = |year: Option<i64>, month: i8| -> Option<Date> {
        if let Some(year) = year {
            return Date::new(i16::try_from(year).ok()?, month, 1).ok();
        }
        let this = Date::new(today.year(), month, 1).ok()?;
        if this <= today { Some(this) } else { Date::new(today.year() - 1, month, 1).ok() }
    };
    quantity.readings.iter().find_map(|reading| match reading {
        Measure::Date(date) => match (date.year, date.month, date.day) {
            (Some(year), None, None) => {
                let first = Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
                let is_western = written[quantity.span.range()].contains(&year.to_string());
                let naming = if is_western || fold(&written[quantity.span.range()]).contains(&year.to_string()) {
                    Naming::Year
                } else {
                    Naming::EraYear
                };
                Some((of(Unit::Year, first)?, naming))
            }
            (year, Some(month), None) => {
                let naming = if year.is_some() { Naming::Month } else { Naming::BareMonth };
                Some((of(Unit::Month, begun(year, i8::try_from(month).ok()?)?)?, naming))
            }
            (Some(year), Some(month), Some(day)) => {
                let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
                Some((of(Unit::Day, date.ok()?)?, Naming::Other))
            }
            _ => None,
        },
        Measure::Quarter(quarter) => {
            let year = all.iter().find_map(|other| {
                let is_beside = other.span.start >= quantity.span.end && other.span.start - quantity.span.end <= BESIDE
                    || quantity.span.start >= other.span.end && quantity.span.start - other.span.end <= BESIDE;
                other.readings.iter().filter(|_| is_beside).find_map(|reading| match reading {
                    Measure::Date(date) => date.year,
                    _ => None,
                })
            });
            let month = i8::try_from(3 * quarter - 2).ok()?;
            Some((of(Unit::Quarter, begun(year, month)?)?, Naming::Other))
        }
        _ => None,
    })
}
