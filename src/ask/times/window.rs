//! Stretches of the calendar: a week, a month, the time since a day.

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;

use crate::filter::{Comparison, Field, Filter};

/// Days from the first to the last, both included. An end that is missing is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::ask) struct Window {
    pub(in crate::ask) since: Option<Date>,
    pub(in crate::ask) until: Option<Date>,
}

/// A unit of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Window {
    fn between(since: Date, until: Date) -> Self {
        Self { since: Some(since), until: Some(until) }
    }

    /// The unit that `today` is in, or an earlier one; `None` at the ends of the calendar.
    pub(super) fn of(unit: Unit, back: i32, today: Date) -> Option<Self> {
        let step = |start: Date| -> Option<(Date, Date)> {
            Some(match unit {
                Unit::Day => (start.checked_sub(back.days()).ok()?, 1.day()),
                Unit::Week => (start.checked_sub(back.weeks()).ok()?, 1.week()),
                Unit::Month => (start.checked_sub(back.months()).ok()?, 1.month()),
                Unit::Quarter => (start.checked_sub((3 * back).months()).ok()?, 3.months()),
                Unit::Year => (start.checked_sub(back.years()).ok()?, 1.year()),
            })
            .and_then(|(since, span)| Some((since, since.checked_add(span).ok()?.yesterday().ok()?)))
        };
        let start = match unit {
            Unit::Day => today,
            Unit::Week => today.checked_sub(i32::from(today.weekday().to_monday_zero_offset()).days()).ok()?,
            Unit::Month => today.first_of_month(),
            Unit::Quarter => Date::new(today.year(), (today.month() - 1) / 3 * 3 + 1, 1).ok()?,
            Unit::Year => today.first_of_year(),
        };
        let (since, until) = step(start)?;
        Some(Self::between(since, until))
    }

    /// The last `count` units up to `today`.
    pub(super) fn past(unit: Unit, count: i32, today: Date) -> Option<Self> {
        let since = match unit {
            Unit::Day => today.checked_sub(count.days()),
            Unit::Week => today.checked_sub(count.weeks()),
            Unit::Month => today.checked_sub(count.months()),
            Unit::Quarter => today.checked_sub((3 * count).months()),
            Unit::Year => today.checked_sub(count.years()),
        };
        Some(Self { since: Some(since.ok()?), until: None })
    }

    /// The same without an end, or without one that is still to come.
    pub(super) fn open(self, always: bool, today: Date) -> Self {
        let until = self.until.filter(|until| !always && *until < today);
        Self { until, ..self }
    }

    /// Whether it is no longer than a month.
    pub(super) fn is_within_a_month(&self) -> bool {
        let ends = self.since.and_then(|since| since.checked_add(1.month()).ok());
        ends.is_some_and(|end| self.until.is_some_and(|until| until < end))
    }

    /// Whether all of another window lies in it.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let starts = self.since.is_none_or(|since| other.since.is_some_and(|other| since <= other));
        let ends = self.until.is_none_or(|until| other.until.is_some_and(|other| other <= until));
        starts && ends
    }

    /// Whether a document of this date, which may be a month or a year alone, may be of this time.
    pub(in crate::ask) fn has(&self, published: &str) -> bool {
        let common = |bound: Date| {
            let bound = bound.to_string();
            let length = published.len().min(bound.len());
            (published.get(..length).unwrap_or_default().to_owned(), bound[..length].to_owned())
        };
        let starts = self.since.is_none_or(|since| {
            let (date, bound) = common(since);
            date >= bound
        });
        let ends = self.until.is_none_or(|until| {
            let (date, bound) = common(until);
            date <= bound
        });
        starts && ends
    }

    /// The condition on documents.
    pub(in crate::ask) fn filter(&self) -> Filter {
        let bound = |date: Date, comparison| Filter::Is(Field::Published, comparison, Value::from(date.to_string()));
        let since = self.since.map(|since| bound(since, Comparison::GreaterOrEqual));
        let until = self.until.map(|until| bound(until, Comparison::LessOrEqual));
        Filter::All(since.into_iter().chain(until).collect())
    }
}
