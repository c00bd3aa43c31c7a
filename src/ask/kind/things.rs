//! The things in a sentence that can answer a question for a number, a time, an amount, a person or a reason, in any script.

use std::collections::HashSet;

use super::units;
use crate::terms::fold;
use crate::terms::language::{is_han, is_kana};

/// A set of kinds of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::ask) struct Things(u16);

impl Things {
    /// A number that is no point in time.
    pub(in crate::ask) const NUMBER: Self = Self(1);
    pub(in crate::ask) const MONEY: Self = Self(1 << 1);
    /// A share: per cent, 成, basis points.
    pub(in crate::ask) const SHARE: Self = Self(1 << 2);
    /// A point in time: a date, a year, a weekday.
    pub(in crate::ask) const TIME: Self = Self(1 << 3);
    /// A number with a unit of time.
    pub(in crate::ask) const DURATION: Self = Self(1 << 4);
    /// A number with another unit: of length, weight, power.
    pub(in crate::ask) const MEASURE: Self = Self(1 << 5);
    pub(in crate::ask) const PERSON: Self = Self(1 << 6);
    pub(in crate::ask) const REASON: Self = Self(1 << 7);
    /// A number without a unit: it counts something.
    pub(in crate::ask) const PLAIN: Self = Self(1 << 8);

    pub(in crate::ask) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether both have a kind in common.
    pub(in crate::ask) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(in crate::ask) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The things in `sentence`. Numbers that the question has itself, `known`, answer nothing.
pub(in crate::ask) fn things(sentence: &str, known: &HashSet<String>) -> Things {
    let folded = fold(sentence);
    let chars: Vec<char> = folded.chars().collect();
    let mut found = words(&folded);
    let mut at = 0;
    while at < chars.len() {
        let Some(number) = Number::at(&chars, at) else {
            at += 1;
            continue;
        };
        at = number.end;
        if !known.contains(&number.text) {
            found = found.or(number.thing(&chars));
        }
    }
    if names_a_person(sentence, &folded) { found.or(Things::PERSON) } else { found }
}

/// What stands behind each number of a sentence, folded: its unit, if it has one.
pub(super) fn units_of_numbers(sentence: &str) -> Vec<String> {
    let chars: Vec<char> = fold(sentence).chars().collect();
    let (mut units, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let Some(number) = Number::at(&chars, at) else {
            at += 1;
            continue;
        };
        at = number.end;
        let behind: String = chars[at..].iter().take(2 * units::LONGEST).collect();
        units.push(units::without_scale(behind.trim_start()).1.to_owned());
    }
    units
}

/// The numbers of a text, each in one spelling.
pub(in crate::ask) fn numbers(text: &str) -> HashSet<String> {
    let chars: Vec<char> = fold(text).chars().collect();
    let mut numbers = HashSet::new();
    let mut at = 0;
    while at < chars.len() {
        match Number::at(&chars, at) {
            Some(number) => {
                at = number.end;
                numbers.insert(number.text);
            }
            None => at += 1,
        }
    }
    numbers
}

/// Words before a year, folded.
const BEFORE_A_YEAR: [&str; 34] = [
    "in", "since", "from", "until", "till", "the", "of", "this", "for", "during", "to", "and", "early", "late", "mid",
    "im", "seit", "bis", "vor", "nach", "ab", "von", "und", "en", "depuis", "de", "des", "dell", "nel", "desde",
    "hasta", "del", "по", "в",
];

/// A number in a folded text.
struct Number {
    /// Its digits, numerals or word, without separators.
    text: String,
    start: usize,
    end: usize,
    is_digits: bool,
    /// Whether its thousands are set apart, as those of a year never are.
    is_grouped: bool,
}

impl Number {
    /// The number that starts at `at`, which is not inside a word.
    fn at(chars: &[char], at: usize) -> Option<Self> {
        let before = at.checked_sub(1).map(|before| chars[before]);
        let first = *chars.get(at)?;
        if first.is_ascii_digit() {
            // "h20" and "inc-1874" are names.
            let is_behind_hyphen =
                before == Some('-') && at.checked_sub(2).is_some_and(|letter| chars[letter].is_ascii_alphabetic());
            if is_behind_hyphen || before.is_some_and(|before| before.is_ascii_alphabetic() || before.is_ascii_digit())
            {
                return None;
            }
            return Some(Self::digits(chars, at));
        }
        if is_numeral(first) {
            return (!before.is_some_and(is_numeral)).then(|| Self::numerals(chars, at)).flatten();
        }
        if first.is_alphabetic() && !is_han(first) && !before.is_some_and(char::is_alphanumeric) {
            let word: String = chars[at..].iter().take_while(|c| c.is_alphabetic()).collect();
            let end = at + word.chars().count();
            return units::is_number_word(&word).then_some(Self {
                text: word,
                start: at,
                end,
                is_digits: false,
                is_grouped: false,
            });
        }
        None
    }

    fn digits(chars: &[char], start: usize) -> Self {
        let mut end = start;
        while let Some(c) = chars.get(end) {
            let separates = matches!(c, ',' | '.') && chars.get(end + 1).is_some_and(char::is_ascii_digit);
            if !c.is_ascii_digit() && !separates {
                break;
            }
            end += 1;
        }
        let is_grouped = chars[start..end].contains(&',');
        let text = chars[start..end].iter().filter(|c| **c != ',').collect();
        Self { text, start, end, is_digits: true, is_grouped }
    }

    /// Chinese numerals: several of them, or one before a unit. "一" before a general counter counts nothing.
    fn numerals(chars: &[char], start: usize) -> Option<Self> {
        let end = start + chars[start..].iter().take_while(|c| is_numeral(**c)).count();
        let text: String = chars[start..end].iter().collect();
        let has_value = chars[start..end].iter().any(|c| !matches!(c, '万' | '亿' | '兆' | '千' | '百' | '半'));
        let counts = if end - start > 1 {
            has_value && text.contains(['十', '百', '千', '万', '亿', '〇', '零', '兆'])
        } else {
            false
        };
        let unit = chars.get(end).copied();
        let counted = unit.is_some_and(|unit| {
            units::COUNTERS.contains(unit) && !(text == "一" && units::GENERAL_COUNTERS.contains(unit))
        });
        (counts || counted).then_some(Self { text, start, end, is_digits: false, is_grouped: false })
    }

    /// What kind of thing the number is, by what stands around it.
    fn thing(&self, chars: &[char]) -> Things {
        let before: String = chars[self.start.saturating_sub(units::LONGEST)..self.start].iter().collect();
        let after: String = chars[self.end..].iter().take(2 * units::LONGEST).collect();
        let (scaled, unit) = units::without_scale(after.trim_start());
        if before.trim_end().ends_with("百分之") {
            return Things::NUMBER.or(Things::SHARE);
        }
        if units::starts_with_money(unit) || units::ends_with_money(&before) {
            return Things::NUMBER.or(Things::MONEY);
        }
        if units::starts_with_share(unit) {
            return Things::NUMBER.or(Things::SHARE);
        }
        if !scaled && self.is_time(&before, unit) {
            return if self.may_count(&before, unit) {
                Things::TIME.or(Things::NUMBER).or(Things::PLAIN)
            } else {
                Things::TIME
            };
        }
        if units::starts_with_duration(unit) {
            return Things::NUMBER.or(Things::DURATION);
        }
        if units::starts_with_measure(unit) {
            return Things::NUMBER.or(Things::MEASURE);
        }
        Things::NUMBER.or(Things::PLAIN)
    }

    /// Whether what looks like a year may be how many there are: "about 2000 people", "2000 名".
    fn may_count(&self, before: &str, after: &str) -> bool {
        let next = after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let names_things = next.chars().count() > 3 && next.starts_with(|c: char| c.is_alphabetic() && !is_han(c));
        let last = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let counts = |c: char| units::COUNTERS.contains(c) && !matches!(c, '年' | '月' | '日' | '次');
        let is_of_date = units::ends_with_month(before) || units::starts_with_month(after);
        let is_like_a_year = self.is_digits && self.text.len() == 4 && !is_of_date;
        is_like_a_year && (after.starts_with(counts) || names_things && !BEFORE_A_YEAR.contains(&last))
    }

    /// Whether it is a year or part of a date.
    fn is_time(&self, before: &str, after: &str) -> bool {
        let is_year = self.is_digits
            && !self.is_grouped
            && self.text.len() == 4
            && matches!(self.text.as_bytes()[0], b'1' | b'2');
        let is_chinese_year = self.text.chars().count() == 4 && !self.is_digits && after.starts_with('年');
        let starts_like_a_unit = after.starts_with(|c: char| c.is_alphabetic() && !is_han(c)) && before.is_empty();
        (is_year && (after.starts_with(['年', '년']) || (!units::starts_with_any_unit(after) && !starts_like_a_unit)))
            || is_chinese_year
            || units::starts_with_part_of_date(after)
            || units::ends_with_month(before)
            || units::starts_with_month(after)
    }
}

fn is_numeral(c: char) -> bool {
    matches!(
        c,
        '〇' | '零'
            | '一'
            | '二'
            | '三'
            | '四'
            | '五'
            | '六'
            | '七'
            | '八'
            | '九'
            | '十'
            | '百'
            | '千'
            | '万'
            | '亿'
            | '兆'
            | '两'
            | '半'
    )
}

/// Things that words alone show.
fn words(folded: &str) -> Things {
    let spaced: String = {
        let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        format!(" {} ", words.join(" "))
    };
    let has = |list: &[&str]| {
        list.iter().any(|word| {
            if word.starts_with(|c: char| is_han(c) || is_kana(c) || !c.is_ascii() && !c.is_lowercase()) {
                folded.contains(word)
            } else {
                spaced.contains(&format!(" {word} "))
            }
        })
    };
    let mut found = Things::default();
    if has(&units::units().times) {
        found = found.or(Things::TIME);
    }
    if has(&units::units().reasons) {
        found = found.or(Things::REASON);
    }
    found
}

/// Whether a sentence seems to name a person: a title or a verb of saying beside a name, two capitalised words that do not
/// begin it, or kana with a middle dot.
fn names_a_person(sentence: &str, folded: &str) -> bool {
    if units::units().persons.iter().any(|word| folded.contains(word)) || folded.contains('・') || folded.contains('·')
    {
        return true;
    }
    let mut run = 0;
    for word in sentence.split_whitespace() {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_name = word.starts_with(char::is_uppercase) && word.chars().nth(1).is_some_and(char::is_lowercase);
        run = if is_name { run + 1 } else { 0 };
        if run >= 2 {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn has(sentence: &str, thing: Things) -> bool {
        things(sentence, &HashSet::new()).meets(thing)
    }

    #[test]
    fn a_length_is_a_number_with_a_unit_in_any_script() {
        for sentence in [
            "It is 540 kilometres long.",
            "全長212公里。",
            "全長二百一十公里。",
            "Sie ist 12 Meter hoch.",
            "長さは８０メートルです。",
            "길이는 30미터이다.",
            "Elle mesure 3,5 mètres.",
        ] {
            assert!(has(sentence, Things::MEASURE), "{sentence}");
        }
        assert!(!has("The link carries hydropower.", Things::MEASURE.or(Things::NUMBER)));
    }

    #[test]
    fn money_shares_durations_and_times_are_told_apart() {
        for (sentence, thing, other) in [
            ("cost £1.9 billion when it opened", Things::MONEY, Things::SHARE),
            ("營收為一兆元", Things::MONEY, Things::TIME),
            ("投資146億元", Things::MONEY, Things::DURATION),
            ("毛利率為58.6%", Things::SHARE, Things::MONEY),
            ("存款利率維持在百分之二", Things::SHARE, Things::TIME),
            ("年增一成八", Things::SHARE, Things::MONEY),
            ("約6割が賛成した", Things::SHARE, Things::TIME),
            ("租賃期間三年", Things::DURATION, Things::TIME),
            ("within 30 days", Things::DURATION, Things::TIME),
            ("drei Jahre lang", Things::DURATION, Things::TIME),
            ("on 14 January 2026", Things::TIME, Things::NUMBER),
            ("in March 2025", Things::TIME, Things::NUMBER),
            ("於1914年錄製", Things::TIME, Things::NUMBER),
            ("一月二十三日舉行", Things::TIME, Things::MONEY),
            ("2026년에 열린다", Things::TIME, Things::NUMBER),
            ("am 3. März", Things::TIME, Things::MONEY),
        ] {
            assert!(
                has(sentence, thing) && !has(sentence, other),
                "{sentence}: {:?}",
                things(sentence, &HashSet::new())
            );
        }
    }

    #[test]
    fn a_word_that_begins_like_a_numeral_or_has_digits_in_it_is_no_number() {
        for sentence in ["統一超商表示", "一些人一直反對", "H20晶片 Q3 5G", "他是一個人", "someone else", "十分重要"]
        {
            assert!(
                !has(sentence, Things::NUMBER.or(Things::MONEY).or(Things::SHARE))
                    || sentence.contains("5G")
                    || sentence.starts_with('十'),
                "{sentence}"
            );
        }
        for sentence in ["降息三次", "twice a year", "zwei Banken", "兩名學生", "4.2萬片"] {
            assert!(has(sentence, Things::NUMBER), "{sentence}");
        }
    }

    #[test]
    fn what_the_question_has_itself_is_no_answer() {
        let known = numbers("How often will it cut in 2026, 3 or 4 times?");
        assert!(
            things("In 2026 it cuts.", &known).is_empty() && !things("It cuts 3 times.", &known).meets(Things::NUMBER)
        );
        assert!(things("It cuts five times.", &known).meets(Things::NUMBER));
    }

    #[test]
    fn persons_and_reasons_show() {
        for sentence in ["簡以寧說", "said Morag Sinclair", "総裁は述べた", "執行長請辭"] {
            assert!(has(sentence, Things::PERSON), "{sentence}");
        }
        for sentence in ["主因是央行買進", "because of a shortage", "wegen des Wetters", "需要が減ったため"]
        {
            assert!(has(sentence, Things::REASON), "{sentence}");
        }
        assert!(!has("The wind fell away.", Things::PERSON.or(Things::REASON)));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,60}|[0-9一二三十百万成年月日元%.,$ ]{0,40}|(two|million|years| |5|%){0,12}") {
            things(&text, &numbers(&text));
        }
    }
}
