//! The periods in a question, which an answer must be about, too: years and quarters. A forecast for 2027 does not answer a
//! question about 2028.

use super::names::{Name, Origin};
use crate::terms::{fold, terms};

/// Years that a question can mean.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2099;
/// Folded words before a number that is a year, even if a word follows it.
const BEFORE_YEAR: [&str; 31] = [
    "in",
    "by",
    "for",
    "of",
    "since",
    "until",
    "during",
    "from",
    "to",
    "im",
    "jahr",
    "jahre",
    "ende",
    "bis",
    "seit",
    "en",
    "annee",
    "fin",
    "de",
    "ano",
    "em",
    "nel",
    "nam",
    "tahun",
    "january",
    "march",
    "june",
    "september",
    "december",
    "end",
    "quarter",
];
/// The names of each quarter, folded.
const QUARTERS: [&[&str]; 4] = [
    &[
        "第一季",
        "第1季",
        "一季度",
        "1q",
        "q1",
        "first quarter",
        "erstes quartal",
        "ersten quartal",
        "第1四半期",
        "1분기",
    ],
    &[
        "第二季",
        "第2季",
        "二季度",
        "2q",
        "q2",
        "second quarter",
        "zweites quartal",
        "zweiten quartal",
        "第2四半期",
        "2분기",
    ],
    &[
        "第三季",
        "第3季",
        "三季度",
        "3q",
        "q3",
        "third quarter",
        "drittes quartal",
        "dritten quartal",
        "第3四半期",
        "3분기",
    ],
    &[
        "第四季",
        "第4季",
        "四季度",
        "4q",
        "q4",
        "fourth quarter",
        "viertes quartal",
        "vierten quartal",
        "第4四半期",
        "4분기",
    ],
];

/// The names of each half of a year, folded.
const HALVES: [&[&str]; 2] = [
    &["上半年", "first half", "half year", "erstes halbjahr", "ersten halbjahr", "上半期", "상반기"],
    &["下半年", "second half", "zweites halbjahr", "zweiten halbjahr", "下半期", "하반기"],
];

/// The years and quarters of a question.
pub(super) fn periods(question: &str) -> Vec<Name> {
    let folded = fold(question);
    let years = years(&folded).into_iter().map(year);
    let quarters = (0..QUARTERS.len()).filter_map(|number| {
        let text = QUARTERS[number].iter().find(|name| names(&folded, name))?;
        let others = (0..QUARTERS.len()).filter(|other| *other != number);
        Some(Name {
            text: as_written(question, text),
            alternatives: QUARTERS[number].iter().map(|name| terms(name)).collect(),
            origin: Origin::Period,
            rivals: others.map(|other| QUARTERS[other]).chain(HALVES).flatten().map(|name| terms(name)).collect(),
        })
    });
    years.chain(quarters).collect()
}

/// A year. A passage with another one is about another year; one that counts in another calendar may be about any.
fn year(year: u32) -> Name {
    let others = YEARS.filter(|other| *other != year).map(|other| vec![other.to_string()]);
    Name {
        text: year.to_string(),
        alternatives: vec![vec![year.to_string()]],
        origin: Origin::Period,
        rivals: others.collect(),
    }
}

/// The years in a folded question. A number is one if 年 follows it, if it ends a phrase, or if a word for time precedes it.
fn years(folded: &str) -> Vec<u32> {
    let mut years = Vec::new();
    let mut at = 0;
    for part in folded.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = part.trim_end_matches(|c: char| !c.is_ascii_digit());
        let start = at;
        at += part.len();
        let Some(year) = digits.parse().ok().filter(|year| digits.len() == 4 && YEARS.contains(year)) else { continue };
        let (before, after) = (&folded[..start], &folded[start + digits.len()..]);
        // "2,026", "1.2026", "q2026".
        if before.ends_with(|c: char| c.is_ascii_alphabetic() || matches!(c, ',' | '.' | '$' | '€' | '£' | '¥' | '-'))
        {
            continue;
        }
        let word = before.trim_end().rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        let ends_phrase =
            !after.trim_start().starts_with(|c: char| c.is_alphanumeric() || matches!(c, '%' | '.' | ',' | '-'));
        if after.starts_with(['年', '년']) || ends_phrase || BEFORE_YEAR.contains(&word) {
            years.push(year);
        }
    }
    years
}

/// Whether a folded text has this name, in an alphabet as whole words.
fn names(folded: &str, name: &str) -> bool {
    let is_spaced = name.is_ascii();
    folded.match_indices(name).any(|(start, _)| {
        let (before, after) = (&folded[..start], &folded[start + name.len()..]);
        !is_spaced || (!before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric))
    })
}

/// The part of the question that folds to `folded`, or that itself.
fn as_written(question: &str, folded: &str) -> String {
    let count = folded.chars().count();
    let bounds: Vec<usize> = question.char_indices().map(|(at, _)| at).chain([question.len()]).collect();
    let parts = bounds.windows(count + 1).map(|part| &question[part[0]..part[count]]);
    parts.into_iter().find(|part| fold(part) == folded).unwrap_or(folded).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(question: &str) -> Vec<String> {
        periods(question).into_iter().map(|name| name.text).collect()
    }

    #[test]
    fn years_and_quarters_are_periods() {
        for (question, found) in [
            ("What oil price does it expect in 2029?", vec!["2029"]),
            ("曜晶電子2026年第二季的營收是多少?", vec!["2026", "第二季"]),
            ("What was revenue in the Third Quarter of 2026?", vec!["2026", "Third Quarter"]),
            ("Wie hoch war der Umsatz im Jahr 2025 insgesamt?", vec!["2025"]),
            ("How did 2000 people vote?", vec![]),
            ("Is 2,026 more than $2025 or 1999.5?", vec![]),
            ("Form 1040 and Q7", vec![]),
        ] {
            assert_eq!(of(question), found, "{question}");
        }
    }

    #[test]
    fn a_passage_about_another_year_or_quarter_is_told() {
        let names = periods("2028年第一季?");
        let set = |text: &str| terms(text).into_iter().collect();
        let other = set("預估2027年第四季原油每日過剩210萬桶");
        assert!(names.iter().all(|name| name.has_rival_in(&other) && !name.is_in(&other)));
        let same = set("2028年首度盈餘,Q1營收");
        assert!(names.iter().all(|name| name.is_in(&same)));
        let neither = set("明年會更好");
        assert!(names.iter().all(|name| !name.has_rival_in(&neither) && !name.is_in(&neither)));
    }

    proptest! {
        #[test]
        fn any_question_is_read(question in "\\PC{0,50}|(20[0-9]{2}| |年|Q[1-4]|第[一二三]季|in|,){0,12}") {
            periods(&question);
        }
    }
}
