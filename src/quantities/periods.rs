//! Reads days of the week, parts of a year and times of day.

use super::Measure;
use super::characters::{Characters, is_spelt};
use super::whole::{starts_number, whole};

/// What was read, and where it ends.
pub(super) type Found = (Vec<Measure>, usize);

/// Days of the week from Monday on, folded.
const WEEKDAYS: [&[&str]; 7] = [
    &["monday", "mondays", "星期一", "周一", "礼拜一", "月曜", "montag", "lundi", "lunes", "월요일"],
    &["tuesday", "tuesdays", "星期二", "周二", "礼拜二", "火曜", "dienstag", "mardi", "martes", "화요일"],
    &["wednesday", "wednesdays", "星期三", "周三", "礼拜三", "水曜", "mittwoch", "mercredi", "miercoles", "수요일"],
    &["thursday", "thursdays", "星期四", "周四", "礼拜四", "木曜", "donnerstag", "jeudi", "jueves", "목요일"],
    &["friday", "fridays", "星期五", "周五", "礼拜五", "金曜", "freitag", "vendredi", "viernes", "금요일"],
    &["saturday", "saturdays", "星期六", "周六", "礼拜六", "土曜", "samstag", "samedi", "sabado", "토요일"],
    &[
        "sunday",
        "sundays",
        "星期日",
        "周日",
        "礼拜日",
        "星期天",
        "礼拜天",
        "日曜",
        "sonntag",
        "dimanche",
        "domingo",
        "일요일",
    ],
];

/// Words before a time of day, folded.
const AFTERNOON: &[&str] = &["下午", "晚上", "傍晚", "夜间", "晚间", "午后", "오후", "晚"];
const MORNING: &[&str] = &["上午", "早上", "凌晨", "清晨", "午前", "오전", "中午"];
/// The day of the week whose name stands at `at`.
pub(super) fn weekday(text: &Characters, at: usize) -> Option<Found> {
    (0..).zip(WEEKDAYS).find_map(|(day, names)| {
        let end = text.any(at, names)?;
        Some((vec![Measure::Weekday(day)], end))
    })
}

/// `Q3`, `3Q`, `第三季`, `third quarter`, `上半年`.
pub(super) fn quarter(text: &Characters, at: usize) -> Option<Found> {
    let digit =
        |at: usize| text.get(at)?.to_digit(10).filter(|n| (1..=4).contains(n)).and_then(|n| u8::try_from(n).ok());
    let of_year = |quarter: u8, end: usize| {
        (!text.get(end).is_some_and(char::is_alphanumeric)
            || text.get(end).is_some_and(|c| !is_spelt(c) && !c.is_ascii_digit()))
        .then(|| (vec![Measure::Quarter(quarter)], end))
    };
    match text.get(at)? {
        'q' => of_year(digit(at + 1)?, at + 2),
        '第' => {
            let (value, end, _) = whole(text, text.skip(at + 1))?;
            let end = text.any(text.skip(end), &["季度", "季", "四半期"])?;
            Some((vec![Measure::Quarter(u8::try_from(value).ok().filter(|quarter| (1..=4).contains(quarter))?)], end))
        }
        '上' | '下' => {
            let half = if text.get(at) == Some('上') { 1 } else { 2 };
            Some((vec![Measure::Half(half)], text.any(at + 1, &["半年", "半期"])?))
        }
        'h' => Some((vec![Measure::Half(digit(at + 1).filter(|half| *half <= 2)?)], at + 2))
            .filter(|(_, end)| !text.get(*end).is_some_and(char::is_alphanumeric)),
        _ => {
            const NAMES: [(u8, &[&str]); 4] = [
                (1, &["first", "1st", "erstes", "ersten", "premier", "primer"]),
                (2, &["second", "2nd", "zweites", "zweiten", "deuxieme", "segundo"]),
                (3, &["third", "3rd", "drittes", "dritten", "troisieme", "tercer"]),
                (4, &["fourth", "4th", "viertes", "vierten", "quatrieme", "cuarto"]),
            ];
            let (number, end) = NAMES.iter().find_map(|(number, names)| Some((*number, text.any(at, names)?)))?;
            let next = text.skip(end) + usize::from(text.get(end) == Some('-'));
            if let Some(end) = text.any(next, &["quarter", "quartal", "quartals", "trimestre"]) {
                return Some((vec![Measure::Quarter(number)], end));
            }
            let end = text.any(next, &["half"])?;
            let of_year = text
                .any(text.skip(end), &["of the year", "of 1", "of 2", "of this year", "of next year", "of last year"]);
            (number <= 2).then_some(())?;
            of_year.map(|_| (vec![Measure::Half(number)], end))
        }
    }
}

/// `15:30`, `3:30 p.m.`, `3 pm`, `下午3時30分`, `15時`.
pub(super) fn clock(text: &Characters, at: usize) -> Option<Found> {
    if !starts_number(text, at) {
        return None;
    }
    let (hour, end, _) = whole(text, at).filter(|(hour, ..)| (0..=24).contains(hour))?;
    let minute_at = |at: usize| {
        let (minute, end, digits) = whole(text, at)?;
        (digits == 2 && minute < 60).then_some((minute, end))
    };
    let (mut minute, mut after, mut is_clock) = (0, end, false);
    if text.get(end) == Some(':') {
        (minute, after) = minute_at(end + 1)?;
        if text.get(after) == Some(':') {
            // Seconds, or a time that was run.
            return None;
        }
        is_clock = true;
    } else if let Some(end) = text.any(text.skip(end), &["点钟", "时", "点", "시"]) {
        let is_span = text.get(end).is_some_and(|c| "间期代区刻候".contains(c));
        // `三點五` is a decimal, and `三點五分` a time.
        let is_decimal = text.get(end - 1) == Some('点')
            && whole(text, end).is_some_and(|(_, end, _)| !text.starts_with(text.skip(end), "分"));
        if is_span || is_decimal {
            return None;
        }
        (after, is_clock) = (end, true);
        if let Some((value, end, _)) = whole(text, text.skip(end))
            && let Some(end) = text.any(text.skip(end), &["分", "분"])
        {
            (minute, after) = (value, end);
        } else if let Some(end) = text.word(end, "半") {
            (minute, after) = (30, end);
        }
    }
    let half = text.any(text.skip(after), &["a.m.", "p.m.", "am", "pm", "a.m", "p.m"]);
    let is_afternoon = match half {
        Some(_) => Some(text.get(text.skip(after)) == Some('p')),
        None if text.ends_with(at, AFTERNOON) => Some(true),
        None if text.ends_with(at, MORNING) => Some(false),
        None => None,
    };
    after = half.unwrap_or(after);
    if !is_clock && half.is_none() || minute >= 60 {
        return None;
    }
    let minutes = |hour: i64| Measure::Clock(u16::try_from(hour % 24 * 60 + minute).unwrap_or_default());
    let readings = match is_afternoon {
        Some(true) => vec![minutes(if hour < 12 { hour + 12 } else { hour })],
        Some(false) => vec![minutes(if hour == 12 { 0 } else { hour }), minutes(hour)],
        None if hour <= 12 => vec![minutes(hour), minutes(hour + 12)],
        None => vec![minutes(hour)],
    };
    Some((readings, after))
}
