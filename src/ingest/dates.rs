//! Reads dates as people write them and writes them as ISO 8601: a year, a month, a day, or an RFC 3339 time.
//!
//! A date that has two readings, such as `03/04/2026`, is not guessed.

use crate::terms::{ascii_digit, fold, is_invisible};

/// A longer text is not a date, in characters.
const MAX_DATE_CHARS: usize = 80;

/// Names of the months in English, German, French, Spanish, Portuguese, Italian and Dutch, folded. A word stands for a
/// month if it has three letters or more and begins names of that month only.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "janner", "janvier", "enero", "janeiro", "gennaio", "januari"],
    &["february", "februar", "fevrier", "febrero", "fevereiro", "febbraio", "februari"],
    &["march", "marz", "maerz", "mars", "marzo", "marco", "maart", "mrt"],
    &["april", "avril", "abril", "aprile"],
    &["may", "mai", "mayo", "maio", "maggio", "mei"],
    &["june", "juni", "juin", "junio", "junho", "giugno"],
    &["july", "juli", "juillet", "julio", "julho", "luglio"],
    &["august", "aout", "agosto", "augustus"],
    &["september", "septembre", "septiembre", "setembro", "settembre"],
    &["october", "oktober", "octobre", "octubre", "outubro", "ottobre"],
    &["november", "novembre", "noviembre", "novembro"],
    &["december", "dezember", "decembre", "diciembre", "dezembro", "dicembre"],
];

/// Names of the days of the week in the same languages, folded; three letters are enough, as for months.
#[rustfmt::skip]
const WEEKDAYS: &[&str] = &[
    "monday", "tuesday", "wednesday", "thursday", "thurs", "friday", "saturday", "sunday",
    "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag",
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
    "lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo",
    "lunedi", "martedi", "mercoledi", "giovedi", "venerdi", "domenica",
    "segunda-feira", "terca-feira", "quarta-feira", "quinta-feira", "sexta-feira",
    "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag",
];

/// Eras of East Asia, folded, with the year before their first.
const ERAS: [(&str, i16); 8] = [
    ("中华民国", 1911),
    ("民国", 1911),
    ("令和", 2018),
    ("平成", 1988),
    ("昭和", 1925),
    ("大正", 1911),
    ("公元", 0),
    ("西元", 0),
];

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
    let (day, time) = without_time(&text);
    let date = date(day)?;
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
    // `(二)`, `星期二`, `周二` (folded from 週二), `火曜日`
    for day in ["一", "二", "三", "四", "五", "六", "日", "天", "月", "火", "水", "木", "金", "土"] {
        for form in [format!("({day})"), format!("星期{day}"), format!("周{day}"), format!("礼拜{day}")] {
            text = text.replace(&form, " ");
        }
        text = text.replace(&format!("{day}曜日"), " ");
    }
    let is_weekday = |word: &str| {
        let word = word.trim_end_matches(['.', ',']);
        word.len() >= 2
            && word.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
            && WEEKDAYS.iter().any(|name| name.starts_with(word) && (word.len() >= 3 || name.len() > 5))
            && month(word).is_none()
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [first, rest @ ..] if !rest.is_empty() && is_weekday(first) => rest.join(" "),
        [rest @ .., last] if !rest.is_empty() && is_weekday(last) => rest.join(" "),
        words => words.join(" "),
    }
}

/// Splits off a time of day. Returns it as RFC 3339 writes it if it has an offset.
fn without_time(text: &str) -> (&str, Option<String>) {
    let Some(colon) = text.find(':') else { return (without_spoken_time(text), None) };
    let start = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let day = &text[..start];
    let time = clock(&text[start..], day);
    let day = day.trim_end_matches(|c: char| c.is_whitespace() || c == ',');
    let words = ["上午", "下午", "午前", "午后", " at", " um", " a las", " uhr"];
    let day = words.iter().find_map(|word| day.strip_suffix(word)).unwrap_or(day);
    let day = day.strip_suffix('t').filter(|day| day.ends_with(|c: char| c.is_ascii_digit())).unwrap_or(day);
    match time {
        Ok(time) => (day.trim_end_matches([' ', ',']), time),
        // What follows the day is not a time, so the whole is not a date.
        Err(()) => (text, None),
    }
}

/// Removes a time such as `9时30分` or `下午3点` (folded).
fn without_spoken_time(text: &str) -> &str {
    let Some(at) = text.find(['时', '点', '時']) else { return text };
    let hour = text[..at].trim_end_matches(|c: char| c.is_ascii_digit());
    let day = hour.trim_end_matches(' ');
    let day = ["上午", "下午", "午前", "午后"].iter().find_map(|word| day.strip_suffix(word)).unwrap_or(day);
    if hour.len() == at { text } else { day.trim_end() }
}

/// A time of day with its offset, as RFC 3339 writes it; `Ok(None)` for a time without an offset.
fn clock(text: &str, day: &str) -> Result<Option<String>, ()> {
    // `[Asia/Taipei]`, as Java and RFC 9557 add it to an offset.
    let text = text.split('[').next().unwrap_or(text).trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | ',')).unwrap_or(text.len());
    let (digits, zone) = (&text[..end], text[end..].trim());
    let (digits, fraction) = match digits.split_once(['.', ',']) {
        Some((digits, fraction)) => (digits, Some(fraction)),
        None => (digits, None),
    };
    let parts: Vec<i8> = digits.split(':').map(str::parse).collect::<Result<_, _>>().map_err(|_| ())?;
    let (mut hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (*hour, *minute, 0),
        [hour, minute, second] => (*hour, *minute, (*second).min(59)),
        _ => return Err(()),
    };
    let (zone, half) = match zone.get(..2).filter(|half| matches!(*half, "am" | "pm")) {
        Some(half) => (zone[2..].trim(), half),
        None => (zone, ""),
    };
    let is_afternoon = half == "pm" || day.trim_end().ends_with("下午") || day.trim_end().ends_with("午后");
    if is_afternoon && hour < 12 {
        hour += 12;
    } else if half == "am" && hour == 12 {
        hour = 0;
    }
    jiff::civil::Time::new(hour, minute, second, 0).map_err(|_| ())?;
    let Some(offset) = offset(zone)? else { return Ok(None) };
    let fraction = match fraction {
        Some(digits) if digits.is_empty() || digits.bytes().any(|b| !b.is_ascii_digit()) => return Err(()),
        Some(digits) => format!(".{digits}"),
        None => String::new(),
    };
    Ok(Some(format!("{hour:02}:{minute:02}:{second:02}{fraction}{offset}")))
}

/// A UTC offset as RFC 3339 writes it. `Ok(None)` if there is none, or only an abbreviation such as `CST`, which is
/// the name of several zones.
fn offset(zone: &str) -> Result<Option<String>, ()> {
    if matches!(zone, "z" | "utc" | "gmt" | "ut") {
        return Ok(Some("Z".to_owned()));
    }
    let zone = zone.strip_prefix("utc").or_else(|| zone.strip_prefix("gmt")).unwrap_or(zone).trim();
    let Some((sign, digits)) = zone
        .strip_prefix('+')
        .map(|d| ('+', d))
        .or_else(|| zone.strip_prefix(['-', '\u{2212}']).map(|digits| ('-', digits)))
    else {
        let is_name = zone.chars().all(|c| c.is_ascii_alphabetic() || c == '.') && zone.len() <= 5;
        return if is_name { Ok(None) } else { Err(()) };
    };
    // RFC 2822 may name the zone again: `+0800 (CST)`.
    let digits = digits.split([' ', '(']).next().unwrap_or_default();
    let compact: String = digits.chars().filter(|c| *c != ':').collect();
    if compact.bytes().any(|b| !b.is_ascii_digit()) {
        return Err(());
    }
    let (hours, minutes) = match compact.len() {
        1 | 2 => (compact.as_str(), "0"),
        4 => compact.split_at(2),
        _ => return Err(()),
    };
    let (hours, minutes): (u8, u8) = (hours.parse().map_err(|_| ())?, minutes.parse().map_err(|_| ())?);
    if hours > 18 || minutes > 59 { Err(()) } else { Ok(Some(format!("{sign}{hours:02}:{minutes:02}"))) }
}

/// A date without weekday and time.
fn date(text: &str) -> Option<PartialDate> {
    let text = text.trim();
    east_asian(text).or_else(|| numeric(text)).or_else(|| named_month(text))
}

/// `2026年2月10日`, `民国115年2月10日`, `二〇二六年二月十日`, `2026년 2월 10일`; eras also before `115.2.10`.
fn east_asian(text: &str) -> Option<PartialDate> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let era = ERAS.iter().find_map(|(name, before)| compact.strip_prefix(name).map(|rest| (rest, *before)));
    let (rest, before) = era.unwrap_or((compact.as_str(), 0));
    let parts: Vec<&str> = match rest.split_once(['年', '년']) {
        Some((year, "")) => vec![year],
        Some((year, rest)) => match rest.split_once(['月', '월'])? {
            (month, "") => vec![year, month],
            (month, day) => vec![year, month, day.strip_suffix(['日', '号', '일']).unwrap_or(day)],
        },
        None if era.is_some() => rest.split(['.', '/', '-']).collect(),
        None => return None,
    };
    let value = |part: &&str| if *part == "元" { Some(1) } else { number(part) };
    match parts.iter().map(value).collect::<Option<Vec<i64>>>()?.as_slice() {
        [year] => PartialDate::new(year + i64::from(before), None, None),
        [year, month] => PartialDate::new(year + i64::from(before), Some(*month), None),
        [year, month, day] => PartialDate::new(year + i64::from(before), Some(*month), Some(*day)),
        _ => None,
    }
}

/// A number in ASCII digits or Chinese numerals: `115`, `二〇二六`, `十二`, `一百一十五`.
fn number(text: &str) -> Option<i64> {
    const DIGITS: &str = "〇一二三四五六七八九";
    if text.len() > 24 || text.is_empty() {
        return None;
    }
    let digit = |c: char| {
        let c = if matches!(c, '零' | '○') { '〇' } else { c };
        ascii_digit(c)
            .and_then(|c| c.to_digit(10))
            .map(i64::from)
            .or_else(|| DIGITS.chars().position(|d| d == c).and_then(|value| i64::try_from(value).ok()))
    };
    if !text.contains(['十', '百']) {
        return text.chars().try_fold(0_i64, |value, c| Some(value.checked_mul(10)? + digit(c)?));
    }
    let (mut value, mut last) = (0, None);
    for c in text.chars() {
        match c {
            '百' => value += 100 * last.take()?,
            '十' => value += 10 * last.take().unwrap_or(1),
            c => last = Some(digit(c)?).filter(|digit| *digit > 0),
        }
    }
    Some(value + last.unwrap_or(0))
}

/// `2026-02-10`, `2026/2/10`, `2026. 2. 10.`, `20260210`, `10.2.2026`, `2026-02`, `2026`; and `13/4/2026`, which has
/// one reading only.
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
        [first, second, year] if is_year(year) && is_short(first) && is_short(second) => {
            let (first, second, year) = (value(first)?, value(second)?, value(year)?);
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
        if word.is_empty() || matches!(word, "of" | "de" | "del" | "the" | "den" | "le" | "der") {
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

/// The month that `word` begins the name of, from 1 to 12.
fn month(word: &str) -> Option<i64> {
    let word = word.trim_end_matches('.');
    if word.len() < 3 || !word.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let mut months = (1..).zip(MONTHS).filter(|(_, names)| names.iter().any(|name| name.starts_with(word)));
    let (found, _) = months.next()?;
    months.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_day_is_read_however_people_write_it() {
        for written in [
            "2026-02-10",
            "2026-2-10",
            "2026/2/10",
            "2026/02/10",
            "2026.02.10",
            "2026. 2. 10.",
            "20260210",
            "10 February 2026",
            "10 Feb 2026",
            "10-Feb-2026",
            "February 10, 2026",
            "Feb 10, 2026",
            "Feb. 10th, 2026",
            "Feb 10 2026",
            "2026 Feb 10",
            "10th of February 2026",
            "Tuesday, 10 February 2026",
            "Tue, Feb 10, 2026",
            "10. Februar 2026",
            "Dienstag, 10. Februar 2026",
            "10 février 2026",
            "10 de febrero de 2026",
            "10.2.2026",
            "10.02.2026",
            "2026年2月10日",
            "2026年02月10日",
            "２０２６年２月１０日",
            "2026年2月10日（二）",
            "2026年2月10日 星期二",
            "週二 2026年2月10日",
            "民國115年2月10日",
            "中華民國115年2月10日",
            "民國115.2.10",
            "民國一百一十五年二月十日",
            "令和8年2月10日",
            "令和8年2月10日(火)",
            "二〇二六年二月十日",
            "西元2026年2月10日",
            "2026년 2월 10일",
            "٢٠٢٦-٠٢-١٠",
            "2026-02-10T09:30",
            "2026-02-10T09:30:00",
            "2026-02-10 09:30:00",
            "2026-02-10 9:30",
            "2026-02-10 09:30:00.123",
            "February 10, 2026 at 9:30 AM",
            "Feb 10, 2026, 9:30 pm",
            "2026年2月10日 下午3:05",
            "2026年2月10日 9時30分",
            "2026-02-10 09:30 CST",
            " \u{FEFF}2026-02-10 ",
            "2026/02/10 09:30",
        ] {
            assert_eq!(document_date(written).as_deref(), Some("2026-02-10"), "{written}");
        }
        assert_eq!(document_date("25/12/2026").as_deref(), Some("2026-12-25"));
        assert_eq!(document_date("12/25/2026").as_deref(), Some("2026-12-25"));
        assert_eq!(document_date("5/5/2026").as_deref(), Some("2026-05-05"));
        assert_eq!(document_date("平成元年1月8日").as_deref(), Some("1989-01-08"));
        assert_eq!(document_date("1 mars 2026").as_deref(), Some("2026-03-01"));
        assert_eq!(document_date("1er juillet 2026").as_deref(), Some("2026-07-01"));
        assert_eq!(document_date("Mon, 2 March 2026").as_deref(), Some("2026-03-02"));
    }

    #[test]
    fn a_time_with_an_offset_becomes_rfc_3339() {
        for (written, expected) in [
            ("2026-02-10T09:30:00+08:00", "2026-02-10T09:30:00+08:00"),
            ("2026-02-10 09:30:00 +0800", "2026-02-10T09:30:00+08:00"),
            ("2026-02-10T09:30Z", "2026-02-10T09:30:00Z"),
            ("2026-02-10t09:30:00.5z", "2026-02-10T09:30:00.5Z"),
            ("Tue, 10 Feb 2026 09:30:00 +0800", "2026-02-10T09:30:00+08:00"),
            ("Tue, 10 Feb 2026 09:30:00 GMT", "2026-02-10T09:30:00Z"),
            ("10 Feb 2026 09:30 -0500 (EST)", "2026-02-10T09:30:00-05:00"),
            ("2026-02-10T09:30:00+08:00[Asia/Taipei]", "2026-02-10T09:30:00+08:00"),
            ("2026-02-10 09:30:00 UTC", "2026-02-10T09:30:00Z"),
        ] {
            assert_eq!(document_date(written).as_deref(), Some(expected), "{written}");
        }
    }

    #[test]
    fn a_month_or_a_year_is_a_date_by_itself() {
        for written in
            ["2026-02", "2026/2", "2026.02", "02/2026", "February 2026", "Feb 2026", "2026年2月", "民國115年2月"]
        {
            assert_eq!(document_date(written).as_deref(), Some("2026-02"), "{written}");
        }
        for written in ["2026", "2026年", "令和8年"] {
            assert_eq!(document_date(written).as_deref(), Some("2026"), "{written}");
        }
    }

    #[test]
    fn a_date_with_two_readings_or_none_is_not_guessed() {
        for written in [
            "03/04/2026",
            "3-4-2026",
            "10/02/26",
            "115年2月10日",
            "2026-02-30",
            "2026-13-01",
            "31 January",
            "soon",
            "",
            "-",
            "2026-1-2-3",
            "12",
            "202602",
            "1767225600",
            "2026-02-10T25:00",
            "2026-02-10T09:30:00+99:00",
            "10 jui 2026",
            "May",
            "09:30",
            "2026-02-10 or so",
            "10 11 February 2026",
            "２月",
            "民國",
            "年月日",
        ] {
            assert_eq!(document_date(written), None, "{written}");
        }
        assert_eq!(document_date(&"2026-02-10 ".repeat(10_000)), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic_and_a_date_reads_as_itself(
            text in "\\PC{0,40}|[0-9年月日元民國令和十百〇二時点午 :./,\\-+TZtza-f\\[\\(]{0,24}"
        ) {
            if let Some(date) = document_date(&text) {
                prop_assert_eq!(document_date(&date), Some(date));
            }
        }
    }
}
