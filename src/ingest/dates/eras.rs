//! Dates with the marks of East and South-East Asia: `年`, `년`, `tháng`, eras, and Buddhist years.

use super::PartialDate;
use crate::quantities::{BUDDHIST, BUDDHIST_AHEAD, ERAS, Era, MINGUO, MINGUO_AHEAD, THAI_MONTHS};
use crate::terms::{ascii_digit, fold};

/// `2026年2月10日`, `民国115年2月10日`, `115年2月10日`, `二〇二六年二月十日`, `2026년 2월 10일`; eras also before `115.2.10`,
/// and the letters of those of Japan: `R8.2.10`.
pub(super) fn east_asian(text: &str) -> Option<PartialDate> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let era = ERAS.iter().find_map(|era| compact.strip_prefix(era.name).map(|rest| (rest, era)));
    let era = era.or_else(|| by_letter(&compact));
    let rest = era.map_or(compact.as_str(), |(rest, _)| rest);
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
    let parts = parts.iter().map(value).collect::<Option<Vec<i64>>>()?;
    let before = era.map_or(0, |(_, era)| era.before);
    let date = match parts.as_slice() {
        [year] => PartialDate::new(year.checked_add(before)?, None, None),
        [year, month] => PartialDate::new(year.checked_add(before)?, Some(*month), None),
        [year, month, day] if era.is_none() && MINGUO.contains(year) => {
            PartialDate::new(year + MINGUO_AHEAD, Some(*month), Some(*day))
        }
        [year, month, day] => PartialDate::new(year.checked_add(before)?, Some(*month), Some(*day)),
        _ => None,
    }?;
    // 平成 has no year 40.
    let is_within = era.is_none_or(|(_, era)| {
        let first = (date.year, date.month.unwrap_or(1), date.day.unwrap_or(1));
        let last = (date.year, date.month.unwrap_or(12), date.day.unwrap_or(31));
        last >= era.first && first <= era.last
    });
    is_within.then_some(date)
}

/// The era of a date such as `r8.1.31`, which has a year, a month and a day.
fn by_letter(text: &str) -> Option<(&str, &'static Era)> {
    let mut chars = text.chars();
    let letter = chars.next()?;
    let rest = chars.as_str();
    let is_day = rest.split(['.', '/']).count() == 3
        && rest.split(['.', '/']).all(|part| matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit()));
    let era = ERAS.iter().find(|era| era.letter == Some(letter))?;
    is_day.then_some((rest, era))
}

/// A number in ASCII digits or Chinese numerals: `115`, `二〇二六`, `十二`, `一百一十五`, `廿一`.
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
    if !text.contains(['十', '百', '廿', '卅']) {
        return text.chars().try_fold(0_i64, |value, c| value.checked_mul(10)?.checked_add(digit(c)?));
    }
    let (mut value, mut last) = (0, None);
    for c in text.chars() {
        match c {
            '百' => value += 100 * last.take()?,
            '十' => value += 10 * last.take().unwrap_or(1),
            '廿' => value += 20,
            '卅' => value += 30,
            c => last = Some(digit(c)?).filter(|digit| *digit > 0),
        }
    }
    Some(value + last.unwrap_or(0))
}

/// `31 มกราคม พ.ศ. 2569`, `31 ม.ค. 2569`, `มกราคม 2569`, `พ.ศ. 2569`.
pub(super) fn thai(text: &str) -> Option<PartialDate> {
    let text = match text.split_once("ที่") {
        Some((weekday, day)) if weekday.starts_with("วัน") => day,
        _ => text,
    };
    let named = THAI_MONTHS.iter().find_map(|(name, month)| Some((text.split_once(name.as_str())?, *month)));
    let (day, month, year) = match named {
        Some(((day, year), month)) => (Some(day.trim()).filter(|day| !day.is_empty()), Some(month), year),
        None => (None, None, text),
    };
    let year = year.trim();
    let marked = |marks: &[&str]| marks.iter().find_map(|mark| year.strip_prefix(fold(mark).as_str())).map(str::trim);
    let year = if let Some(year) = marked(&["พ.ศ.", "พุทธศักราช"]) {
        digits(year)?.checked_sub(BUDDHIST_AHEAD)?
    } else if let Some(year) = marked(&["ค.ศ.", "คริสต์ศักราช"]) {
        digits(year)?
    } else {
        month?;
        let year = digits(year)?;
        if BUDDHIST.contains(&year) { year - BUDDHIST_AHEAD } else { year }
    };
    let day = match day {
        Some(day) => Some(digits(day)?),
        None => None,
    };
    PartialDate::new(year, month, day)
}

/// `ngày 31 tháng 1 năm 2026`, `tháng 1 năm 2026`, `tháng 1/2026`, `năm 2026`, folded.
pub(super) fn vietnamese(text: &str) -> Option<PartialDate> {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let words = words.strip_prefix(&["ngay"]).unwrap_or(&words);
    match words {
        [day, "thang", month, "nam", year] | [day, "thang", month, year] => {
            PartialDate::new(digits(year)?, Some(digits(month)?), Some(digits(day)?))
        }
        ["thang", month, "nam", year] | ["thang", month, year] => {
            PartialDate::new(digits(year)?, Some(digits(month)?), None)
        }
        ["nam", year] => PartialDate::new(digits(year)?, None, None),
        // After `ngày` the day comes first.
        [day, month, year] if text.starts_with("ngay") => {
            PartialDate::new(digits(year)?, Some(digits(month)?), Some(digits(day)?))
        }
        _ => None,
    }
}

fn digits(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 4 || text.bytes().any(|b| !b.is_ascii_digit()) {
        None
    } else {
        text.parse().ok()
    }
}
