//! Orders that Footnote does not follow: to write something of one's own, to summarise everything, to translate. Answered with
//! the nearest quote, they would look misunderstood.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::terms::fold;
use crate::terms::language::{is_han, is_hangul, is_kana};

const TABLE: &str = include_str!("orders.toml");
/// A longer message says more than an order.
const MAX_CHARS: usize = 200;
/// So many words may stand between a verb and what is to be made: "write me a very short and funny poem".
const MAX_WORDS_BETWEEN: usize = 7;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    polite: Vec<String>,
    write: Vec<String>,
    works: Vec<String>,
    summarise: Vec<String>,
    whole: Vec<String>,
    translate: Vec<String>,
    /// Only in languages with spaces.
    #[serde(default)]
    this: Vec<String>,
}

/// Whether a message is an order that is not followed.
pub(super) fn is_order(text: &str) -> bool {
    if text.chars().count() > MAX_CHARS {
        return false;
    }
    let spaced = words_of(text);
    let words: Vec<&str> = spaced.split(' ').collect();
    let is_unspaced = spaced.contains(|c| is_han(c) || is_kana(c) || is_hangul(c));
    table().values().any(|language| match (is_unspaced, language.this.is_empty()) {
        (true, true) => language.orders_unspaced(&spaced),
        (false, false) => language.orders(&words),
        _ => false,
    })
}

impl Language {
    fn orders(&self, words: &[&str]) -> bool {
        let mut rest = words;
        while let Some(length) = start(&self.polite, rest) {
            rest = &rest[length..];
        }
        if let Some(length) = start(&self.write, rest) {
            let made = &rest[length..];
            if (0..made.len().min(MAX_WORDS_BETWEEN)).any(|at| start(&self.works, &made[at..]).is_some()) {
                return true;
            }
        }
        let is_whole = |word: &&str| self.whole.iter().any(|whole| whole == word);
        if start(&self.summarise, rest).is_some_and(|length| length < rest.len() && rest[length..].iter().all(is_whole))
        {
            return true;
        }
        let Some(length) = start(&self.translate, rest) else { return false };
        rest.get(length).is_none_or(|next| self.this.iter().any(|this| this == next))
    }

    fn orders_unspaced(&self, text: &str) -> bool {
        let has = |list: &[String]| list.iter().any(|word| text.contains(word.as_str()));
        (has(&self.write) && has(&self.works)) || has(&self.translate) || self.consists_of_summarising(text)
    }

    fn consists_of_summarising(&self, text: &str) -> bool {
        let mut rest = text;
        let (mut summarises, mut pieces) = (false, 0);
        while !rest.is_empty() {
            let longest = |list: &[String]| {
                let fitting = list.iter().filter(|word| rest.starts_with(word.as_str()));
                fitting.map(String::len).max().unwrap_or_default()
            };
            let verb = longest(&self.summarise);
            let other = longest(&self.whole).max(longest(&self.polite)).max(usize::from(rest.starts_with(' ')));
            summarises |= verb > other;
            match verb.max(other) {
                0 => return false,
                length => rest = &rest[length..],
            }
            pieces += 1;
        }
        summarises && pieces > 1
    }
}

/// The folded letters and digits of a text, with one space where others were.
fn words_of(text: &str) -> String {
    let spaced: String = fold(text).chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The length of the longest phrase of `list` that `words` start with, in words.
fn start(list: &[String], words: &[&str]) -> Option<usize> {
    let length = |phrase: &String| {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        words.starts_with(&phrase).then_some(phrase.len())
    };
    list.iter().filter_map(length).max()
}

fn table() -> &'static BTreeMap<String, Language> {
    static ORDERS: OnceLock<BTreeMap<String, Language>> = OnceLock::new();
    ORDERS.get_or_init(|| {
        let mut table: BTreeMap<String, Language> =
            toml::from_str(TABLE).expect("orders.toml, which is compiled in, is valid");
        for Language { polite, write, works, summarise, whole, translate, this } in table.values_mut() {
            let lists = [polite, write, works, summarise, whole, translate, this];
            lists.into_iter().flatten().for_each(|words| *words = words_of(words));
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_recognised_in_many_languages() {
        for order in [
            "Summarize everything.",
            "please summarise all the documents in three sentences",
            "Write a poem about spring",
            "Could you write me a short funny story?",
            "Translate this into German",
            "請總結全部文件",
            "總結一下",
            "把所有文件總結一下",
            "幫我總結這些文件的重點",
            "寫一首關於春天的詩",
            "请帮我写一封信",
            "請翻譯這段文字",
            "把這篇翻譯成英文",
            "すべての文書を要約してください",
            "春についての詩を書いてください",
            "これを英語に翻訳して",
            "문서를 모두 요약해 주세요",
            "봄에 대한 시를 써 줘",
            "이 글을 영어로 번역해 줘",
            "Fasse alles zusammen",
            "Schreibe ein Gedicht über den Frühling",
            "Übersetze das ins Englische",
            "Résume tous les documents",
            "Écris un poème sur le printemps",
            "Traduis ce texte en anglais",
            "Resume todo",
            "Escribe un poema sobre la primavera",
            "Traduce esto al inglés",
            "Riassumi tutto",
            "Traduza isto para inglês",
            "Напиши стихотворение о весне",
            "Переведи это на английский",
            "Tóm tắt tất cả tài liệu",
            "Buatkan puisi tentang musim semi",
        ] {
            assert!(is_order(order), "{order}");
        }
    }

    #[test]
    fn what_asks_for_something_in_the_documents_is_no_order() {
        for question in [
            "Summarize the outlook for chips",
            "Summarise what Goldman expects for 2026",
            "Write-offs of Deutsche Bank in 2025",
            "Who wrote the poem about spring?",
            "Which poem did he write?",
            "What does the report say about everything?",
            "Translate Bio revenue",
            "Resume",
            "摘要",
            "Tell me about the letter to shareholders in 2025 and its author",
            "How many documents are there?",
            "總結報告的作者是誰?",
            "總結高盛對2026年的看法",
            "誰寫了這首詩?",
            "翻譯費用是多少?",
            "這本書被翻譯成哪些語言?",
            "台積電的重點是什麼?",
            "文件",
            "詩",
            "この詩を書いた人は誰ですか",
            "要約筆記の料金はいくらですか",
            "이 시를 쓴 사람은 누구입니까?",
            "Wer hat das Gedicht geschrieben?",
            "Qui a écrit ce poème ?",
            "",
            "?",
        ] {
            assert!(!is_order(question), "{question}");
        }
    }
}
