//! Reads dates as people and programs write them and writes them as ISO 8601: a year, a month, a day, or an RFC 3339 time.
//!
//! A date that has two readings, such as `03/04/2026`, is not guessed.

mod clock;
mod eras;
mod machine;
#[cfg(test)]
mod tests;

use crate::quantities::{gregorian, is_weekday, month};
use crate::terms::{fold, is_invisible};

/// A longer text is not a date, in characters.
const MAX_DATE_CHARS: usize = 80;

/// Words around the parts of a date, folded.
const FILLERS: [&str; 14] =
    ["of", "de", "del", "the", "den", "le", "der", "el", "d", "tanggal", "г", "года", "р", "року"];

/// Calendars of Arabic script count from the seventh century; a smaller year in its digits is not Gregorian.
const FIRST_YEAR_IN_ARABIC_DIGITS: i16 = 1500;

/// The date that `written` stands for, in ISO 8601: `2026`, `2026-02`, `2026-02-10`, or an RFC 3339 time if it has a
/// time and an offset. A time without an offset is dropped, since it names no instant. `None` if `written` is not a
/// date or has two readings.
pub(super) fn document_date(written: &str) -> Option<String> {
    if written.chars().nth(MAX_DATE_CHARS).is_some() {
        return None;
    }
    let visible: String = written.chars().filter(|c| !is_invisible(*c)).collect();
    let folded = fold(&visible);
    let text = without_weekday(folded.trim());
    let text = machine::rewritten(&text).unwrap_or(text);
    let (day, time) = clock::without_time(&text);
    let date = date(day)?;
    if date.year < FIRST_YEAR_IN_ARABIC_DIGITS && visible.contains(|c| matches!(c, '٠'..='٩' | '۰'..='۹')) {
        return None;
    }
    Some(match time {
        Some(time) if date.day.is_some() => format!("{date}T{time}"),
        _ => date.to_string(),
    })
}

/// A date with the parts that are known.
#[derive(Debug, Clone, Copy)]
struct PartialDate {
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
}

impl PartialDate {
    /// Checks that the parts are a date of the calendar.
    fn new(year: i64, month: Option<i64>, day: Option<i64>) -> Option<Self> {
        let year = i16::try_from(year).ok().filter(|year| (1000..=9999).contains(year))?;
        let month = month.map(i8::try_from).transpose().ok()?;
        let day = day.map(i8::try_from).transpose().ok()?;
        jiff::civil::Date::new(year, month.unwrap_or(1), day.unwrap_or(1)).ok()?;
        Some(Self { year, month, day })
    }
}

impl std::fmt::Display for PartialDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}", self.year)?;
        for part in [self.month, self.day].into_iter().flatten() {
            write!(f, "-{part:02}")?;
        }
        Ok(())
    }
}

/// Removes a day of the week before or after a date.
fn without_weekday(text: &str) -> String {
    let mut text = text.to_owned();
    // `(二)`, `星期二`, `周二` (folded from 週二), `火曜日`, `(火)`
    for day in ["一", "二", "三", "四", "五", "六", "日", "天", "月", "火", "水", "木", "金", "土"] {
        for form in [format!("({day})"), format!("星期{day}"), format!("周{day}"), format!("礼拜{day}")] {
            text = text.replace(&form, " ");
        }
        text = text.replace(&format!("{day}曜日"), " ");
    }
    for day in ["월", "화", "수", "목", "금", "토", "일"] {
        text = text.replace(&format!("({day})"), " ").replace(&format!("{day}요일"), " ");
    }
    // `thứ bảy, ngày 31 …`, folded
    if let Some((day, rest)) = text.split_once(',')
        && matches!(day, "thu hai" | "thu ba" | "thu tu" | "thu nam" | "thu sau" | "thu bay" | "chu nhat")
    {
        text = rest.to_owned();
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [first, rest @ ..] if !rest.is_empty() && is_weekday(first) => rest.join(" "),
        [rest @ .., last] if !rest.is_empty() && is_weekday(last) => rest.join(" "),
        words => words.join(" "),
    }
}

/// A date without weekday and time.
fn date(text: &str) -> Option<PartialDate> {
    let text = text.trim();
    eras::east_asian(text)
        .or_else(|| numeric(text))
        .or_else(|| eras::vietnamese(text))
        .or_else(|| eras::thai(text))
        .or_else(|| named_month(text))
}

/// `2026-02-10`, `2026/2/10`, `2026. 2. 10.`, `20260210`, `10.2.2026`, `2026-02`, `2026`, `115/2/10`; and `13/4/2026` and
/// `13/4/2569`, which have one reading only.
fn numeric(text: &str) -> Option<PartialDate> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let parts: Vec<&str> = compact.trim_end_matches('.').split(['-', '/', '.', '\u{2013}']).collect();
    let value = |part: &str| part.parse::<i64>().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()));
    let is_year = |part: &str| part.len() == 4;
    let is_short = |part: &str| (1..=2).contains(&part.len());
    match parts.as_slice() {
        [day] if day.len() == 8 && day.is_ascii() => {
            PartialDate::new(value(&day[..4])?, Some(value(&day[4..6])?), Some(value(&day[6..])?))
        }
        [year] if is_year(year) => PartialDate::new(value(year)?, None, None),
        [year, month] | [month, year] if is_year(year) && is_short(month) => {
            PartialDate::new(value(year)?, Some(value(month)?), None)
        }
        [year, month, day] if is_year(year) && is_short(month) && is_short(day) => {
            PartialDate::new(value(year)?, Some(value(month)?), Some(value(day)?))
        }
        [year, month, day] if year.len() == 3 && !compact.contains('-') && is_short(month) && is_short(day) => {
            let gregorian = gregorian(value(year)?);
            PartialDate::new(gregorian, Some(value(month)?), Some(value(day)?))
        }
        [first, second, year] if is_year(year) && is_short(first) && is_short(second) => {
            let (first, second) = (value(first)?, value(second)?);
            let year = gregorian(value(year)?);
            let day_first = PartialDate::new(year, Some(second), Some(first));
            // No locale of CLDR writes the month first with full stops.
            let month_first =
                if compact.contains('.') { None } else { PartialDate::new(year, Some(first), Some(second)) };
            match (day_first, month_first) {
                (Some(one), Some(_)) if first == second => Some(one),
                (Some(_), Some(_)) => None,
                (one, other) => one.or(other),
            }
        }
        _ => None,
    }
}

/// `10 February 2026`, `February 10, 2026`, `Feb. 10th 2026`, `10. Februar 2026`, `10 de febrero de 2026`, `Feb 2026`,
/// `2026 February 10`, `10-Feb-2026`.
fn named_month(text: &str) -> Option<PartialDate> {
    let (mut year, mut month_found, mut day) = (None, None, None);
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '-' | '/')) {
        let word = word.trim_matches('.');
        if word.is_empty() || FILLERS.contains(&word) {
            continue;
        }
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
        let ordinal = &word[digits.len()..];
        let slot = if let (Ok(value), true) =
            (digits.parse::<i64>(), matches!(ordinal, "" | "st" | "nd" | "rd" | "th" | "er" | "º" | "o"))
        {
            let slot = if digits.len() == 4 && ordinal.is_empty() { &mut year } else { &mut day };
            slot.replace(value).map(drop)
        } else {
            month_found.replace(month(word)?).map(drop)
        };
        if slot.is_some() || digits.len() > 4 {
            return None;
        }
    }
    PartialDate::new(year?, Some(month_found?), day)
}
