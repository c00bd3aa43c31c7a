//! The verdict on a sentence, from the passages that come nearest to it.

use std::cmp::Ordering;

use super::evidence::Evidence;
use super::names::{NamedIn, OtherNames, Presence, names};
use super::{polarity, quotes};
use crate::passage::{Difference, DifferenceKind, Verdict};
use crate::quantities::{Agreement, Kind, Measure, Quantity, compare, quantities};
use crate::terms::language::{is_han, is_hangul, is_kana};

/// From which late-interaction score on a passage is about what a sentence says, if both are in one script.
const RELATED: f32 = 0.76;
/// The same for two scripts, whose scores are lower: three standard deviations below the mean of true translations.
const RELATED_ACROSS: f32 = 0.68;
/// The same for two scripts if the passage has few of the sentence's words in translation.
const RELATED_WITHOUT_WORDS: f32 = 0.715;
/// The least cosine of sentence and passage in that case. Unrelated everyday sentences often reach one of the two.
const SAME_SUBJECT: f32 = 0.76;
/// Fewer of a sentence's words are few. True translations that score below [`RELATED_WITHOUT_WORDS`] share .4 or more.
const FEW_WORDS: f32 = 0.35;
/// A little below that, another number in the place of one still tells more than that the sentence is unsupported.
const NEARLY: f32 = 0.02;
/// A passage that supports a sentence must not score lower than the best one by more than this, if that one contradicts.
const RIVAL: f32 = 0.05;

/// The verdict on a sentence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judgement {
    pub(crate) verdict: Verdict,
    /// How well the nearest support matches, from 0 to 1.
    pub(crate) score: f32,
    /// Indexes of the evidence, best first.
    pub(crate) support: Vec<usize>,
    pub(crate) differences: Vec<Difference>,
}

/// What one passage says of a sentence.
struct Assessment {
    at: usize,
    verdict: Verdict,
    score: f32,
    differences: Vec<Difference>,
}

/// What the lexicon and the documents know of a sentence's words.
#[derive(Clone, Copy)]
pub(crate) struct WordsKnown<'a> {
    pub(crate) other_names: OtherNames<'a>,
    /// The share of the sentence's words that a passage has in some language, from 0 to 1.
    pub(crate) share_in: &'a dyn Fn(&Evidence) -> f32,
}

/// Judges a sentence, in plain words, by its evidence. `is_citing` says that it cites documents of the collection; then
/// evidence of others only shows a misattribution.
pub(crate) fn judge(said: &str, is_citing: bool, evidence: &[Evidence], words: WordsKnown<'_>) -> Judgement {
    let claim = Claim::new(said);
    let mut all: Vec<Assessment> =
        evidence.iter().enumerate().map(|(at, evidence)| claim.assess(at, evidence, words)).collect();
    all.sort_by(by_merit);
    let is_own = |assessment: &Assessment| !is_citing || evidence[assessment.at].is_cited;
    let best = all.iter().find(|assessment| is_own(assessment));
    let elsewhere = all.iter().find(|assessment| !is_own(assessment) && assessment.verdict == Verdict::Supported);
    let chosen = match (best, elsewhere) {
        (Some(best), Some(other)) if best.verdict != Verdict::Supported && other.score + RIVAL >= best.score => {
            (other, Verdict::Misattributed)
        }
        (None, Some(other)) => (other, Verdict::Misattributed),
        (Some(best), _) => (best, best.verdict),
        (None, None) => match all.first() {
            Some(nearest) => (nearest, Verdict::Unsupported),
            None => {
                return Judgement {
                    verdict: Verdict::Unsupported,
                    score: 0.0,
                    support: Vec::new(),
                    differences: Vec::new(),
                };
            }
        },
    };
    let (chosen, verdict) = chosen;
    let others = all.iter().filter(|other| other.at != chosen.at && other.verdict == chosen.verdict);
    Judgement {
        verdict,
        score: chosen.score,
        support: std::iter::once(chosen.at).chain(others.map(|other| other.at)).collect(),
        differences: chosen.differences.clone(),
    }
}

/// Support first, unless a much nearer passage says otherwise; then the nearest.
fn by_merit(one: &Assessment, other: &Assessment) -> Ordering {
    let merit =
        |assessment: &Assessment| assessment.score + if assessment.verdict == Verdict::Supported { RIVAL } else { 0.0 };
    merit(other).total_cmp(&merit(one)).then(one.at.cmp(&other.at))
}

/// What a sentence says that must stand in its support.
struct Claim<'s> {
    said: &'s str,
    quantities: Vec<Quantity>,
    quotes: Vec<&'s str>,
    names: Vec<super::names::Name>,
}

impl<'s> Claim<'s> {
    fn new(said: &'s str) -> Self {
        let mut found = quantities(said);
        found.retain(|quantity| !quantity.is_weak);
        Self { said, quantities: found, quotes: quotes::literal(said), names: names(said) }
    }

    fn assess(&self, at: usize, evidence: &Evidence, words: WordsKnown<'_>) -> Assessment {
        let window = evidence.window_text();
        if quotes::has_words(self.said, evidence.passage_text()) {
            return Assessment { at, verdict: Verdict::Supported, score: 1.0, differences: Vec::new() };
        }
        let score = evidence.score.clamp(0.0, 1.0);
        let is_one_script = are_of_one_script(self.said, window);
        let related = match is_one_script {
            true => RELATED,
            false if (words.share_in)(evidence) >= FEW_WORDS => RELATED_ACROSS,
            false if evidence.cosine >= SAME_SUBJECT => RELATED_WITHOUT_WORDS,
            false => 1.0,
        };
        let mut differences = Vec::new();
        let contradicts = self.compare_quantities(evidence, &mut differences);
        let whole = std::cell::OnceCell::new();
        for quote in &self.quotes {
            // A translated quote is one if the source quotes somebody there.
            let is_translated = !are_of_one_script(quote, window) && quotes::has_any(window);
            if !is_translated && !quotes::stands(quote, whole.get_or_init(|| quotes::normal(&evidence.text))) {
                differences.push(Difference { kind: DifferenceKind::Quote, said: (*quote).to_owned(), stands: None });
            }
        }
        let named = NamedIn::new(&evidence.with_headings());
        for name in &self.names {
            if named.has(name, words.other_names) == Presence::Missing {
                differences.push(Difference { kind: DifferenceKind::Name, said: name.text.clone(), stands: None });
            }
        }
        let contrary = if is_one_script { polarity::contrary(self.said, window) } else { None };
        let is_contrary = contrary.is_some();
        differences.extend(contrary);
        let is_near = score >= related - NEARLY;
        let verdict = if is_near && (contradicts || is_contrary) {
            Verdict::Contradicted
        } else if score < related {
            Verdict::Unsupported
        } else if differences.is_empty() {
            Verdict::Supported
        } else {
            Verdict::Partly
        };
        Assessment { at, verdict, score, differences }
    }

    /// Adds the quantities that differ or are missing. Whether the passage has another one in the place of one of them.
    fn compare_quantities(&self, evidence: &Evidence, differences: &mut Vec<Difference>) -> bool {
        let window = evidence.window_text();
        let near = quantities(window);
        let far = quantities(evidence.passage_text());
        let around = quantities(&evidence.context());
        let mut is_used = vec![false; near.len()];
        let mut open = Vec::new();
        for said in &self.quantities {
            let is_same = |stands: &Quantity| compare(said, stands) == Agreement::Same;
            let unused = near.iter().enumerate().position(|(at, stands)| !is_used[at] && is_same(stands));
            match unused {
                Some(at) => is_used[at] = true,
                None => open.push(said),
            }
        }
        let mut contradicts = false;
        for said in open {
            let is_in = |all: &[Quantity]| all.iter().any(|stands| compare(said, stands) == Agreement::Same);
            // What stands there once is not said twice in the place of something else.
            let is_far = is_in(&far) || is_in(&around) || is_complete_elsewhere(said, &near, &far, &around);
            let rival = near
                .iter()
                .enumerate()
                .filter(|(at, stands)| !is_used[*at] && !stands.is_weak)
                .map(|(at, stands)| (at, stands, compare(said, stands)))
                .filter(|(.., agreement)| matches!(agreement, Agreement::Value | Agreement::Unit))
                .max_by_key(|(.., agreement)| *agreement);
            if is_far && rival.is_none_or(|(.., agreement)| agreement != Agreement::Value || is_common(said)) {
                continue;
            }
            let stands = rival.map(|(at, stands, _)| {
                is_used[at] = true;
                window.get(stands.span.range()).unwrap_or_default().to_owned()
            });
            if stands.is_none() && is_small_count(said) && !is_read(evidence.passage_text()) {
                continue;
            }
            contradicts |= stands.is_some();
            let kind = match rival {
                Some((.., Agreement::Unit)) => DifferenceKind::Unit,
                _ => kind_of(said),
            };
            let said = self.said.get(said.span.range()).unwrap_or_default().to_owned();
            differences.push(Difference { kind, said, stands });
        }
        contradicts
    }
}

/// Whether a date stands in the passage in parts: the day here, the year in the title.
fn is_complete_elsewhere(said: &Quantity, near: &[Quantity], far: &[Quantity], around: &[Quantity]) -> bool {
    let has_part = near.iter().chain(far).any(|stands| compare(said, stands) == Agreement::Partial);
    let year = said.readings.iter().find_map(|reading| match reading {
        Measure::Date(date) => date.year,
        _ => None,
    });
    let has_year = |all: &[Quantity]| {
        all.iter().flat_map(|quantity| &quantity.readings).any(|reading| match reading {
            Measure::Date(date) => date.year.is_some() && date.year == year,
            _ => false,
        })
    };
    has_part && (has_year(near) || has_year(far) || has_year(around))
}

fn kind_of(said: &Quantity) -> DifferenceKind {
    match said.readings.first() {
        Some(Measure::Amount(_)) | None => DifferenceKind::Number,
        Some(_) => DifferenceKind::Date,
    }
}

/// A plain small number: two people, three reasons. Texts have many of them.
fn is_common(said: &Quantity) -> bool {
    said.readings.iter().all(|reading| match reading {
        Measure::Amount(amount) => matches!(amount.kind, Kind::Count | Kind::Ordinal) && amount.value.abs() <= 4.0,
        _ => false,
    })
}

fn is_small_count(said: &Quantity) -> bool {
    said.readings.iter().any(|reading| match reading {
        Measure::Amount(amount) => matches!(amount.kind, Kind::Count | Kind::Ordinal) && amount.value.abs() <= 20.0,
        _ => false,
    })
}

/// Whether number words of the text's language are read.
fn is_read(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (mut read, mut other) = (0, 0);
    for c in letters {
        let is_known =
            is_han(c) || is_kana(c) || c.is_ascii() || matches!(c, '\u{80}'..='\u{24F}' | '\u{400}'..='\u{4FF}');
        if is_known { read += 1 } else { other += 1 }
    }
    read >= other
}

fn are_of_one_script(one: &str, other: &str) -> bool {
    let unspaced = |text: &str| {
        let (mut unspaced, mut letters) = (0, 0);
        for c in text.chars().filter(|c| c.is_alphabetic()) {
            letters += 1;
            unspaced += usize::from(is_han(c) || is_kana(c) || is_hangul(c));
        }
        unspaced * 3 > letters
    };
    unspaced(one) == unspaced(other)
}
