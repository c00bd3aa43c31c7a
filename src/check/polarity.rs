//! Whether a sentence says the contrary of one that has nearly the same words: a "not" more or less, "rose" for "fell".

use std::collections::HashSet;

use crate::passage::{Difference, DifferenceKind};
use crate::terms::language::{is_han, is_hangul, is_kana};
use crate::terms::{fold, terms};

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

/// Words for more and words for less, folded: stems of alphabets, and words of Chinese.
const DIRECTIONS: [(&[&str], &[&str]); 6] = [
    (
        &[
            "rise",
            "rose",
            "risen",
            "rises",
            "rising",
            "increase",
            "increased",
            "increases",
            "grew",
            "grow",
            "grown",
            "growth",
            "gain",
            "gained",
            "climbed",
            "climb",
            "raised",
            "raise",
            "hike",
            "hiked",
            "higher",
            "expanded",
            "stieg",
            "steigt",
            "gestiegen",
            "augmente",
            "augmenté",
            "subio",
            "aumento",
            "上升",
            "增加",
            "成长",
            "上涨",
            "上扬",
            "攀升",
            "调升",
            "提高",
            "升息",
            "走高",
            "扩大",
            "增长",
            "升至",
            "涨至",
            "年增",
            "月增",
            "季增",
            "上昇",
            "値上",
        ],
        &[
            "fall",
            "fell",
            "fallen",
            "falls",
            "falling",
            "decrease",
            "decreased",
            "decreases",
            "declined",
            "decline",
            "drop",
            "dropped",
            "shrank",
            "lowered",
            "lower",
            "cut",
            "cuts",
            "reduced",
            "reduce",
            "fiel",
            "fallt",
            "gesunken",
            "sank",
            "diminue",
            "bajo",
            "disminuyo",
            "下降",
            "减少",
            "衰退",
            "下跌",
            "下滑",
            "调降",
            "降低",
            "降息",
            "走低",
            "缩小",
            "降至",
            "跌至",
            "年减",
            "月减",
            "季减",
            "低下",
            "値下",
        ],
    ),
    (&["more", "mehr", "多于", "超过", "高于", "逾"], &["less", "fewer", "weniger", "少于", "不到", "低于", "不足"]),
    (&["before", "prior", "以前", "之前"], &["after", "以后", "之后"]),
    (
        &["largest", "biggest", "highest", "most", "最大", "最高", "最多"],
        &["smallest", "lowest", "least", "最小", "最低", "最少"],
    ),
    (&["won", "win", "defeated", "beat", "击败", "获胜", "赢得"], &["lost", "lose", "落败", "输给", "败给"]),
    (
        &["approved", "passed", "accept", "accepted", "通过", "批准", "同意"],
        &["rejected", "reject", "refused", "否决", "驳回", "反对"],
    ),
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
    let (said, stands) = (Words::new(said), Words::new(stands));
    for (up, down) in DIRECTIONS {
        for (one, other) in [(up, down), (down, up)] {
            let (said_one, said_other) = (said.first_of(one), said.first_of(other));
            let (stands_one, stands_other) = (stands.first_of(one), stands.first_of(other));
            if let (Some(said), None, None, Some(stands)) = (said_one, said_other, stands_one, stands_other) {
                return Some(Difference {
                    kind: DifferenceKind::Direction,
                    said: said.to_owned(),
                    stands: Some(stands.to_owned()),
                });
            }
        }
    }
    None
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

/// A folded text, in which words are looked for: whole words of alphabets, characters of other writing anywhere.
struct Words {
    folded: String,
    words: HashSet<String>,
}

impl Words {
    fn new(text: &str) -> Self {
        let folded = fold(text);
        let words = folded.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
        Self { folded, words }
    }

    fn first_of<'w>(&self, words: &[&'w str]) -> Option<&'w str> {
        words
            .iter()
            .copied()
            .find(|word| if is_unspaced_word(word) { self.folded.contains(word) } else { self.words.contains(*word) })
    }
}

fn is_unspaced_word(word: &str) -> bool {
    word.contains(|c| is_han(c) || is_kana(c) || is_hangul(c))
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
