//! Keeps the answer to one question from being given to a follow-up about something else.

use std::collections::HashSet;

use super::answer::{is_header, joined};
use crate::passage::{Answer, AnswerSentence, FoundPassage, Notice};
use crate::terms::language::{is_han, is_kana};
use crate::terms::{LexicalQuery, fold, terms};

/// What a follow-up asks about, with synonyms.
pub struct Topic {
    /// Its own words.
    pub new: LexicalQuery,
    /// What they replace. Without it, the follow-up asks something else of the same subject.
    pub old: Option<LexicalQuery>,
    /// Whether its own words are in Chinese or Japanese.
    pub is_unspaced: bool,
}

/// Whether a quote was `said` before, at least its first sentence.
fn repeats(said: &str, quote: &str) -> bool {
    let first = quote.split_inclusive(['。', '！', '？', '!', '?', '\n']).find(|part| !letters(part).is_empty());
    first.is_some_and(|first| letters(said).contains(&letters(first)))
}

/// Of the passages found for the new words alone, the first of the same document whose quote names the new topic and was not
/// `said`. The answer can stand in the passage that was already quoted, in another sentence.
pub fn elsewhere(found: Vec<FoundPassage>, document: &str, topic: &Topic, said: &str) -> Option<FoundPassage> {
    found.into_iter().find(|passage| {
        let quote = &passage.quote.text;
        passage.document.id == document && mentions(&topic.new, quote) && !repeats(said, quote)
    })
}

/// Removes the sentences of an answer that are about the old topic, and those that were `said` before and do not name the
/// new one. If the first goes, only what names the new topic stays. `notice` is asked for if nothing stays.
pub fn on_topic<E>(
    mut answer: Answer,
    topic: &Topic,
    said: &str,
    notice: impl FnOnce() -> Result<Notice, E>,
) -> Result<Answer, E> {
    let mut is_first_gone = false;
    let mut place = 0;
    let citations = &answer.citations;
    let passage_of = |sentence: &AnswerSentence| {
        let id = sentence.citations.first()?;
        citations.iter().find(|citation| citation.id == *id).map(|citation| &citation.passage)
    };
    answer.sentences.retain(|sentence| {
        if passage_of(sentence).is_some_and(|passage| is_header(sentence, passage)) {
            // It goes with its row.
            return true;
        }
        let names_new =
            mentions(&topic.new, &sentence.text) || passage_of(sentence).is_some_and(|p| named_in(&topic.new, p));
        let stays = match &topic.old {
            _ if mentions(&topic.new, &sentence.text) => true,
            Some(old) => {
                let is_about_old = passage_of(sentence).is_some_and(|passage| has_all(old, &whole(passage)));
                names_new || !(is_about_old || repeats(said, &sentence.text))
            }
            None => !(topic.is_comparable(&sentence.text) && repeats(said, &sentence.text)),
        };
        is_first_gone |= place == 0 && !stays;
        place += 1;
        stays && (!is_first_gone || names_new)
    });
    let is_header_at: Vec<bool> = answer
        .sentences
        .iter()
        .map(|sentence| passage_of(sentence).is_some_and(|passage| is_header(sentence, passage)))
        .collect();
    let rows = is_header_at.iter().filter(|is_header| !**is_header).count();
    if rows < place {
        let mut at = 0;
        answer.sentences.retain(|_| {
            at += 1;
            !is_header_at[at - 1] || is_header_at.get(at) == Some(&false)
        });
        answer.text = joined(&mut answer.sentences);
        answer.answerable = !answer.sentences.is_empty();
        if !answer.answerable {
            answer.notice = Some(notice()?);
        }
    }
    Ok(answer)
}

impl Topic {
    /// Whether its words would be found in a text that has what they mean.
    fn is_comparable(&self, text: &str) -> bool {
        let is_unspaced = text.contains(|c| is_han(c) || is_kana(c));
        let concepts = &self.new.concepts;
        let is_number = |term: &String| term.starts_with(|c: char| c.is_ascii_digit());
        let are_numbers = concepts.iter().all(|concept| concept.alternatives.iter().flatten().all(is_number));
        let have_translations = concepts.iter().any(|concept| concept.alternatives.len() > 1);
        !concepts.is_empty() && (is_unspaced == self.is_unspaced || have_translations || are_numbers)
    }
}

fn whole(passage: &FoundPassage) -> String {
    format!("{}\n{}", passage.document.title, passage.text)
}

fn named_in(query: &LexicalQuery, passage: &FoundPassage) -> bool {
    mentions(query, &whole(passage))
}

/// Whether a text has one of a query's concepts.
fn mentions(query: &LexicalQuery, text: &str) -> bool {
    let terms: HashSet<String> = terms(text).into_iter().collect();
    query
        .concepts
        .iter()
        .any(|concept| concept.alternatives.iter().any(|words| words.iter().all(|word| terms.contains(word))))
}

/// Whether a text has all of a query's concepts.
fn has_all(query: &LexicalQuery, text: &str) -> bool {
    let terms: HashSet<String> = terms(text).into_iter().collect();
    let has = |words: &Vec<String>| words.iter().all(|word| terms.contains(word));
    !query.concepts.is_empty() && query.concepts.iter().all(|concept| concept.alternatives.iter().any(has))
}

fn letters(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passage::{AnswerSentence, Citation, DocumentInfo, Location, Mode, Quote, Reason, Scores, Span};

    fn answer(quotes: &[(&str, &str)]) -> Answer {
        let passage = |quote: &str, title: &str| FoundPassage {
            key: 1,
            collection: None,
            document: DocumentInfo {
                id: title.into(),
                title: title.into(),
                size_bytes: quote.len(),
                passages: 1,
                ..DocumentInfo::default()
            },
            location: Location::of(quote, Span::new(0, quote.len())),
            text: quote.to_owned(),
            headings: Vec::new(),
            quote: Quote { text: quote.to_owned(), location: Location::of(quote, Span::new(0, quote.len())) },
            is_row: false,
            table_header: None,
            place: None,
            before: String::new(),
            after: String::new(),
            scores: Scores::default(),
            relevance: 0.0,
            support: 0.9,
            copies: Vec::new(),
            matches: Vec::new(),
            quote_matches: Vec::new(),
        };
        let mut sentences: Vec<AnswerSentence> = (1..)
            .zip(quotes)
            .map(|(id, (quote, _))| AnswerSentence {
                verdict: None,
                original: None,
                span: Span::new(0, 0),
                text: (*quote).to_owned(),
                citations: vec![id],
                supported: true,
                is_row: false,
            })
            .collect();
        let citations = (1..).zip(quotes).map(|(id, (quote, title))| Citation { id, passage: passage(quote, title) });
        Answer {
            text: joined(&mut sentences),
            mode: Mode::Extract,
            answerable: true,
            confidence: 0.9,
            missing: Vec::new(),
            sentences,
            citations: citations.collect(),
            notice: None,
            ..Answer::default()
        }
    }

    fn kept(quotes: &[(&str, &str)], new: &str, old: Option<&str>, said: &str) -> String {
        let topic = Topic {
            new: LexicalQuery::literal(new),
            old: old.map(LexicalQuery::literal),
            is_unspaced: new.contains(is_han),
        };
        let notice = || Ok::<_, ()>(Notice { reason: Reason::Unanswered, language: "en".into(), text: "None.".into() });
        let answer = on_topic(answer(quotes), &topic, said, notice).unwrap();
        assert_eq!((answer.answerable, answer.notice.is_none()), (!answer.text.is_empty(), !answer.text.is_empty()));
        answer.text
    }

    const ECB: (&str, &str) = ("歐洲央行把利率維持在百分之二。", "歐洲央行");
    const BOJ: (&str, &str) = ("日銀升息一碼。", "日銀");

    #[test]
    fn an_answer_about_what_was_replaced_is_removed() {
        assert_eq!(kept(&[ECB], "聯準會", Some("歐洲央行"), ""), "");
        assert_eq!(kept(&[ECB, BOJ], "日銀", Some("歐洲央行"), ""), "日銀升息一碼。[2]");
        assert_eq!(
            kept(&[("歐洲央行與日銀都不動。", "央行")], "日銀", Some("歐洲央行"), ""),
            "歐洲央行與日銀都不動。[1]"
        );
        assert_eq!(kept(&[("會後歐元升值。", "外匯")], "聯準會", Some("歐洲央行"), ""), "會後歐元升值。[1]");
    }

    #[test]
    fn the_header_of_a_table_goes_with_its_row() {
        let header = "| Bank | Rate |";
        let mut found = answer(&[("| ECB | 2 |", "Banks"), ("| BOJ | 1 |", "Banks of Asia")]);
        let location = Location::of(header, Span::new(0, header.len()));
        for at in [1, 0] {
            found.citations[at].passage.table_header = Some(Quote { text: header.into(), location });
            found.sentences[at].is_row = true;
            let row = found.sentences[at].clone();
            found.sentences.insert(at, AnswerSentence { text: header.into(), ..row });
        }
        let (new, old) = (LexicalQuery::literal("BOJ"), Some(LexicalQuery::literal("ECB")));
        let topic = Topic { new, old, is_unspaced: false };
        let kept = on_topic(found, &topic, "", || Err::<Notice, _>(())).unwrap();
        assert_eq!(kept.text, "| Bank | Rate |[2]\n| BOJ | 1 |[2]");
    }

    #[test]
    fn an_answer_that_was_said_before_is_removed_unless_it_names_what_is_asked_now() {
        let said = format!("{}[1] {}[2]", ECB.0, "會後歐元升值。");
        assert_eq!(kept(&[("會後歐元升值。", "外匯")], "聯準會", Some("英國央行"), &said), "");
        assert_eq!(kept(&[ECB], "誰支持這個決定?", None, &said), "");
        assert_eq!(kept(&[("歐洲央行把利率維持在百分之二。市場早已料到。", "")], "誰支持?", None, &said), "");
        assert_eq!(kept(&[ECB], "利率維持多久?", None, &said), format!("{}[1]", ECB.0));
        let other = "Who supports it?";
        assert_eq!(kept(&[ECB], other, None, &said), format!("{}[1]", ECB.0), "no words of it could be found");
    }

    #[test]
    fn the_answer_can_stand_elsewhere_in_the_document() {
        let found =
            |quotes: &[(&str, &str)]| answer(quotes).citations.into_iter().map(|c| c.passage).collect::<Vec<_>>();
        let topic = Topic { new: LexicalQuery::literal("誰支持?"), old: None, is_unspaced: true };
        let passages = [ECB, ("漁會支持它。", "其他"), ("工會支持它。", "歐洲央行")];
        let quote = elsewhere(found(&passages), "歐洲央行", &topic, ECB.0).map(|passage| passage.quote.text);
        assert_eq!(quote.as_deref(), Some("工會支持它。"));
        assert_eq!(elsewhere(found(&passages), "歐洲央行", &topic, "工會支持它。"), None);
    }
}
