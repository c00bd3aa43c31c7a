//! Times of day and their offsets.

/// Words before a time, folded: of the morning, of the afternoon, and others.
const MORNING: [&str; 3] = ["上午", "午前", "오전"];
const AFTERNOON: [&str; 3] = ["下午", "午后", "오후"];
const BEFORE_TIME: [&str; 6] = [" at", " um", " a las", " uhr", " luc", " เวลา"];

/// Splits off a time of day. Returns it as RFC 3339 writes it if it has an offset.
pub(super) fn without_time(text: &str) -> (&str, Option<String>) {
    let Some(colon) = text.find(':') else { return (without_spoken_time(text), None) };
    let start = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let day = &text[..start];
    let time = clock(&text[start..], day);
    let day = day.trim_end_matches(|c: char| c.is_whitespace() || c == ',');
    let words = MORNING.iter().chain(&AFTERNOON).chain(&BEFORE_TIME);
    let day = words.copied().find_map(|word| day.strip_suffix(word)).unwrap_or(day);
    let day = day.strip_suffix('t').filter(|day| day.ends_with(|c: char| c.is_ascii_digit())).unwrap_or(day);
    match time {
        Ok(time) => (day.trim_end_matches([' ', ',']), time),
        // What follows the day is not a time, so the whole is not a date.
        Err(()) => (text, None),
    }
}

/// Removes a time such as `9时30分`, `下午3点` (folded), `오전 9시` or `เวลา 09.30 น.`.
fn without_spoken_time(text: &str) -> &str {
    if let Some((day, time)) = text.split_once("เวลา")
        && time.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | 'น'))
    {
        return day.trim_end();
    }
    let Some(at) = text.find(['时', '点', '時', '시']) else { return text };
    let hour = text[..at].trim_end_matches(|c: char| c.is_ascii_digit());
    let day = hour.trim_end_matches(' ');
    let day = MORNING.iter().chain(&AFTERNOON).find_map(|word| day.strip_suffix(word)).unwrap_or(day);
    if hour.len() == at { text } else { day.trim_end() }
}

/// A time of day with its offset, as RFC 3339 writes it; `Ok(None)` for a time without an offset.
fn clock(text: &str, day: &str) -> Result<Option<String>, ()> {
    // `[Asia/Taipei]`, as Java and RFC 9557 add it to an offset.
    let text = text.split('[').next().unwrap_or(text).trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | ',')).unwrap_or(text.len());
    let (digits, zone) = (text[..end].trim_end_matches(','), text[end..].trim());
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
    let day = day.trim_end();
    let is_afternoon = half == "pm" || AFTERNOON.iter().any(|word| day.ends_with(word));
    let is_morning = half == "am" || MORNING.iter().any(|word| day.ends_with(word));
    if is_afternoon && hour < 12 {
        hour += 12;
    } else if is_morning && hour == 12 {
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
    let in_parentheses = zone.strip_prefix('(').and_then(|zone| zone.strip_suffix(')'));
    let zone = in_parentheses.unwrap_or(zone).trim();
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
        return if is_name || zone == "น." || in_parentheses.is_some() { Ok(None) } else { Err(()) };
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
