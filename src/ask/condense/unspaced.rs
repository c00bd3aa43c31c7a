//! The parts of an earlier question in Chinese or Japanese. Nothing separates its words, so it is cut at words that ask, at
//! particles and at times, and what is left between them are its parts.

use std::ops::Range;

use super::slots::Slots;
use super::words::{ASKING_UNSPACED, CUTTING, MEASURING, PERSON_UNSPACED, UNCUT};
use crate::terms::language::is_kana;
use crate::terms::{fold, words};

/// A text, folded character by character, so that places in it can be found in the original.
pub(super) struct Folded {
    /// The characters' starts in the original, and its end.
    starts: Vec<usize>,
    pub(super) chars: Vec<char>,
}

impl Folded {
    pub(super) fn of(text: &str) -> Self {
        let folded = |c: char| {
            let folded = fold(c.encode_utf8(&mut [0; 4]));
            let mut chars = folded.chars();
            // What folds to several characters, or to none, is no Chinese.
            chars.next().filter(|_| chars.next().is_none()).unwrap_or(c)
        };
        Self {
            starts: text.char_indices().map(|(start, _)| start).chain([text.len()]).collect(),
            chars: text.chars().map(folded).collect(),
        }
    }

    pub(super) fn bytes(&self, chars: &Range<usize>) -> Range<usize> {
        self.starts[chars.start]..self.starts[chars.end]
    }

    /// The longest word of `list` that stands at this place, in characters.
    pub(super) fn at(&self, place: usize, list: &[&str]) -> Option<usize> {
        let rest = &self.chars[place..];
        let stands = |word: &&&str| word.chars().count() <= rest.len() && word.chars().zip(rest).all(|(a, b)| a == *b);
        list.iter().filter(stands).map(|word| word.chars().count()).max()
    }
}

/// A part of a question, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Words that ask.
    Asks(Range<usize>),
    Time(Range<usize>),
    /// What a particle, a verb or a mark does not cut.
    Chunk(Range<usize>),
    /// Another cut.
    Cut(Range<usize>),
}

fn parts(text: &Folded) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut at, mut chunk) = (0, 0);
    let is_japanese = text.chars.iter().any(|c| matches!(c, '\u{3041}'..='\u{309F}'));
    while at < text.chars.len() {
        let c = text.chars[at];
        let is_mark = !c.is_alphanumeric() && !matches!(c, '\'' | '-' | '&' | '.' | '・');
        let hiragana =
            text.chars[at..].iter().take_while(|c| is_japanese && matches!(c, '\u{3041}'..='\u{309F}')).count();
        // One that begins earlier and goes beyond this place: 準會 around 會.
        let is_uncut =
            (at.saturating_sub(2)..=at).any(|start| text.at(start, UNCUT).is_some_and(|length| start + length > at));
        let cut = if let Some(length) = time(text, at) {
            Part::Time(at..at + length)
        } else if let Some(length) = text.at(at, ASKING_UNSPACED) {
            Part::Asks(at..at + length)
        } else if hiragana > 0 {
            Part::Cut(at..at + hiragana)
        } else if let Some(length) = text.at(at, CUTTING).filter(|_| !is_uncut && !is_kana(c)) {
            Part::Cut(at..at + length)
        } else if is_mark {
            Part::Cut(at..at + 1)
        } else {
            at += 1;
            continue;
        };
        if chunk < at {
            parts.push(Part::Chunk(chunk..at));
        }
        let (Part::Asks(range) | Part::Time(range) | Part::Chunk(range) | Part::Cut(range)) = &cut;
        at = range.end;
        chunk = at;
        parts.push(cut);
    }
    if chunk < at {
        parts.push(Part::Chunk(chunk..at));
    }
    parts
}

const RELATIVE_TIMES: &[&str] = &[
    "上半年",
    "下半年",
    "上个月",
    "这个月",
    "下个月",
    "上季度",
    "本季度",
    "上季",
    "本季",
    "下季",
    "去年",
    "今年",
    "明年",
    "前年",
    "后年",
    "上月",
    "本月",
    "下月",
    "上周",
    "本周",
    "下周",
    "今天",
    "昨天",
    "明天",
    "昨日",
    "今日",
    "年底",
    "年初",
    "来年",
    "昨年",
    "今期",
    "来期",
    "前期",
    "翌年",
];

/// The length of a time that begins at this place: 2026年, 七月, 十月三日, 第三季, 去年.
pub(super) fn time(text: &Folded, at: usize) -> Option<usize> {
    if let Some(length) = text.at(at, RELATIVE_TIMES) {
        return Some(length);
    }
    let before = at.checked_sub(1).map(|before| text.chars[before]);
    let is_digit = |c: char| c.is_ascii_digit() || "〇零一二三四五六七八九十百".contains(c);
    let mut end = at;
    if text.chars[at] == '第' {
        end += 1;
    } else if before.is_some_and(|c| is_digit(c) || c.is_ascii_alphabetic()) {
        return None;
    } else if text.chars[at] == 'q' && text.chars.get(at + 1).is_some_and(|c| matches!(c, '1'..='4')) {
        return Some(2);
    }
    let begins_unit = |at: usize| text.at(at, &["四半期"]).is_some();
    let digits = (end..text.chars.len()).take_while(|at| is_digit(text.chars[*at]) && !begins_unit(*at)).count();
    end += digits;
    let unit = (end < text.chars.len())
        .then(|| text.at(end, &["四半期", "季度", "季", "年度", "年", "月份", "月", "日", "号"]))
        .flatten()?;
    (digits > 0).then_some(end + unit - at)
}

/// Question words behind which the subject can stand: "為什麼電池廠…".
const BEFORE_A_SUBJECT: &[&str] = &["为什么", "为何", "请问", "什么时候", "何时", "如何", "怎么", "なぜ", "いつ"];

/// The parts of a question.
pub(super) fn slots(question: &str) -> Slots {
    let text = Folded::of(question);
    let parts = parts(&text);
    let asks_for_a_person =
        parts.iter().any(|part| matches!(part, Part::Asks(range) if text.at(range.start, PERSON_UNSPACED).is_some()))
            || question.contains("誰");
    let mut chunks: Vec<Range<usize>> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Chunk(range) => Some(range.clone()),
            _ => None,
        })
        .collect();
    let content: Vec<Range<usize>> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Chunk(range) | Part::Time(range) => Some(text.bytes(range)),
            _ => None,
        })
        .collect();
    // "Who bought X", "which bank expects X": what stands behind the question word is a verb, or says what is asked for.
    if let Some(Part::Asks(asked)) = parts.iter().find(|part| !matches!(part, Part::Cut(_) | Part::Time(_)))
        && let Some(first) = chunks.first().cloned()
        && first.start == asked.end
        && text.at(asked.start, BEFORE_A_SUBJECT) != Some(asked.len())
        && chunks.len() > 1
    {
        chunks.remove(0);
    }
    let times = parts
        .iter()
        .filter_map(|part| if let Part::Time(range) = part { Some(text.bytes(range)) } else { None })
        .collect();
    let Some(first) = chunks.first().cloned() else {
        return Slots { times, asks_for_a_person, content, ..Slots::default() };
    };
    let place = |chunk: &Range<usize>| parts.iter().position(|part| *part == Part::Chunk(chunk.clone()));
    let measures = |chunk: &Range<usize>| {
        let behind = place(chunk).and_then(|place| parts.get(place + 1));
        matches!(behind, Some(Part::Asks(range)) if text.at(range.start, MEASURING).is_some_and(|length| length == range.len()))
    };
    // "航程多久": the last word is the property.
    let (subject, property) = match chunks.get(1) {
        None if measures(&first) => split_last_word(question, &text, &first),
        second => (first.clone(), second.cloned()),
    };
    Slots {
        subject: Some(text.bytes(&subject)),
        property: property.map(|range| text.bytes(&range)),
        times,
        asks_for_a_person,
        content,
    }
}

/// A chunk without its last word, and that word. A word has two characters at least.
fn split_last_word(question: &str, text: &Folded, chunk: &Range<usize>) -> (Range<usize>, Option<Range<usize>>) {
    let bytes = text.bytes(chunk);
    let last = words(&question[bytes]).last().map_or(0, |word| word.chars().count()).max(2);
    if last + 2 > chunk.len() {
        return (chunk.clone(), None);
    }
    let cut = chunk.end - last;
    (chunk.start..cut, Some(cut..chunk.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_comes_first_and_its_property_behind() {
        for (question, subject, property) in [
            ("歐洲央行的存款利率是多少?", "歐洲央行", Some("存款利率")),
            ("聯發科第二季營收多少?", "聯發科", Some("營收")),
            ("新渡輪航程多久?", "新渡輪", Some("航程")),
            ("为什么电池厂扩建被驳回?", "电池厂扩建", Some("驳回")),
            ("誰預期聯準會2026年會降息?", "聯準會", Some("降息")),
            ("哪家銀行預期日銀升息?", "日銀升息", None),
            ("GB300什麼時候出貨?", "GB300", Some("出貨")),
            ("欧州中央銀行の預金金利は何％ですか？", "欧州中央銀行", Some("預金金利")),
            ("トヨタの営業利益はいくらですか？", "トヨタ", Some("営業利益")),
            ("東勢圖書館幾點關門?", "東勢圖書館", Some("點關門")),
        ] {
            let slots = slots(question);
            let part = |range: Option<Range<usize>>| range.map(|range| &question[range]);
            assert_eq!((part(slots.subject), part(slots.property)), (Some(subject), property), "{question}");
        }
        assert_eq!(slots("誰?").subject, None);
    }

    #[test]
    fn times_are_found_in_words_and_digits() {
        for (text, times) in [
            ("聯發科第二季營收多少?", vec!["第二季"]),
            ("鴻海七月", vec!["七月"]),
            ("2026年十二月二十日", vec!["2026年", "十二月", "二十日"]),
            ("去年Q3", vec!["去年", "Q3"]),
            ("第3四半期の売上は？", vec!["第3四半期"]),
            ("三商壽與四川", vec![]),
        ] {
            let slots = slots(text);
            assert_eq!(slots.times.iter().map(|range| &text[range.clone()]).collect::<Vec<_>>(), times, "{text}");
        }
    }
}
