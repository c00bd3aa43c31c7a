//! The time of the documents that a question asks for: "latest", "last week", "since March", 最近, 去年.
//!
//! ```text
//! What is the latest fare?              the newest first
//! What did the ECB decide last week?    only documents of that week
//! What did a ticket cost in 2025?       documents of 2025 first; others that name it will do
//! Who expects a cut in 2027?            no such time: 2027 is what the question is about
//! ```

mod named;
mod phrases;
mod titles;
mod window;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::quantities::{Characters, Measure, Quantity, quantities};
use crate::terms::{language_of_question, question_terms};
use named::{Naming, named};
use phrases::{Phrases, Said, ends, is_unspaced, starts};
pub(super) use titles::Titles;
use window::Unit;
pub(super) use window::Window;

/// Seconds of the units in which [`quantities`] counts.
const DAY: f64 = 86_400.0;
/// More units are no time that somebody asks for.
const MOST_UNITS: f64 = 1_000.0;
/// A time that begins more years ago is what the question is about: "since 1950".
const MOST_YEARS: i16 = 3;
/// A month without a year that began more months ago is nearer in the next year.
const MOST_MONTHS: i32 = 9;

/// How documents of other times are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Newer ones come first.
    Newest,
    /// Those of the time come first.
    Preferred,
    /// Only those of the time answer.
    Required,
}

/// The time of the documents that a question asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AskedTime {
    /// The words that say so, as the question writes them.
    pub(super) words: String,
    pub(super) window: Window,
    pub(super) reach: Reach,
    /// Whether a phrase such as "this month" says it, and not the name of a year or a month.
    pub(super) is_phrase: bool,
    /// The question to search for: without the words, unless they are what it is about, too.
    pub(super) text: String,
}

/// A time in a text, by its characters.
struct Mention {
    start: usize,
    end: usize,
    said: What,
}

enum What {
    Newest,
    /// A unit before the present one, or the present one.
    Relative(Unit, i32),
    /// The last so many units.
    Past(Unit, i32),
    /// A year or a month.
    Named(Window, Naming),
}

/// The time that `question` asks documents from, counted from `today`.
///
/// Words that may mean something else ask for no time, or only prefer newer documents: a plain question stays as it is.
pub(super) fn asked(question: &str, today: Date) -> Option<AskedTime> {
    let text = Characters::new(question);
    let phrases = Phrases::of(language_of_question(question).as_deref());
    let titles = Titles::of(question);
    let asking = Asking {
        text: &text,
        phrases,
        today,
        is_forecast: phrases.is_forecast(&text),
        is_for_reports: phrases.asks_for_reports(&text),
    };
    let mut found: Vec<(u8, Found)> = mentions(&text, question, phrases, today)
        .iter()
        .filter(|mention| {
            let is_phrase = !matches!(mention.said, What::Named(..));
            !titles.has(text.span(mention.start, mention.end).range(), is_phrase)
        })
        .filter_map(|mention| asking.read(mention))
        .collect();
    // Times that are compared restrict nothing.
    let windows: Vec<Window> =
        found.iter().filter(|(_, found)| found.reach != Reach::Newest).map(|(_, found)| found.window).collect();
    if windows.iter().any(|window| *window != windows[0]) {
        found.retain(|(_, found)| found.reach == Reach::Newest);
    }
    let (_, best) = found.into_iter().max_by_key(|(rank, found)| (*rank, std::cmp::Reverse(found.start)))?;
    let Found { start, end, window, reach, naming } = best;
    let span = text.span(start, end);
    let words = question[span.range()].trim().to_owned();
    let without = match naming {
        Some(Naming::EraYear) => {
            let year = window.since.map_or(0, Date::year);
            Some(format!("{}{year}年{}", &question[..span.start], &question[span.end..]))
        }
        _ if reach != Reach::Required => None,
        _ => without(question, &text, start, end),
    };
    let is_phrase = naming.is_none();
    Some(AskedTime { words, window, reach, is_phrase, text: without.unwrap_or_else(|| question.to_owned()) })
}

/// A part of `question` with the time that the whole question asks documents from, if it has none itself.
pub(crate) fn part_in_time(question: &str, part: &str, today: Date) -> String {
    let required = asked(question, today).filter(|time| time.reach == Reach::Required);
    let Some(time) = required.filter(|_| asked(part, today).is_none()) else { return part.to_owned() };
    let mut words = time.words.chars();
    let words: String = words.next().into_iter().flat_map(char::to_lowercase).chain(words.as_str().chars()).collect();
    if part.contains(is_unspaced) {
        format!("{words}{part}")
    } else {
        let asked = part.trim_end_matches(['?', ' ']);
        format!("{asked} {words}{}", &part[asked.len()..])
    }
}

/// A reading of a mention.
struct Found {
    start: usize,
    end: usize,
    window: Window,
    reach: Reach,
    naming: Option<Naming>,
}

/// A question whose mentions are read.
struct Asking<'t> {
    text: &'t Characters,
    phrases: &'t Phrases,
    today: Date,
    is_forecast: bool,
    /// Whether it asks what happened or was said: only documents of the time can tell.
    is_for_reports: bool,
}

impl Asking<'_> {
    /// What a mention asks for, and how clearly it does.
    fn read(&self, mention: &Mention) -> Option<(u8, Found)> {
        let Self { text, phrases, today, is_forecast, is_for_reports } = *self;
        let (start, end) = (mention.start, mention.end);
        let found = |window, reach, naming| Found { start, end, window, reach, naming };
        // "the latest fare" is a time of documents, "the last week of the war" is none.
        let may_be_part =
            !matches!(mention.said, What::Newest | What::Named(_, Naming::Year | Naming::EraYear | Naming::Month));
        if may_be_part && phrases.is_part_of_more(text, start, end) {
            return None;
        }
        let is_recent = |window: &Window| window.since.is_some_and(|since| since.year() >= today.year() - MOST_YEARS);
        let window = match &mention.said {
            What::Newest if phrases.is_of_place(text, start) => return None,
            // "What did the ECB decide today?" asks for what is of this day.
            What::Newest if is_for_reports && phrases.is_today(text, start, end) => Window::of(Unit::Day, 0, today)?,
            What::Newest => return Some((1, found(Window::default(), Reach::Newest, None))),
            What::Past(unit, count) => {
                let window = Window::past(*unit, *count, today).filter(is_recent)?;
                return Some((3, found(window, Reach::Required, None)));
            }
            What::Relative(unit, back) => Window::of(*unit, *back, today)?,
            What::Named(window, _) => *window,
        };
        let if_reports = if is_for_reports { Reach::Required } else { Reach::Preferred };
        // "since March", 三月以來
        let behind = phrases.since_behind.iter().find_map(|word| starts(text, text.skip(end), word));
        let beside = behind.and_then(|_| ends(text, start, &phrases.since_beside));
        let before = ends(text, start, &phrases.since).or(beside);
        let is_past = window.since.is_some_and(|since| since <= today);
        if (before.is_some() || behind.is_some()) && is_past {
            let window = Some(window.open(true, today)).filter(is_recent)?;
            let (start, end) = (before.unwrap_or(start), behind.unwrap_or(end));
            return Some((4, Found { start, end, window, reach: if_reports, naming: None }));
        }
        match mention.said {
            What::Relative(_, 0) if is_forecast => None,
            What::Relative(Unit::Year, 0) => Some((2, found(window.open(false, today), Reach::Preferred, None))),
            What::Relative(_, 0) => Some((3, found(window.open(false, today), if_reports, None))),
            What::Newest | What::Relative(..) => Some((3, found(window.open(false, today), Reach::Required, None))),
            // A year or a month that is not over can be what the question is about.
            What::Named(_, naming) if !is_forecast && is_past => {
                let is_over = window.until.is_some_and(|until| until < today);
                let is_near = || {
                    let first = today.checked_sub(MOST_MONTHS.months()).ok();
                    is_for_reports || first.is_none_or(|first| window.since >= Some(first))
                };
                let is_asked = match naming {
                    Naming::Year => is_over,
                    Naming::EraYear => true,
                    Naming::Month => is_over && is_introduced(text, start, phrases),
                    Naming::BareMonth => is_over && is_introduced(text, start, phrases) && is_near(),
                    Naming::Other => false,
                };
                is_asked.then(|| (1, found(window, Reach::Preferred, Some(naming))))
            }
            _ => None,
        }
    }
}

/// Whether a month stands behind a word such as "in", or in a script that has none.
fn is_introduced(text: &Characters, start: usize, phrases: &Phrases) -> bool {
    phrases.within.is_empty() || ends(text, start, &phrases.within).is_some()
}

/// The question without the characters from `start` to `end`; `None` if nothing to search for is left.
fn without(question: &str, text: &Characters, start: usize, end: usize) -> Option<String> {
    let span = text.span(start, end);
    let (before, behind) = (&question[..span.start], &question[span.end..]);
    // "last week's decision"
    if behind.starts_with(['\'', '’']) {
        return None;
    }
    let behind = behind.strip_prefix(['的', 'の', '、', '，', ',']).unwrap_or(behind);
    let gap = if before.ends_with(|c: char| !is_unspaced(c)) { " " } else { "" };
    let rest = format!("{}{gap}{}", before.trim_end(), behind.trim_start());
    let rest = rest.replace(" ?", "?");
    let rest = rest.trim().trim_start_matches([',', '，', '、']).trim();
    let has_content = |text: &str| {
        let own: Vec<String> = question_terms(text);
        let all: Vec<String> = crate::terms::terms(text);
        // Without content its question words are its terms.
        own.len() < all.len() || own.len() > 2
    };
    (rest.contains(char::is_alphanumeric) && has_content(rest)).then(|| rest.to_owned())
}

/// The times in a text, in order.
fn mentions(text: &Characters, written: &str, phrases: &Phrases, today: Date) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    for place in phrases.find(text) {
        let said = match place.said {
            Said::Newest => What::Newest,
            Said::Back(unit, back) => What::Relative(unit, back),
            Said::Nothing => continue,
        };
        found.push(Mention { start: place.start, end: place.end, said });
    }
    let quantities = quantities(written);
    for quantity in &quantities {
        let (start, end) = (text.at_byte(quantity.span.start), text.at_byte(quantity.span.end));
        if let Some((unit, count)) = units(quantity) {
            if let Some(start) = ends(text, start, &phrases.past) {
                found.retain(|other| other.end <= start || other.start >= end);
                found.push(Mention { start, end, said: What::Past(unit, count) });
            }
            continue;
        }
        if !is_part_of_code(written, quantity.span.start)
            && let Some((window, naming)) = named(quantity, &quantities, written, today)
        {
            found.push(Mention { start, end, said: What::Named(window, naming) });
        }
    }
    found
}

/// Whether the number at `start` is part of a code, such as INC-1874 or #2025. "Mid-2025" is none.
fn is_part_of_code(text: &str, start: usize) -> bool {
    let before = &text[..start];
    let letter = before.strip_suffix(['-', '_', '/']).and_then(|before| before.chars().next_back());
    before.ends_with('#') || letter.is_some_and(|letter| letter.is_ascii_uppercase())
}

/// The number of days, weeks, months or years that a quantity is.
fn units(quantity: &Quantity) -> Option<(Unit, i32)> {
    quantity.readings.iter().find_map(|reading| {
        let Measure::Amount(amount) = reading else { return None };
        let unit = match amount.unit / DAY {
            _ if amount.kind != crate::quantities::Kind::Duration => return None,
            days if (0.99..1.01).contains(&days) => Unit::Day,
            days if (6.9..7.1).contains(&days) => Unit::Week,
            days if (29.0..31.0).contains(&days) => Unit::Month,
            days if (90.0..93.0).contains(&days) => Unit::Quarter,
            days if (364.0..367.0).contains(&days) => Unit::Year,
            _ => return None,
        };
        let count = (amount.value / amount.unit).round();
        (1.0..=MOST_UNITS).contains(&count).then_some((unit, count as i32))
    })
}

/// Whether a text names a time that lies in `window`, counted from `published`, the day on which it was written. Without that
/// day, only a year with its number is certain.
pub(super) fn names_time(text: &str, language: Option<&str>, published: Option<&str>, window: &Window) -> bool {
    let written = published.and_then(day);
    let Some(from) = written.or(window.until).or(window.since) else { return false };
    let characters = Characters::new(text);
    let is_month = window.is_within_a_month();
    mentions(&characters, text, Phrases::of(language), from).iter().any(|mention| {
        let named = match &mention.said {
            What::Named(window, Naming::Year | Naming::EraYear) => Some(*window),
            _ if written.is_none() => None,
            What::Relative(unit, back) => Window::of(*unit, *back, from),
            // "From March" in February is still to come.
            What::Named(_, Naming::BareMonth) if !is_month => None,
            What::Named(window, _) => Some(*window),
            What::Newest | What::Past(..) => None,
        };
        // What is still to come is no time of documents: "at the end of 2027".
        let has_begun = |named: &Window| named.since.is_some_and(|since| since <= from);
        named.is_some_and(|named| has_begun(&named) && window.covers(&named))
    })
}

/// The first day of a date that may be a month or a year alone.
fn day(published: &str) -> Option<Date> {
    let day = match published.len() {
        4 => format!("{published}-01-01"),
        7 => format!("{published}-01"),
        _ => published.get(..10)?.to_owned(),
    };
    day.parse().ok()
}

#[cfg(test)]
mod tests;
