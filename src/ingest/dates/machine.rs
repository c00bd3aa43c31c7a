//! Dates as programs write them, in the order in which the other functions read them: the day, the time, the offset.

/// Rewrites a folded date of a PDF file, a photograph, a log or a calendar. `None` if it has none of these forms.
pub(super) fn rewritten(text: &str) -> Option<String> {
    compact(text).or_else(|| exif(text)).or_else(|| moved_time(text))
}

/// `D:20260109083000+08'00'` of PDF, `20260109T083000Z` of ISO 8601, `20260109083000`.
fn compact(text: &str) -> Option<String> {
    let (of_pdf, text) = text.strip_prefix("d:").map_or((false, text), |rest| (true, rest));
    let digits_of = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (day, rest) = text.split_at(digits_of(text));
    let (day, time, zone) = match (day.len(), rest.strip_prefix('t')) {
        (8, Some(rest)) if matches!(digits_of(rest), 4 | 6) => {
            let (time, zone) = rest.split_at(digits_of(rest));
            (day, time, zone)
        }
        (4 | 6 | 8, _) if of_pdf => (day, "", rest),
        (10 | 12 | 14, _) if of_pdf => (&day[..8], &day[8..], rest),
        (14, _) => (&day[..8], &day[8..], rest),
        _ => return None,
    };
    let pairs = |digits: &str, mark: &str| {
        let pairs: Vec<&str> = (0..digits.len()).step_by(2).filter_map(|at| digits.get(at..at + 2)).collect();
        pairs.join(mark)
    };
    let mut written = day[..4].to_owned();
    if day.len() > 4 {
        written = format!("{written}-{}", pairs(&day[4..], "-"));
    }
    let zone = zone.replace('\'', "");
    // Acrobat and others also write `Z00'00'`.
    let zone = if zone.starts_with('z') && zone[1..].bytes().all(|b| b == b'0') { "z" } else { zone.as_str() };
    match time.len() {
        0 if zone.trim().is_empty() || of_pdf => {}
        2 => written = format!("{written} {time}:00"),
        4 | 6 => written = format!("{written} {}{zone}", pairs(time, ":")),
        _ => return None,
    }
    Some(written)
}

/// `2026:01:09 08:30:00`.
fn exif(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_exif = bytes.len() >= 10
        && bytes.iter().take(10).enumerate().all(|(place, byte)| match place {
            4 | 7 => *byte == b':',
            _ => byte.is_ascii_digit(),
        })
        && matches!(bytes.get(10), None | Some(b' ' | b't'));
    is_exif.then(|| format!("{}-{}-{}{}", &text[..4], &text[5..7], &text[8..10], &text[10..]))
}

/// `Feb 10 09:30:00 2026 +0800` of C and `git log`, `Feb 10 09:30:00 UTC 2026` of Unix, and `09:30, 10 February 2026 (UTC)`.
fn moved_time(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_time =
        |word: &&str| word.contains(':') && word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b','));
    let is_year = |word: &str| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
    let at = words.iter().position(is_time)?;
    let time = words[at].trim_end_matches(',');
    match (&words[..at], &words[at + 1..]) {
        ([], [day @ .., zone]) if zone.starts_with('(') => Some(format!("{} {time} {zone}", day.join(" "))),
        ([], day @ [_, ..]) if !is_half(day[0]) => Some(format!("{} {time}", day.join(" "))),
        ([_, ..], [year]) if is_year(year) => Some(format!("{} {year} {time}", words[..at].join(" "))),
        ([_, ..], [year, offset]) if is_year(year) => Some(format!("{} {year} {time} {offset}", words[..at].join(" "))),
        ([_, ..], [zone, year]) if is_year(year) && !is_half(zone) => {
            Some(format!("{} {year} {time} {zone}", words[..at].join(" ")))
        }
        _ => None,
    }
}

fn is_half(word: &str) -> bool {
    matches!(word, "am" | "pm" | "a.m." | "p.m.")
}
