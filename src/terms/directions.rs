//! Words of direction: more and less, rise and fall, won and lost.

use std::collections::HashSet;

use super::fold;
use super::language::{is_han, is_hangul, is_kana};

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
            "steigen",
            "erhoht",
            "erhohte",
            "erhohen",
            "angehoben",
            "zugenommen",
            "wuchs",
            "gewachsen",
            "teurer",
            "hoher",
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
            "sinkt",
            "sinken",
            "senkt",
            "senken",
            "senkte",
            "gesenkt",
            "gefallen",
            "reduziert",
            "verringert",
            "billiger",
            "gunstiger",
            "niedriger",
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

/// A word of direction in one text that the other lacks, and one of the opposite direction there: "rose" and "fell".
pub(crate) fn opposites(one: &str, other: &str) -> Option<(&'static str, &'static str)> {
    let (one, other) = (Words::new(one), Words::new(other));
    for (up, down) in DIRECTIONS {
        for (this, opposite) in [(up, down), (down, up)] {
            let found = (one.first_of(this), one.first_of(opposite), other.first_of(this), other.first_of(opposite));
            if let (Some(word), None, None, Some(against)) = found {
                return Some((word, against));
            }
        }
    }
    None
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
