//! Reads dates, times of day, and parts of a year or a century that stand in running text.

use super::Measure;
use super::characters::{Characters, is_spelt};
use super::eras::{BUDDHIST, BUDDHIST_AHEAD, ERAS, MINGUO, MINGUO_AHEAD, gregorian};
use super::months::{THAI_MONTHS, month};
use super::number::figures;
use super::periods::{Found, clock, quarter, weekday};
use super::romans;
use super::whole::{starts_number, whole};

/// A date with the parts that are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Date {
    /// Gregorian.
    pub year: Option<i64>,
    /// From 1 to 12.
    pub month: Option<u8>,
    /// From 1 to 31.
    pub day: Option<u8>,
}

/// Words between the parts of a date, folded.
const FILLERS: &[&str] = &["of", "de", "del", "the", "г.", "года", "р."];
/// Words and signs between the first day of a range and the last, folded.
const UNTIL: &[&str] = &[
    "to", "until", "till", "through", "and", "bis", "und", "al", "au", "y", "et", "e", "–", "—", "-", "~", "〜", "～",
];
/// Endings of the number of a day or a century, folded.
const ENDINGS: &[&str] = &["st", "nd", "rd", "th", "er", "e", "o", "."];

/// The date, time, or part of a year that starts at `at`.
pub(super) fn date(text: &Characters, at: usize) -> Option<Found> {
    named(text, at)
        .or_else(|| with_marks(text, at))
        .or_else(|| century(text, at))
        .or_else(|| numeric(text, at))
        .or_else(|| day_first(text, at))
        .or_else(|| clock(text, at))
        .or_else(|| decade(text, at))
}

fn day_of(year: Option<i64>, month: Option<i64>, day: Option<i64>) -> Option<Measure> {
    let part = |part: Option<i64>, most: i64| match part {
        None => Some(None),
        Some(value) if (1..=most).contains(&value) => u8::try_from(value).ok().map(Some),
        Some(_) => None,
    };
    let year = match year {
        Some(year) if !(1..=9999).contains(&year) => return None,
        year => year,
    };
    Some(Measure::Date(Date { year, month: part(month, 12)?, day: part(day, 31)? }))
}

fn word_behind(text: &Characters, at: usize, words: &[&str]) -> Option<usize> {
    text.any(text.skip(at), words)
}

/// `民國115年2月10日`, `2026年2月`, `2月10日`, `10日`, `二〇二六年`, `2026년 2월 10일`, `115年`, `90年代`, `2025至26年`.
fn with_marks(text: &Characters, at: usize) -> Option<Found> {
    let era = ERAS.iter().find_map(|era| Some((era, text.word(at, era.name)?)));
    let start = era.map_or(at, |(_, end)| text.skip(end));
    if era.is_none() && !starts_number(text, at) {
        return None;
    }
    let (value, end, digits) = whole(text, start)?;
    let before = era.map_or(0, |(era, _)| era.before);
    if let Some(end) = word_behind(text, end, &["年代"]) {
        let decade = if digits <= 2 && era.is_none() { 1900 + value } else { before + value };
        return (value % 10 == 0 && digits > 1 || era.is_some())
            .then(|| (vec![Measure::Years { first: decade, last: decade + 9 }], end));
    }
    if let Some(mut end) = word_behind(text, end, &["年", "년"]) {
        let is_span = ["间", "期", "级", "来", "多", "半", "以上", "以来", "前", "后", "内", "动"];
        if era.is_none() && (digits < 3 || digits == 3 && is_span.iter().any(|sign| text.starts_with(end, sign))) {
            return None;
        }
        let year = before + value;
        let (mut found_month, mut found_day) = (None, None);
        if let Some((value, month_end, _)) = whole(text, text.skip(end))
            && let Some(after) = word_behind(text, month_end, &["月", "월"])
        {
            (found_month, end) = (Some(value), after);
            if let Some((value, day_end, _)) = whole(text, text.skip(end))
                && let Some(after) = word_behind(text, day_end, &["日", "号", "일"])
            {
                (found_day, end) = (Some(value), after);
            }
        }
        let mut readings = vec![day_of(Some(year), found_month, found_day)?];
        if era.is_none() && MINGUO.contains(&value) {
            readings.extend(day_of(Some(value + MINGUO_AHEAD), found_month, found_day));
            readings.extend(found_month.is_none().then(|| super::years(value as f64)));
        }
        return Some((readings, end));
    }
    if era.is_some() {
        return None;
    }
    if let Some(mut end) = word_behind(text, end, &["月", "월"]) {
        let mut day = None;
        if let Some((value, day_end, _)) = whole(text, text.skip(end))
            && let Some(after) = word_behind(text, day_end, &["日", "号", "일"])
        {
            (day, end) = (Some(value), after);
        }
        return Some((vec![day_of(None, Some(value), day)?], end));
    }
    let end = word_behind(text, end, &["日", "号", "일"])?;
    let is_span = ["间", "内", "游", "后", "前"].iter().any(|sign| text.starts_with(end, sign));
    let day = day_of(None, None, Some(value)).filter(|_| !is_span)?;
    Some((vec![day, super::days(value as f64)], end))
}

/// `2026-02-10`, `2026/2/10`, `10.2.2026`, `13/4/2026`, `115/2/10`, `2026-02`, `20260210`, `2015–16`.
fn numeric(text: &Characters, at: usize) -> Option<Found> {
    if !text.get(at)?.is_ascii_digit() || !starts_number(text, at) {
        return None;
    }
    let part = |at: usize| -> Option<(i64, usize, usize)> {
        let digits: String = (at..text.len()).map_while(|at| text.get(at).filter(char::is_ascii_digit)).collect();
        Some((digits.parse().ok().filter(|_| digits.len() <= 8)?, at + digits.len(), digits.len()))
    };
    let (first, end, digits) = part(at)?;
    if digits == 8 {
        let day = (1900..2100)
            .contains(&(first / 10_000))
            .then(|| day_of(Some(first / 10_000), Some(first / 100 % 100), Some(first % 100)))??;
        return Some((vec![day, super::count(first as f64)], end));
    }
    let separator = text.get(end)?;
    if !matches!(separator, '-' | '/' | '.' | '–' | '‑') {
        return None;
    }
    let (second, second_end, second_digits) = part(end + 1)?;
    let third = (text.get(second_end) == Some(separator)).then(|| part(second_end + 1)).flatten();
    let Some((third, third_end, third_digits)) = third else {
        if digits != 4 || !(1000..2200).contains(&first) || second_digits != 2 || separator == '.' {
            return None;
        }
        let mut readings = Vec::new();
        if matches!(separator, '-' | '/') {
            readings.extend(day_of(Some(first), Some(second), None));
        }
        // `2015–16`: from one year to the next.
        if second > first % 100 {
            let last = first / 100 * 100 + second;
            readings.push(Measure::Years { first, last });
            readings.extend([day_of(Some(first), None, None)?, day_of(Some(last), None, None)?]);
        }
        return (!readings.is_empty()).then_some((readings, second_end));
    };
    let readings: Vec<Measure> = if digits >= 3 && third_digits <= 2 {
        day_of(Some(if digits == 3 { gregorian(first) } else { first }), Some(second), Some(third))
            .into_iter()
            .collect()
    } else if (third_digits == 4 || third_digits == 2 && separator != '-') && digits <= 2 && second_digits <= 2 {
        let years = if third_digits == 4 { vec![gregorian(third)] } else { vec![2000 + third, 1900 + third] };
        let both =
            |year: i64| [day_of(Some(year), Some(second), Some(first)), day_of(Some(year), Some(first), Some(second))];
        years.into_iter().flat_map(both).flatten().collect()
    } else {
        Vec::new()
    };
    (!readings.is_empty()).then_some((readings, third_end))
}

/// The number of a day in front of a month: `10`, `10th`, `10.`, `1er`.
fn day_number(text: &Characters, at: usize) -> Option<(i64, usize)> {
    let (day, mut end, digits) = whole(text, at).filter(|_| text.get(at).is_some_and(|c| c.is_ascii_digit()))?;
    if digits > 2 || !(1..=31).contains(&day) {
        return None;
    }
    // "from January 31.4 cents": a decimal, and no day.
    let figures =
        |at: usize| (at..text.len()).take_while(|at| text.get(*at).is_some_and(|c| c.is_ascii_digit())).count();
    if matches!(text.get(end), Some(',' | '.')) && (1..=3).contains(&figures(end + 1)) {
        return None;
    }
    if let Some(after) = text.any(end, ENDINGS) {
        end = after;
    }
    Some((day, end))
}

/// The month whose name stands at `at`.
fn month_at(text: &Characters, at: usize) -> Option<(i64, usize)> {
    if let Some(found) = THAI_MONTHS.iter().find_map(|(name, month)| Some((*month, text.word(at, name)?))) {
        return Some(found);
    }
    let end = text.word_end(at);
    let word = text.text(at, end);
    if word.chars().count() < 3 {
        return None;
    }
    let month = month(&word)?;
    Some((month, if text.get(end) == Some('.') && word.chars().count() <= 4 { end + 1 } else { end }))
}

/// `February 10, 2026`, `February 10`, `Feb. 2026`, `in May`.
fn named(text: &Characters, at: usize) -> Option<Found> {
    if text.before(at).is_some_and(is_spelt) {
        return None;
    }
    if let Some(found) = weekday(text, at).or_else(|| quarter(text, at)) {
        return Some(found);
    }
    let (month, end) = month_at(text, at)?;
    if let Some((day, day_end)) = day_number(text, skip_fillers(text, end)) {
        let comma = text.skip(day_end) + usize::from(text.get(text.skip(day_end)) == Some(','));
        if let Some((year, year_end)) = year_at(text, skip_fillers(text, comma)) {
            return Some((vec![day_of(Some(year), Some(month), Some(day))?], year_end));
        }
        return Some((vec![day_of(None, Some(month), Some(day))?], day_end));
    }
    let comma = end + usize::from(text.get(end) == Some(','));
    if let Some((year, year_end)) = year_at(text, skip_fillers(text, comma)) {
        return Some((vec![day_of(Some(year), Some(month), None)?], year_end));
    }
    // "may" and "march" by themselves are other words, and so is a name that begins a sentence.
    let word = text.text(at, text.word_end(at));
    let ambiguous =
        word.chars().count() <= 3 || matches!(word.as_str(), "march" | "mart" | "mars" | "august" | "junio");
    let is_introduced =
        text.ends_with(at, &["in", "of", "since", "by", "until", "till", "from", "im", "en", "early", "late"]);
    (text.is_upper(at) && (!ambiguous || is_introduced)).then(|| Some((vec![day_of(None, Some(month), None)?], end)))?
}

/// `10 February 2026`, `10. Februar`, `10 de febrero de 2026`; `10` in `10 to 12 February`.
fn day_first(text: &Characters, at: usize) -> Option<Found> {
    if !starts_number(text, at) {
        return None;
    }
    let (day, end) = day_number(text, at)?;
    if let Some(second) = text.any(text.skip(end), UNTIL)
        && let Some((readings, _)) = day_first(text, text.skip(second))
        && let [Measure::Date(last)] = readings.as_slice()
    {
        let first = Date { day: u8::try_from(day).ok(), ..*last };
        return Some((vec![Measure::Date(first)], end));
    }
    let (month, end) = month_at(text, skip_fillers(text, text.skip(end) + usize::from(text.get(end) == Some('-'))))?;
    let comma = end + usize::from(matches!(text.get(end), Some(',' | '-')));
    if let Some((year, year_end)) = year_at(text, skip_fillers(text, comma)) {
        return Some((vec![day_of(Some(year), Some(month), Some(day))?], year_end));
    }
    Some((vec![day_of(None, Some(month), Some(day))?], end))
}

fn skip_fillers(text: &Characters, at: usize) -> usize {
    let mut at = text.skip(at);
    while let Some(end) = text.any(at, FILLERS) {
        at = text.skip(end);
    }
    at
}

/// A year of four digits at `at`; in Thai also of the Buddhist calendar.
fn year_at(text: &Characters, at: usize) -> Option<(i64, usize)> {
    let (at, is_buddhist) = match text.word(at, "พ.ศ.") {
        Some(end) => (text.skip(end), true),
        None => (at, false),
    };
    let (year, end, digits) = whole(text, at)?;
    let year = if is_buddhist || BUDDHIST.contains(&year) { year - BUDDHIST_AHEAD } else { year };
    (digits == 4).then_some((year, end))
}

/// `3Q` and `3. Quartal` start with a figure, as does `19th century`; `XIXe siècle`, `siglo XIX`, `19世紀`.
fn century(text: &Characters, at: usize) -> Option<Found> {
    const BEHIND: &[&str] = &[
        "century",
        "centuries",
        "世纪",
        "jahrhundert",
        "jahrhunderts",
        "siecle",
        "secolo",
        "seculo",
        "век",
        "века",
        "세기",
        "世紀",
    ];
    let years = |century: i64| Measure::Years { first: 100 * (century - 1), last: 100 * century };
    if let Some(end) = text.any(at, &["siglo", "seculo"]) {
        let (value, end) = romans::at(text, text.skip(end))?;
        return Some((vec![years(value)], end));
    }
    let start = if text.get(at) == Some('第') { at + 1 } else { at };
    let (value, end) = whole(text, start)
        .filter(|_| starts_number(text, start))
        .map(|(value, end, _)| (value, end))
        .or_else(|| romans::at(text, at).filter(|_| !text.before(at).is_some_and(is_spelt)))
        .or_else(|| {
            let number = super::words::words(text, at)?;
            Some((number.readings.first()?.value as i64, number.end))
        })?;
    if !(1..=40).contains(&value) {
        return None;
    }
    if let Some(end) = text.word(end, "q").filter(|_| value <= 4) {
        return Some((vec![Measure::Quarter(u8::try_from(value).ok()?)], end));
    }
    let ended = text.any(end, ENDINGS).unwrap_or(end);
    let next = text.skip(ended) + usize::from(text.get(ended) == Some('-'));
    if let Some(end) = text.any(next, &["quartal", "quarter"]).filter(|_| value <= 4 && ended > end) {
        return Some((vec![Measure::Quarter(u8::try_from(value).ok()?)], end));
    }
    let end = text.any(next, BEHIND)?;
    Some((vec![years(value)], end))
}

/// `1990s`, `the 1990's`, and years that stand alone.
fn decade(text: &Characters, at: usize) -> Option<Found> {
    if !starts_number(text, at) || !text.get(at)?.is_ascii_digit() {
        return None;
    }
    let (year, end, digits) = whole(text, at)?;
    if text.get(end).is_some_and(|c| c.is_ascii_digit()) || digits != 4 || !(1000..2200).contains(&year) {
        return None;
    }
    let apostrophe = end + usize::from(matches!(text.get(end), Some('\'' | '’')));
    if let Some(end) = text.word(apostrophe, "s").filter(|_| year % 10 == 0) {
        return Some((vec![Measure::Years { first: year, last: year + if year % 100 == 0 { 99 } else { 9 } }], end));
    }
    // `1,500` and `1500 m` are no years; what is behind a year decides.
    let number = figures(text, at)?;
    let has_unit =
        super::units::unit_at(text, end, true).is_some() || super::units::scale_at(text, end, false).is_some();
    (number.end == end && !has_unit)
        .then(|| Some((vec![day_of(Some(year), None, None)?, super::count(year as f64)], end)))?
}
