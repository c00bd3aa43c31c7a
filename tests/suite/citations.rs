//! Every citation is real: it is the document's own bytes, and its byte, character and line offsets agree.

use footnote::Footnote;
use footnote::Question;
use footnote::passage::{Location, Quote};

use crate::harness::{EvalSet, data, example_questions, examples, optional_data, seed};

/// Compares a location with one that is counted from the start of the text in the simplest way.
fn check_location(text: &str, quote: &str, location: &Location) {
    let (start, end) = (location.bytes.start, location.bytes.end);
    assert_eq!(&text.as_bytes()[start..end], quote.as_bytes());
    let chars: Vec<char> = text.chars().collect();
    let by_chars: String = chars[location.chars.start..location.chars.end].iter().collect();
    assert_eq!(by_chars, quote);
    let first_line = text[..start].split('\n').count();
    let last_line =
        first_line + text[start..end].strip_suffix('\n').unwrap_or(&text[start..end]).split('\n').count() - 1;
    assert_eq!(location.lines, (first_line, last_line));
}

/// Asks each question and checks every citation; returns how many there were.
fn check(footnote: &Footnote, questions: impl IntoIterator<Item = String>) -> usize {
    let mut checked = 0;
    for (number, text) in questions.into_iter().enumerate() {
        let context = Some(number % 4);
        let answer = footnote
            .ask(&Question { text: text.clone(), top_k: Some(8), context_sentences: context, ..Question::default() })
            .unwrap();
        assert_eq!(answer.sentences.is_empty(), !answer.answerable, "{text}");
        for sentence in &answer.sentences {
            assert_eq!(&answer.text[sentence.span.range()], sentence.text);
            for &id in &sentence.citations {
                let cited = answer.citations.iter().find(|citation| citation.id == id).unwrap();
                let letters =
                    |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
                assert_eq!(letters(&cited.passage.quote.text), letters(&sentence.text));
            }
        }
        for citation in &answer.citations {
            let passage = &citation.passage;
            let document = footnote.document(&passage.document.id).unwrap();
            let Quote { text: quote, location, .. } = &passage.quote;
            assert!(!quote.trim().is_empty());
            assert_eq!(quote.trim(), quote, "there is no white space around a quote");
            check_location(&document.text, quote, location);
            check_location(&document.text, &passage.text, &passage.location);
            assert!(passage.location.bytes.contains(location.bytes), "a quote lies in its passage");
            assert!(document.text[..location.bytes.start].ends_with(&passage.before));
            assert!(document.text[location.bytes.end..].starts_with(&passage.after));
            checked += 1;
        }
    }
    checked
}

#[test]
fn every_citation_of_the_example_corpus_is_the_documents_own_bytes() {
    let questions = example_questions().into_iter().map(|line| line["question"].as_str().unwrap().to_owned());
    assert!(check(examples(), questions) >= 300);
}

#[test]
fn every_citation_of_the_seed_articles_is_the_documents_own_bytes() {
    let Some((footnote, questions)) = seed() else { return };
    let questions = questions.into_iter().map(|line| line["question"].as_str().unwrap().to_owned());
    assert!(check(footnote, questions) >= 280);
}

#[test]
fn every_citation_of_encyclopedia_articles_is_the_documents_own_bytes() {
    for (corpus, queries) in [
        ("xquad-r/corpus.zh-Hant.jsonl", "xquad-r/queries.en.jsonl"),
        ("xquad-r/corpus.es.jsonl", "xquad-r/queries.th.jsonl"),
    ] {
        let set = EvalSet::open(&data(corpus), 12, &data(queries), 74);
        assert!(check(&set.footnote, set.questions) >= 550);
    }
}

#[test]
fn every_citation_of_larger_question_sets_is_the_documents_own_bytes() {
    for (corpus, queries) in [
        ("eval/drcd/corpus.zh-Hant.jsonl", "eval/drcd/queries.zh-Hans.dev.jsonl"),
        ("eval/xquad_r/corpus.zh-Hant.jsonl", "eval/xquad_r/queries.en.jsonl"),
        ("eval/xquad_r/corpus.es.jsonl", "eval/xquad_r/queries.th.jsonl"),
    ] {
        let (Some(corpus), Some(queries)) = (optional_data(corpus), optional_data(queries)) else { return };
        let set = EvalSet::open(&corpus, 30, &queries, 120);
        assert!(check(&set.footnote, set.questions) >= 900);
    }
}

#[test]
fn characters_that_folding_would_change_are_quoted_unchanged() {
    let odd = "第一句沒有別的\u{a0}。聯準會（Ｆｅｄ）將於２０２６年降息\u{a0}３．５％！\u{3000}Ｔｈｅ end — “ﬁn”。";
    let footnote = crate::harness::temporary(|_| {});
    let document = footnote::passage::NewDocument { text: odd.into(), id: Some("odd".into()), ..Default::default() };
    footnote.ingest(vec![document], &mut |_| {}).unwrap();
    let answer = footnote.ask(&Question { text: "When does the Fed cut?".into(), ..Question::default() }).unwrap();
    assert_eq!(answer.citations[0].passage.quote.text, "聯準會（Ｆｅｄ）將於２０２６年降息\u{a0}３．５％！");
    assert_eq!(footnote.document("odd").unwrap().text, odd);
}

#[test]
fn passages_tile_every_document_and_none_was_cut_by_the_model() {
    check_passages(examples());
}

#[test]
fn passages_tile_the_seed_articles_and_none_was_cut_by_the_model() {
    if let Some((footnote, _)) = seed() {
        check_passages(footnote);
    }
}

fn check_passages(footnote: &Footnote) {
    let found = footnote.verify().unwrap();
    assert_eq!(found.problems, Vec::<String>::new());
    assert_eq!(found.passages, footnote.status().unwrap().passages);
    assert!(found.sentences > found.passages);
}
