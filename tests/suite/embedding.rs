//! The model: its vectors agree with a reference implementation and depend on nothing but the text.

use std::path::Path;
use std::sync::OnceLock;

use footnote::internals::embed::tokenizer::{TextTokenizer, compile};
use footnote::internals::embed::{Embedder, OnnxEmbedder, PassageInput};
use footnote::internals::model_store;
use footnote::passage::Span;
use footnote::{Cancel, Config};
use proptest::prelude::*;
use serde_json::Value;
use tokenizers::Tokenizer;

use crate::harness::{Resource, data, embedder, model_dir, needs, optional_data, project};

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn passage(text: &str) -> PassageInput {
    PassageInput { text: text.to_owned(), sentences: Vec::new() }
}

fn example_texts() -> Vec<String> {
    let text = std::fs::read_to_string(project().join("examples/corpus/market-digest.txt")).unwrap();
    let sentences = text.split_inclusive(['。', '\n']).filter(|part| !part.trim().is_empty());
    sentences.map(str::to_owned).collect()
}

#[test]
fn a_question_longer_than_the_model_reads_is_read_in_parts() {
    let embedder = embedder();
    let short = "Who expects the Fed to cut interest rates in 2026, and how often?";
    let long = format!("{short} {}", "There is a lot more to be said about it, and here it is. ".repeat(90));
    let tokens = embedder.token_counter(&long).unwrap()(&long).unwrap();
    assert!(tokens > 1000, "{tokens}");
    let question = embedder.embed_question(&long, &Cancel::default()).unwrap();
    assert_eq!(question.tokens.len(), tokens, "every token has an output, whichever part it is in");
    let norm = question.question.iter().map(|value| value * value).sum::<f32>();
    assert!((norm - 1.0).abs() < 1e-4, "{norm}");
    let without_spaces = "聯準會降息".repeat(400);
    assert!(embedder.embed_question(&without_spaces, &Cancel::default()).unwrap().tokens.len() > 512);
}

#[test]
fn vectors_agree_with_the_reference_alone_and_in_any_batch() {
    check_reference_vectors(embedder(), &data("reference-vectors.jsonl"), 12, 14);
}

#[test]
fn vectors_of_the_plain_model_agree_with_the_reference_too() {
    let mut config = Config::default();
    (config.model.name, config.model.dir) = ("multilingual-e5-small".into(), model_dir());
    let installed = model_store::installed(&config.model).unwrap().is_some();
    let wanted = if installed || Resource::Network.is_required() { Ok(()) } else { Err("it fetches 95 MB".to_owned()) };
    let Some(()) = needs(Resource::Network, wanted) else { return };
    let files = model_store::ensure(&config.model, &mut |_| {}).unwrap();
    let plain = OnnxEmbedder::start(files, &config.model, config.ingest.batch_tokens).unwrap();
    assert_ne!(plain.identity().fingerprint, embedder().identity().fingerprint);
    check_reference_vectors(&plain, &data("reference-vectors-plain.jsonl"), 12, 14);
    if let Some(path) = optional_data("eval/reference-vectors.jsonl") {
        check_reference_vectors(&plain, &path, 12, 10);
    }
}

/// Compares the vectors of the texts in a file, alone and in two batches, with those in the file.
fn check_reference_vectors(embedder: &OnnxEmbedder, file: &Path, at_least_questions: usize, at_least_passages: usize) {
    let (mut passages, mut expected, mut questions) = (Vec::new(), Vec::new(), 0);
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = line["text"].as_str().unwrap();
        let vector: Vec<f32> = serde_json::from_value(line["vector"].clone()).unwrap();
        if line["role"] == "query" {
            let cosine = cosine(&embedder.embed_question(text, &Cancel::default()).unwrap().question, &vector);
            assert!(cosine >= 0.9999, "{cosine}: {text}");
            questions += 1;
        } else if embedder.token_counter(text).unwrap()(text).unwrap() > embedder.max_passage_tokens() {
            // The reference cuts such a text off; Footnote refuses it.
            assert!(embedder.embed_passages(&[passage(text)]).is_err());
        } else {
            passages.push(passage(text));
            expected.push(vector);
        }
    }
    assert!(questions >= at_least_questions && passages.len() >= at_least_passages);
    let agree = |passages: &[PassageInput], expected: &[Vec<f32>]| {
        let vectors = embedder.embed_passages(passages).unwrap();
        for ((found, expected), input) in vectors.iter().zip(expected).zip(passages) {
            let cosine = cosine(&found.passage, expected);
            assert!(cosine >= 0.9999, "{cosine}: {}", input.text);
        }
    };
    for (input, vector) in passages.iter().zip(&expected) {
        agree(std::slice::from_ref(input), std::slice::from_ref(vector));
    }
    agree(&passages, &expected);
    passages.reverse();
    expected.reverse();
    agree(&passages, &expected);
}

#[test]
fn a_vector_does_not_depend_on_what_is_embedded_with_it() {
    let texts = example_texts();
    let together = embedder().embed_passages(&texts.iter().map(|text| passage(text)).collect::<Vec<_>>()).unwrap();
    for (text, together) in texts.iter().zip(&together).step_by(7) {
        let alone = embedder().embed_passages(&[passage(text)]).unwrap().remove(0);
        assert!(cosine(&alone.passage, &together.passage) > 0.99999, "{text}");
        assert_eq!(alone.tokens, together.tokens);
    }
}

#[test]
fn a_vector_is_the_same_to_the_bit_whatever_the_model_embeds_at_the_same_time() {
    let texts = example_texts();
    let texts: Vec<&String> = texts.iter().step_by(5).collect();
    let alone: Vec<_> = texts.iter().map(|text| embedder().embed_question(text, &Cancel::default()).unwrap()).collect();
    std::thread::scope(|scope| {
        for first in 0..4 {
            let (texts, alone) = (&texts, &alone);
            scope.spawn(move || {
                for (text, alone) in texts.iter().zip(alone).cycle().skip(first * 3).take(texts.len()) {
                    assert_eq!(&embedder().embed_question(text, &Cancel::default()).unwrap(), alone, "{text}");
                }
            });
        }
    });
}

#[test]
fn each_sentence_has_its_own_vector_in_the_context_of_its_passage() {
    let (first, second) = ("The museum keeps wax cylinders.", "Coffee growers fear the frost.");
    let text = format!("{first} {second}");
    let sentences = vec![Span::new(0, first.len()), Span::new(first.len() + 1, text.len())];
    let vectors = embedder().embed_passages(&[PassageInput { text, sentences }]).unwrap().remove(0);
    let question = embedder()
        .embed_question("Who is afraid of cold weather on the plantation?", &Cancel::default())
        .unwrap()
        .question;
    let [about_museum, about_coffee] = vectors.sentences.as_slice() else { panic!("two sentences") };
    assert!(cosine(&question, about_coffee) > cosine(&question, about_museum));
    for vector in [&vectors.passage, about_museum, about_coffee] {
        assert_eq!(vector.len(), embedder().dimensions());
        assert!((vector.iter().map(|value| value * value).sum::<f32>() - 1.0).abs() < 1e-4);
    }
}

/// The tokenizers crate's tokenizer, and the compiled one.
fn tokenizers_of_the_model() -> &'static (Tokenizer, TextTokenizer) {
    static BOTH: OnceLock<(Tokenizer, TextTokenizer)> = OnceLock::new();
    BOTH.get_or_init(|| {
        embedder();
        let json = std::fs::read(model_dir().join("footnote-e5-small/tokenizer.json")).unwrap();
        let compiled = TextTokenizer::from_compiled(compile(&json).unwrap().unwrap()).unwrap();
        (Tokenizer::from_bytes(json).unwrap(), compiled)
    })
}

fn check_tokens(scope_of: &str, text: &str) {
    let (whole, compiled) = tokenizers_of_the_model();
    let expected = whole.encode(text, true).unwrap();
    let scope = compiled.scope([scope_of]).unwrap();
    let found = scope.encode(text).unwrap();
    assert_eq!(found.ids, expected.get_ids(), "{text:?}");
    let inner = 1..found.ids.len() - 1;
    assert_eq!(found.offsets[inner.clone()], expected.get_offsets()[inner], "{text:?}");
    assert_eq!(scope.count(text).unwrap() + 2, expected.len(), "{text:?}");
}

#[test]
fn the_compiled_tokenizer_reads_real_text_and_its_parts_as_the_whole_one_does() {
    for file in std::fs::read_dir(project().join("examples/corpus")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        check_tokens(&text, &text);
        let chars: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        for window in chars.chunks(31) {
            check_tokens(&text, &text[window[0]..*window.last().unwrap()]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_compiled_tokenizer_reads_any_text_as_the_whole_one_does(text in "\\PC{0,60}|[ -~]{0,60}|\\p{Han}{0,40}|(?s:.{0,40})") {
        check_tokens(&text, &text);
    }

    #[test]
    fn special_tokens_written_in_a_text_are_read_as_the_whole_tokenizer_reads_them(text in "(<s>|</s>|<mask>|<unk>|<pad>| |聯準會|cut|▁){0,12}") {
        check_tokens(&text, &text);
    }
}
