//! Reads numbers in words: `twenty-three`, `one and a half million`, `two thirds`, `dreiundzwanzig`, `vingt-trois`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::characters::Characters;
use super::number::{Figure, Form, Number, Writing};
use crate::terms::fold;

/// Numbers below a hundred. A word that means something else in another language is in no line.
const SMALL: &[(u32, &str)] = &[
    (0, "zero null zéro ноль"),
    (1, "one eins"),
    (2, "two zwei deux dos duas dois twee два две due два"),
    (3, "three drei trois tres três tre drie три"),
    (4, "four vier quatre cuatro quatro quattro четыре четырех"),
    (5, "five fünf cinq cinco cinque vijf пять"),
    (6, "six sechs seis zes шесть"),
    (7, "seven sieben siete sete sette zeven семь"),
    (8, "eight huit ocho oito otto восемь acht"),
    (9, "nine neun neuf nueve девять negen"),
    (10, "ten zehn dix diez dez dieci tien десять"),
    (11, "eleven elf onze undici одиннадцать"),
    (12, "twelve zwölf douze doce dodici twaalf двенадцать"),
    (13, "thirteen dreizehn treize trece dertien"),
    (14, "fourteen vierzehn quatorze catorce veertien"),
    (15, "fifteen fünfzehn quinze quince vijftien"),
    (16, "sixteen sechzehn seize dieciséis zestien"),
    (17, "seventeen siebzehn diecisiete"),
    (18, "eighteen achtzehn dieciocho"),
    (19, "nineteen neunzehn diecinueve"),
    (20, "twenty zwanzig vingt veinte vinte venti двадцать twintig"),
    (30, "thirty dreißig dreissig trente treinta trinta trenta тридцать dertig"),
    (40, "forty vierzig quarante cuarenta quarenta сорок"),
    (50, "fifty fünfzig cinquante cincuenta cinquenta cinquanta пятьдесят"),
    (60, "sixty sechzig soixante sesenta sessenta sessanta шестьдесят"),
    (70, "seventy siebzig setenta settanta семьдесят"),
    (80, "eighty achtzig ochenta oitenta ottanta восемьдесят"),
    (90, "ninety neunzig noventa novanta девяносто"),
];

const ORDINALS: &[(u32, &str)] = &[
    (1, "first erste ersten erster premier première primero primera"),
    (2, "zweite zweiten zweiter deuxième segundo segunda"),
    (3, "third thirds dritte dritten dritter troisième tercero tercera"),
    (4, "fourth vierte vierten vierter quatrième cuarto cuarta"),
    (5, "fifth fifths fünfte fünften fünfter cinquième quinto quinta"),
    (6, "sixth sixths sechste sechsten sechster sixième sexto sexta"),
    (7, "seventh sevenths siebte siebten siebter septième séptimo séptima"),
    (8, "eighth eighths achte achten achter huitième octavo octava"),
    (9, "ninth ninths neunte neunten neunter neuvième noveno novena"),
    (10, "tenth tenths zehnte zehnten zehnter dixième décimo décima"),
    (11, "eleventh"),
    (12, "twelfth"),
    (13, "thirteenth"),
    (14, "fourteenth"),
    (15, "fifteenth"),
    (16, "sixteenth"),
    (17, "seventeenth"),
    (18, "eighteenth"),
    (19, "nineteenth"),
    (20, "twentieth"),
    (30, "thirtieth"),
    (40, "fortieth"),
    (50, "fiftieth"),
    (60, "sixtieth"),
    (100, "hundredth hundredths"),
];

/// Words for shares of a whole.
const SHARES: &[(f64, &str)] = &[
    (0.5, "half halves halb halbe halbes hälfte moitié mitad metade metà helft половина половину половины setengah"),
    (1.0 / 3.0, "drittel tiers"),
    (0.25, "quarter viertel"),
    (0.2, "fünftel"),
    (0.1, "zehntel"),
];
const MULTIPLES: &[(f64, &str)] = &[
    (
        2.0,
        "twice double doubled doubles doubling doppelt doppelte verdoppelt verdoppelte doublé duplicó duplicado twofold",
    ),
    (3.0, "thrice triple tripled triples tripling dreifache verdreifacht triplé triplicó threefold"),
    (4.0, "quadruple quadrupled vierfache fourfold"),
    (5.0, "quintupled fivefold fünffache"),
    (10.0, "tenfold zehnfache"),
];
const ARTICLES: &[&str] = &["a", "an", "one", "ein", "eine", "einem", "einer", "un", "une", "una", "um", "uma"];
const JOINTS: &[&str] = &["and", "und", "et", "y", "e"];

#[derive(Clone, Copy)]
enum Word {
    Small(u32),
    Ordinal(u32),
    Share(f64),
    Times(f64),
    Scale(f64),
}

static WORDS: LazyLock<HashMap<String, Word>> = LazyLock::new(|| {
    fn each<T: Copy>(
        rows: &'static [(T, &'static str)],
        word: impl Fn(T) -> Word + Copy,
    ) -> impl Iterator<Item = (String, Word)> {
        rows.iter().flat_map(move |(value, names)| names.split_whitespace().map(move |name| (fold(name), word(*value))))
    }
    const SCALES: &[(f64, &str)] = &[
        (100.0, "hundred hundreds hundert"),
        (1e3, "thousand thousands tausend mille mil"),
        (1e6, "million millions millionen millones"),
        (1e9, "billion billions milliarden milliards"),
        (1e12, "trillion trillions"),
        (12.0, "dozen dozens"),
    ];
    let mut words: HashMap<String, Word> = each(ORDINALS, Word::Ordinal).collect();
    words.extend(each(SMALL, Word::Small));
    words.extend(each(SHARES, Word::Share));
    words.extend(each(MULTIPLES, Word::Times));
    words.extend(each(SCALES, Word::Scale));
    words
});

/// The word at `at` and its end.
fn word_at(text: &Characters, at: usize) -> Option<(Word, usize)> {
    let end = text.word_end(at);
    let word = text.text(at, end);
    if word.is_empty() {
        return None;
    }
    WORDS.get(&word).map(|word| (*word, end)).or_else(|| Some((Word::Small(german(&word)?), end)))
}

/// `dreiundzwanzig`
fn german(word: &str) -> Option<u32> {
    let (ones, tens) = word.split_once("und")?;
    let small = |word: &str| match WORDS.get(word) {
        Some(Word::Small(value)) => Some(*value),
        _ => (word == "ein").then_some(1),
    };
    let (ones, tens) = (small(ones)?, small(tens)?);
    (ones < 10 && tens >= 20).then_some(tens + ones)
}

/// The start of the next word of a number: behind a space or a hyphen, and `and`.
fn next_word(text: &Characters, end: usize) -> Option<usize> {
    let start = match text.get(end)? {
        '-' | '‐' | '\u{2011}' => end + 1,
        ' ' => text.skip(end),
        _ => return None,
    };
    let word_end = text.word_end(start);
    if JOINTS.contains(&text.text(start, word_end).as_str()) { Some(text.skip(word_end)) } else { Some(start) }
}

/// The number in words that starts at `at`, where a word must start.
pub(super) fn words(text: &Characters, at: usize) -> Option<Number> {
    let first_end = text.word_end(at);
    let is_article = ARTICLES.contains(&text.text(at, first_end).as_str());
    if is_article {
        let behind = text.skip(first_end).max(first_end + usize::from(text.get(first_end) == Some('-')));
        let (word, end) = word_at(text, behind).unwrap_or((Word::Small(1), first_end));
        match word {
            Word::Scale(_) | Word::Share(_) | Word::Ordinal(3..) if end > behind => {
                return Some(continued(text, 1.0, first_end, true));
            }
            _ if text.text(at, first_end) != "one" => return None,
            _ => {}
        }
    }
    match word_at(text, at)? {
        (Word::Small(value), end) => Some(continued(text, f64::from(value), end, value == 1)),
        (Word::Ordinal(value), end) => {
            let number = Number::new(Figure::whole(f64::from(value)), end, Writing::Words);
            Some(Number { form: Form::Ordinal, is_weak: value == 1, ..number })
        }
        (Word::Share(value), end) => Some(share(value, end)),
        (Word::Times(value), end) => {
            let number = Number::new(Figure::whole(value), end, Writing::Words);
            Some(Number { form: Form::Times, ..number })
        }
        // "hundreds of", "millions of": how many is not said.
        (Word::Scale(_), _) => None,
    }
}

fn share(value: f64, end: usize) -> Number {
    let number = Number::new(Figure::new(value, 0.005), end, Writing::Words);
    Number { form: Form::Share, ..number }
}

/// The number that starts with `value` in words, which end at `end`.
fn continued(text: &Characters, value: f64, mut end: usize, mut is_one: bool) -> Number {
    let (mut total, mut section) = (0.0, value);
    let mut step: f64 = 1.0;
    while let Some(start) = next_word(text, end) {
        let is_joined = start > text.skip(end) + 1;
        // `two and a half`
        if let Some((Word::Share(part), half_end)) = after_article(text, start).filter(|_| is_joined) {
            section += part;
            (end, step, is_one) = (half_end, 0.1, false);
            continue;
        }
        let Some((word, word_end)) = word_at(text, start) else { break };
        match word {
            Word::Small(small) if section >= 20.0 && section % 10.0 == 0.0 && small < 10 && section < 100.0 => {
                section += f64::from(small);
            }
            Word::Small(small) if section >= 100.0 && section % 100.0 == 0.0 || section == 0.0 => {
                section += f64::from(small);
                step = 1.0;
            }
            Word::Scale(100.0) if section < 100.0 => {
                section *= 100.0;
                step = 100.0;
            }
            Word::Scale(factor) if section < factor => {
                total += section * factor;
                (section, step) = (0.0, factor * step.min(1.0));
            }
            Word::Ordinal(ordinal) if section >= 20.0 && ordinal < 10 && section % 10.0 == 0.0 => {
                let number = Number::new(Figure::whole(total + section + f64::from(ordinal)), word_end, Writing::Words);
                return Number { form: Form::Ordinal, ..number };
            }
            // `two thirds`, `three quarters`
            Word::Ordinal(below @ 3..) if total == 0.0 && section <= f64::from(below) => {
                return share(section / f64::from(below), word_end);
            }
            Word::Share(part) if total == 0.0 => return share(section * part, word_end),
            _ => break,
        }
        is_one = false;
        end = word_end;
    }
    if total == 0.0
        && let Some(word_end) = quarters(text, end)
    {
        return share(section / 4.0, word_end);
    }
    let half_step = 0.5 * if section > 0.0 || total == 0.0 { step.min(1.0) } else { step };
    let number = Number::new(Figure::new(total + section, half_step), end, Writing::Words);
    Number { is_weak: is_one, ..number }
}

/// `three quarters of`: as a time of year it is the unit of a duration.
fn quarters(text: &Characters, end: usize) -> Option<usize> {
    let start = next_word(text, end)?;
    let word_end = text.word(start, "quarters")?;
    text.word(text.skip(word_end), "of").map(|_| word_end)
}

fn after_article(text: &Characters, start: usize) -> Option<(Word, usize)> {
    let end = text.word_end(start);
    let is_article = ARTICLES.contains(&text.text(start, end).as_str());
    word_at(text, if is_article { text.skip(end) } else { start })
}
