//! Whether a sentence says the contrary of one that has nearly the same words: a "not" more or less, "rose" for "fell".

use std::collections::HashSet;

use crate::passage::{Difference, DifferenceKind};
use crate::terms::{fold, opposites, terms};

/// The share of a sentence's terms that the other must have, so that a missing "not" is the difference between them.
const SHARED_FROM: f32 = 0.6;
/// The share of a clause's terms that the sentence must have, so that the clause is what the sentence repeats.
const CLAUSE_FROM: f32 = 0.4;

/// Words that deny, folded.
const NEGATIONS: &[&str] = &[
    "not",
    "no",
    "never",
    "cannot",
    "without",
    "nor",
    "neither",
    "n't",
    "nicht",
    "kein",
    "keine",
    "keinen",
    "keiner",
    "nie",
    "niemals",
    "pas",
    "jamais",
    "aucun",
    "aucune",
    "nunca",
    "jamas",
    "ninguno",
    "ninguna",
    "sin",
    "nao",
    "non",
    "mai",
    "niet",
    "geen",
    "nooit",
    "не",
    "нет",
    "никогда",
];
/// Characters and endings that deny in writing without spaces, folded.
const UNSPACED_NEGATIONS: &[&str] =
    &["不", "没", "未", "无", "并非", "非", "别", "勿", "ない", "ません", "なかった", "않", "못", "없", "아니"];
/// Words with such a character that deny nothing, folded.
const NO_NEGATIONS: &[&str] = &[
    "不过",
    "不仅",
    "不但",
    "不只",
    "不断",
    "不同",
    "不久",
    "不管",
    "不论",
    "不然",
    "不少",
    "不得不",
    "不得",
    "不锈",
    "不动产",
    "不如",
    "不止",
    "不单",
    "不禁",
    "不妨",
    "差不多",
    "无论",
    "无线",
    "无数",
    "无人机",
    "无非",
    "非常",
    "非洲",
    "南非",
    "北非",
    "东非",
    "西非",
    "除非",
    "是非",
    "非法",
    "非营利",
    "未来",
    "未婚",
    "特别",
    "分别",
    "个别",
    "区别",
    "级别",
    "性别",
    "别墅",
    "别人",
    "告别",
    "识别",
    "类别",
    "没收",
    "沉没",
    "淹没",
    "出没",
];

/// The difference between `said` and `stands` if they have nearly the same words and one says the contrary.
pub(super) fn contrary(said: &str, stands: &str) -> Option<Difference> {
    let said_terms: HashSet<String> = terms(said).into_iter().collect();
    let aligned: Vec<&str> = clauses(stands)
        .filter(|clause| share(&terms(clause).into_iter().collect(), &said_terms) >= CLAUSE_FROM)
        .collect();
    let aligned = aligned.join(" ");
    let stands_terms: HashSet<String> = terms(&aligned).into_iter().collect();
    if said_terms.is_empty() || share(&said_terms, &stands_terms) < SHARED_FROM {
        return None;
    }
    let (said_not, stands_not) = (negations(said), negations(&aligned));
    if said_not.len() != stands_not.len() {
        let extra = |more: &[String], less: &[String]| {
            more.iter().find(|word| !less.contains(word)).or(more.first()).cloned().unwrap_or_default()
        };
        return Some(Difference {
            kind: DifferenceKind::Negation,
            said: if said_not.len() > stands_not.len() { extra(&said_not, &stands_not) } else { said.to_owned() },
            stands: (stands_not.len() > said_not.len()).then(|| extra(&stands_not, &said_not)),
        });
    }
    turned(said, &aligned)
}

/// "rose" for "fell": a word of one side that the other does not have, and one of the opposite side there.
pub(super) fn turned(said: &str, stands: &str) -> Option<Difference> {
    let (said, stands) = opposites(said, stands)?;
    let stands = Some(stands.to_owned());
    Some(Difference { kind: DifferenceKind::Direction, said: said.to_owned(), stands })
}

fn share(of: &HashSet<String>, others: &HashSet<String>) -> f32 {
    of.intersection(others).count() as f32 / of.len().max(1) as f32
}

/// The parts of a text between its marks. A mark between two digits is part of a number.
fn clauses(text: &str) -> impl Iterator<Item = &str> {
    const MARKS: [char; 11] = [',', ';', '，', '；', '。', '：', '、', '\n', '.', '!', '！'];
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let is_inside = move |at: usize, mark: &str| {
        is_digit(text[..at].chars().next_back()) && is_digit(text[at + mark.len()..].chars().next())
    };
    let mut start = 0;
    let ends: Vec<usize> = text
        .match_indices(MARKS)
        .filter(|(at, mark)| !is_inside(*at, mark))
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    ends.into_iter()
        .map(move |end| text[std::mem::replace(&mut start, end)..end].trim_start_matches(MARKS).trim())
        .filter(|clause| !clause.is_empty())
}

/// The words that deny in a text.
fn negations(text: &str) -> Vec<String> {
    let mut folded = fold(text).replace('’', "'").replace("n't", " n't ");
    for word in NO_NEGATIONS {
        folded = folded.replace(word, " ");
    }
    // "None of them" denies; "by four votes to none" counts.
    folded = folded.replace("none of", " not ");
    let mut found: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| NEGATIONS.contains(word))
        .map(str::to_owned)
        .collect();
    for sign in UNSPACED_NEGATIONS {
        found.extend(folded.matches(sign).map(str::to_owned));
        // 并非 is one denial, not two.
        folded = folded.replace(sign, " ");
    }
    found
}
