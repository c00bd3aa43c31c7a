//! Reads Roman numerals.

use super::characters::{Characters, is_spelt};

fn value(c: char) -> Option<i64> {
    Some(match c {
        'i' => 1,
        'v' => 5,
        'x' => 10,
        'l' => 50,
        'c' => 100,
        'd' => 500,
        'm' => 1000,
        _ => return None,
    })
}

/// The numeral in capitals at `at`, and its end. Letters behind it, as in `XIXe`, end it.
pub(super) fn at(text: &Characters, at: usize) -> Option<(i64, usize)> {
    let is_numeral = |at: &usize| text.is_upper(*at) && text.get(*at).and_then(value).is_some();
    let end = (at..text.len()).find(|at| !is_numeral(at)).unwrap_or(text.len());
    let values: Vec<i64> = text.slice(at, end).iter().filter_map(|c| value(*c)).collect();
    if values.is_empty() || values.len() > 12 || text.before(at).is_some_and(is_spelt) {
        return None;
    }
    let mut total = 0;
    for (place, value) in values.iter().enumerate() {
        let is_subtracted = values.get(place + 1).is_some_and(|next| next > value);
        total += if is_subtracted { -value } else { *value };
    }
    (total > 0 && written(total) == text.text(at, end)).then_some((total, end))
}

/// A number in Roman numerals.
fn written(mut number: i64) -> String {
    const SIGNS: [(i64, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut written = String::new();
    for (value, sign) in SIGNS {
        while number >= value {
            number -= value;
            written.push_str(sign);
        }
    }
    written
}
