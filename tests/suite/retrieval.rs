//! Retrieval besides vectors: words of two languages, filters, collections, a reranker, and questions without an answer.

use std::collections::BTreeSet;

use footnote::Question;
use footnote::filter::Filter;
use footnote::passage::NewDocument;
use footnote::{Footnote, Library};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::harness::{Server, Workspace, cross_encoder, examples, temporary};

fn question(text: &str) -> Question {
    Question { text: text.into(), ..Question::default() }
}

/// The documents of all candidates of a question, whichever retriever found them.
fn candidates(footnote: &Footnote, question: &Question) -> BTreeSet<String> {
    footnote.rank(question).unwrap().passages.into_iter().map(|passage| passage.document_id).collect()
}

fn ingest(footnote: &Footnote, documents: &[(&str, &str)]) {
    let document = |(id, text): &(&str, &str)| NewDocument {
        id: Some((*id).to_owned()),
        text: (*text).to_owned(),
        ..NewDocument::default()
    };
    footnote.ingest(documents.iter().map(document).collect(), &mut |_| {}).unwrap();
}

#[test]
fn an_english_question_finds_chinese_words_by_the_dictionary_the_glossary_and_aliases() {
    let footnote = temporary(|config| {
        config.glossary.insert("blue scheme".into(), vec!["藍色計畫".into()]);
    });
    ingest(
        &footnote,
        &[
            ("dictionary", "央行昨日決定加息,市場並不意外。"),
            ("glossary", "藍色計畫預計在秋天公布細節。"),
            ("alias", "參議院通過《國家碼頭法案》(National Pier Act,NPA法案)之後,國家碼頭法案送交總統。"),
            ("other", "這家餐廳的豆花每天只賣到中午。"),
        ],
    );
    for (asked, document) in [
        ("Did they raise interest rates?", "dictionary"),
        ("When are details of the blue scheme due?", "glossary"),
        ("What became of the National Pier Act?", "alias"),
    ] {
        let ranking = footnote.rank(&question(asked)).unwrap();
        let best = &ranking.passages[0];
        assert_eq!(best.document_id, document, "{asked}");
        assert!(best.scores.lexical > 0.2 && best.scores.lexical_rank == 1, "{asked}: {:?}", best.scores);
    }
}

#[test]
fn without_a_lexicon_questions_are_answered_and_status_says_that_there_is_none() {
    let workspace = Workspace::new();
    let config = workspace.write("plain.toml", "[lexicon]\ndictionaries = false\n[glossary]\n");
    let config = config.to_str().unwrap();
    let text = "聯準會昨日決定降息一碼。";
    assert_eq!(workspace.run_with_input(&["--config", config, "ingest", "-"], text.as_bytes()).code, 0);
    let found = workspace.run(&["--config", config, "search", "Did the central bank lower rates?"]);
    assert!(found.code == 0 && found.stdout.contains(text), "{}", found.stdout);
    let status = workspace.run(&["--config", config, "status"]).stdout;
    assert!(status.contains("lexicon     none: words are not looked up"), "{status}");
    let status = workspace.run(&["status"]).stdout;
    assert!(status.contains("lexicon     cc-cedict, "), "{status}");
}

#[test]
fn a_deleted_or_replaced_text_is_gone_from_both_retrievers_at_once() {
    let footnote = temporary(|_| {});
    let text = "The lighthouse at Skerry Point was repainted in May.";
    ingest(&footnote, &[("kept", text), ("deleted", text), ("replaced", text)]);
    let asked = question("When was the lighthouse repainted?");
    assert_eq!(candidates(&footnote, &asked).len(), 3);
    footnote.delete("deleted").unwrap();
    ingest(&footnote, &[("replaced", "豆花每天只賣到中午。")]);
    let ranking = footnote.rank(&asked).unwrap();
    for passage in &ranking.passages {
        let document = footnote.document(&passage.document_id).unwrap();
        assert!(document.text.get(passage.span.range()).is_some());
        assert_eq!(passage.document_id == "replaced", passage.scores.lexical == 0.0, "{passage:?}");
    }
    assert_eq!(candidates(&footnote, &asked), BTreeSet::from(["kept".to_owned(), "replaced".to_owned()]));
    assert_eq!(footnote.verify().unwrap().problems, Vec::<String>::new());
}

const SOURCES: [&str; 3] = ["甲報", "Porchlight", "乙刊"];
const TAGS: [&str; 3] = ["rates", "chips", "食"];
const DATES: [&str; 4] = ["2025-06-30", "2025-12-31", "2026-01-01", "2026-03-15"];
const LANGUAGES: [&str; 3] = ["zh-Hant", "zh-Hans", "en"];

/// A collection in which a few values occur in every combination.
fn varied() -> &'static Footnote {
    static VARIED: std::sync::OnceLock<Footnote> = std::sync::OnceLock::new();
    VARIED.get_or_init(|| {
        let footnote = temporary(|_| {});
        let documents = (0..72).map(|n| NewDocument {
            id: Some(n.to_string()),
            title: Some(format!("Number {n}")),
            text: format!("Note {n}: rates were cut. 第{n}則:降息了。"),
            source: (n % 7 != 0).then(|| SOURCES[n % 3].to_owned()),
            published: (n % 5 != 0).then(|| DATES[n / 3 % 4].to_owned()),
            language: Some(LANGUAGES[n / 12 % 3].to_owned()),
            tags: TAGS.iter().enumerate().filter(|(t, _)| n >> t & 1 == 1).map(|(_, tag)| (*tag).to_owned()).collect(),
            metadata: json!({"n": n, "even": n % 2 == 0, "desk": [format!("d{}", n % 4), "all"], "x": null})
                .as_object()
                .unwrap()
                .clone(),
            ..NewDocument::default()
        });
        footnote.ingest(documents.collect(), &mut |_| {}).unwrap();
        footnote
    })
}

/// Whether a document meets a filter: the simplest implementation, as a reference.
fn meets(document: &footnote::passage::DocumentInfo, filter: &Map<String, Value>) -> bool {
    let values = |field: &str| -> Vec<Value> {
        match field {
            "source" => document.source.iter().cloned().map(Value::from).collect(),
            "tags" => document.tags.iter().cloned().map(Value::from).collect(),
            "language" => document.language.iter().cloned().map(Value::from).collect(),
            "published" => document.published.iter().cloned().map(Value::from).collect(),
            other => match document.metadata.get(other.strip_prefix("metadata.").unwrap()) {
                Some(Value::Array(items)) => items.clone(),
                other => other.into_iter().cloned().collect(),
            },
        }
    };
    let equal = |field: &str, value: &Value, wanted: &Value| match (value, wanted) {
        (Value::String(value), Value::String(wanted)) if field == "language" => {
            value == wanted || value.starts_with(&format!("{wanted}-"))
        }
        (Value::String(value), Value::String(wanted)) if field == "published" => value.starts_with(wanted.as_str()),
        _ => value == wanted,
    };
    let compare = |value: &Value, wanted: &Value| match (value, wanted) {
        (Value::String(value), Value::String(wanted)) => {
            let value: String = value.chars().take(wanted.chars().count()).collect();
            Some(value.as_str().cmp(wanted.as_str()))
        }
        (Value::Number(value), Value::Number(wanted)) => value.as_f64().unwrap().partial_cmp(&wanted.as_f64().unwrap()),
        _ => None,
    };
    filter.iter().all(|(field, test)| {
        let any = |wanted: &Value| values(field).iter().any(|value| equal(field, value, wanted));
        let ordered = |wanted: &Value, of: fn(std::cmp::Ordering) -> bool| {
            values(field).iter().any(|value| compare(value, wanted).is_some_and(of))
        };
        match test {
            Value::Array(items) => items.iter().any(any),
            Value::Object(tests) => tests.iter().all(|(operator, wanted)| match operator.as_str() {
                "ne" => !any(wanted),
                "nin" => !wanted.as_array().unwrap().iter().any(any),
                "exists" => {
                    let empty = |value: &Value| matches!(value, Value::Null) || *value == json!("");
                    values(field).iter().any(|value| !empty(value)) == wanted.as_bool().unwrap()
                }
                "contains" | "starts_with" | "ends_with" => values(field).iter().any(|value| {
                    let (Value::String(value), Value::String(wanted)) = (value, wanted) else { return false };
                    let (value, wanted) = (value.to_ascii_lowercase(), wanted.to_ascii_lowercase());
                    match operator.as_str() {
                        "contains" => value.contains(&wanted),
                        "starts_with" => value.starts_with(&wanted),
                        _ => value.ends_with(&wanted),
                    }
                }),
                "gte" => ordered(wanted, std::cmp::Ordering::is_ge),
                "gt" => ordered(wanted, std::cmp::Ordering::is_gt),
                "lte" => ordered(wanted, std::cmp::Ordering::is_le),
                _ => ordered(wanted, std::cmp::Ordering::is_lt),
            }),
            one => any(one),
        }
    })
}

fn condition() -> impl Strategy<Value = (String, Value)> {
    let pair =
        |field: &'static str, value: BoxedStrategy<Value>| value.prop_map(move |value| (field.to_owned(), value));
    let of = |values: &'static [&'static str]| proptest::sample::select(values).prop_map(Value::from).boxed();
    let list = |values: &'static [&'static str]| {
        proptest::collection::vec(proptest::sample::select(values).prop_map(Value::from), 0..3)
            .prop_map(Value::from)
            .boxed()
    };
    let operator = |values: &'static [&'static str]| proptest::sample::select(values);
    let date = proptest::sample::select(&["2025", "2026", "2025-12", "2026-01-01"][..]);
    let published = (operator(&["gte", "gt", "lte", "lt", "ne"]), date).prop_map(|(o, date)| json!({o: date})).boxed();
    let number = (operator(&["gte", "gt", "lte", "lt", "ne"]), 0..72).prop_map(|(o, n)| json!({o: n})).boxed();
    let part = proptest::sample::select(&["報", "porch", "H", "2026", "d", "1", "甲報", "rates", ""][..]);
    let words = (operator(&["contains", "starts_with", "ends_with"]), part).prop_map(|(o, part)| json!({o: part}));
    prop_oneof![
        pair("source", of(&SOURCES)),
        pair("source", list(&SOURCES)),
        pair("tags", list(&TAGS)),
        pair("tags", list(&TAGS).prop_map(|tags| json!({"nin": tags})).boxed()),
        pair("language", of(&["zh", "zh-Hant", "en", "z"])),
        pair("published", published),
        pair("published", of(&["2025", "2026-03"])),
        pair("metadata.n", number),
        pair("metadata.n", Just(json!(true)).boxed()),
        pair("metadata.even", any::<bool>().prop_map(Value::from).boxed()),
        pair("metadata.desk", of(&["d1", "d3", "all", "none"])),
        pair("metadata.missing", of(&["d1"])),
        (proptest::sample::select(&["source", "tags", "published", "metadata.desk"][..]), words)
            .prop_map(|(field, value)| (field.to_owned(), value)),
        (proptest::sample::select(&["source", "tags", "metadata.desk", "metadata.missing"][..]), any::<bool>())
            .prop_map(|(field, exists)| (field.to_owned(), json!({"exists": exists}))),
    ]
}

#[test]
fn a_missing_field_contains_nothing_not_even_the_empty_text() {
    let with_source = varied().documents(None, 100).unwrap().into_iter().filter(|document| document.source.is_some());
    let with_source: BTreeSet<String> = with_source.map(|document| document.id).collect();
    assert!(with_source.len() < 72);
    for operator in ["contains", "starts_with", "ends_with"] {
        let fields = json!({"source": {operator: ""}});
        let filter = Filter::from_json(fields.as_object().unwrap()).unwrap();
        let asked = Question { filter, top_k: Some(100), ..question("Were rates cut?") };
        assert_eq!(candidates(varied(), &asked), with_source, "{operator}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_filter_lets_through_exactly_the_documents_that_meet_it(
        conditions in proptest::collection::vec(condition(), 0..4)
    ) {
        let fields: Map<String, Value> = conditions.into_iter().collect();
        let filter = Filter::from_json(&fields).unwrap();
        let wanted: BTreeSet<String> = varied()
            .documents(None, 100)
            .unwrap()
            .into_iter()
            .filter(|document| meets(document, &fields))
            .map(|document| document.id)
            .collect();
        let asked = Question { filter, top_k: Some(100), ..question("Were rates cut? 降息了嗎") };
        prop_assert_eq!(candidates(varied(), &asked), wanted, "{:?}", fields);
    }
}

#[test]
fn filters_are_flags_of_the_command_line_and_a_field_of_the_api() {
    let workspace = Workspace::new();
    workspace.write(
        "a.md",
        "---\nsource: Dock Gazette\npublished: 2026-02-01\ntags: [rates]\ndesk: north\n---\nRates fell.",
    );
    workspace.write("b.md", "---\nsource: Pier Weekly\npublished: 2025-02-01\n---\nRates fell last year.");
    assert_eq!(workspace.run(&["ingest", "a.md", "b.md"]).code, 0);
    for (flags, found) in [
        (&["--source", "Dock Gazette"][..], 1),
        (&["--source", "Dock Gazette", "--source", "Pier Weekly"], 2),
        (&["--tag", "rates", "--since", "2026"], 1),
        (&["--until", "2025-12-31"], 1),
        (&["--where", "metadata.desk=north"], 1),
        (&["--language", "en", "--where", "metadata.desk=south"], 0),
    ] {
        let output = workspace.run(&[&["search", "--json", "Did rates fall?"], flags].concat());
        let passages: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(passages["passages"].as_array().unwrap().len(), found, "{flags:?}");
    }
    let refused = workspace.run(&["search", "--since", "yesterday", "q"]);
    assert!(refused.code == 2 && refused.stderr.contains("2026-01-31"), "{}", refused.stderr);

    let server = Server::start(&[("one", "Rates fell in May.")]);
    let ask = |filter: Value| server.post("/v1/ask", &json!({"question": "When did rates fall?", "filter": filter}));
    assert_eq!(ask(json!({"id": "one"})).json()["citations"].as_array().unwrap().len(), 1);
    let none = ask(json!({"id": {"ne": "one"}})).json();
    assert_eq!((none["citations"].as_array().unwrap().len(), &none["answer"]["answerable"]), (0, &json!(false)));
    let problem = ask(json!({"publisher": "x"})).problem(400);
    assert!(problem["hint"].as_str().unwrap().contains("metadata.NAME"), "{problem}");
}

#[test]
fn a_collection_is_asked_by_itself() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run_with_input(&["-c", "ships", "ingest", "-"], b"The ferry sails at noon.").code, 0);
    assert_eq!(workspace.run_with_input(&["-c", "food", "ingest", "-"], b"The bakery opens at six.").code, 0);
    let found = workspace.run(&["--collection", "food", "search", "When does it open?"]).stdout;
    assert!(found.contains("bakery") && !found.contains("ferry"), "{found}");
    assert_eq!(workspace.run(&["collections"]).stdout, "food\t1\t1\nships\t1\t1\n");
    assert_eq!(workspace.run(&["-c", "a/b", "ls"]).code, 2);

    let server = Server::start(&[("default", "The ferry sails at noon.")]);
    server.post("/v1/documents", &json!({"collection": "food", "documents": [{"text": "x"}]})).problem(404);
    assert_eq!(server.post("/v1/collections", &json!({"name": "food"})).status, 200);
    let bakery = json!({"collection": "food", "documents": [{"id": "b", "text": "The bakery opens at six."}]});
    assert_eq!(server.post("/v1/documents", &bakery).json()["documents"][0]["status"], "added");
    let found = server.post("/v1/search", &json!({"question": "When does it open?", "collection": "food"})).json();
    assert_eq!(found["passages"].as_array().unwrap().len(), 1);
    assert_eq!(found["passages"][0]["document"]["id"], "b");
    assert_eq!(server.get("/v1/documents/b?collection=food").status, 200);
    server.get("/v1/documents/b").problem(404);
    assert_eq!(
        server.get("/v1/collections").json()["collections"],
        json!([
            {"name": "default", "documents": 1, "passages": 1},
            {"name": "food", "documents": 1, "passages": 1},
        ])
    );
    assert_eq!(server.delete("/v1/collections/food").status, 204);
    server.delete("/v1/collections/food").problem(404);
    server.delete("/v1/collections/default").problem(409);
    server.post("/v1/collections", &json!({"name": "../up"})).problem(400);
}

#[test]
fn a_library_keeps_what_its_collections_hold() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = crate::harness::config(dir.path());
    config.index.collection = "main".into();
    {
        let library = Library::open(&config, Box::new(|_| {})).unwrap();
        ingest(&library.create("side").unwrap(), &[("one", "The ferry sails at noon.")]);
    }
    let library = Library::open(&config, Box::new(|_| {})).unwrap();
    let side = library.collection(Some("side")).unwrap();
    assert_eq!(side.ask(&question("When does the ferry sail?")).unwrap().citations.len(), 1);
    assert_eq!(library.list().unwrap().len(), 2);
}

#[test]
fn a_reranker_decides_the_order_of_the_best_passages() {
    let model = cross_encoder("zebra");
    let footnote = temporary(|config| config.reranker.path = model.path().to_owned());
    ingest(
        &footnote,
        &[
            ("near", "The ferry sails at noon."),
            ("far", "A zebra was seen beside another zebra on the quay."),
            ("nothing", "Bread is baked at night."),
        ],
    );
    let asked = question("When does the ferry sail?");
    let found = footnote.search(&asked).unwrap().passages;
    assert_eq!(found[0].document.id, "far", "it contains the word that this model counts twice");
    assert_eq!(
        found.iter().map(|passage| passage.scores.rerank).collect::<Vec<_>>(),
        [Some(2.0), Some(0.0), Some(0.0)]
    );
    let plain = temporary(|_| {});
    ingest(&plain, &[("near", "The ferry sails at noon."), ("far", "A zebra was seen on the quay.")]);
    let found = plain.search(&asked).unwrap().passages;
    assert_eq!((found[0].document.id.as_str(), found[0].scores.rerank), ("near", None));
    let missing = temporary(|config| config.reranker.path = "nowhere".into());
    ingest(&missing, &[("one", "The ferry sails at noon.")]);
    assert!(missing.ask(&asked).unwrap_err().hint().unwrap().contains("tokenizer.json"));
}

#[test]
fn a_question_that_the_documents_do_not_answer_gets_the_nearest_passages_and_no_answer() {
    let answer = examples().ask(&question("How do I descale an espresso machine?")).unwrap();
    assert!(!answer.answerable && answer.confidence < 0.5, "{}", answer.confidence);
    assert!(answer.text.is_empty() && answer.sentences.is_empty() && !answer.citations.is_empty());
    let answer = examples().ask(&question("who expects the Fed to cut in 2026")).unwrap();
    assert!(answer.answerable && answer.confidence > 0.5 && !answer.text.is_empty(), "{}", answer.confidence);
}

#[test]
fn confidence_does_not_depend_on_how_many_passages_are_asked_for() {
    for asked in ["who expects the Fed to cut in 2026", "How do I descale an espresso machine?"] {
        let confidence = |top_k| examples().ask(&Question { top_k, ..question(asked) }).unwrap().confidence;
        let usual = confidence(None);
        assert!((confidence(Some(100)) - usual).abs() < 1e-6 && (confidence(Some(1)) - usual).abs() < 1e-6, "{asked}");
    }
}

#[test]
fn a_collection_of_a_few_documents_does_not_answer_questions_about_other_things() {
    let footnote = temporary(|_| {});
    let fed = "市場展望\n通膨持續降溫。陸以寧預期聯準會2026年將降息三次。美元因此走弱。";
    ingest(&footnote, &[("fed", fed), ("tofu", "老街的豆花每天只賣到中午。"), ("ferry", "The ferry sails at noon.")]);
    for asked in ["How do I descale an espresso machine?", "Who won the 1998 world cup?", "如何訓練一隻貓？"] {
        let answer = footnote.ask(&question(asked)).unwrap();
        assert!(!answer.answerable, "{asked}: {}", answer.confidence);
    }
    for asked in ["who expects the Fed to cut in 2026", "豆花賣到幾點？", "When does the ferry sail?"] {
        let answer = footnote.ask(&question(asked)).unwrap();
        assert!(answer.answerable, "{asked}: {}", answer.confidence);
    }
}

#[test]
fn explain_shows_how_a_question_was_read_and_ranked() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run_with_input(&["ingest", "-"], "聯準會昨日降息。".as_bytes()).code, 0);
    let explained = workspace.run(&["search", "--explain", "did the Fed cut"]);
    assert_eq!(explained.code, 0, "{}", explained.stderr);
    for part in ["term        fed | ", "准会+联准", "confidence  0.", "late_deviation", "coverage"] {
        assert!(explained.stdout.contains(part), "{part} is not in {}", explained.stdout);
    }
}

#[test]
fn question_sets_are_measured_and_compared_with_a_baseline_and_bounds() {
    let workspace = Workspace::new();
    let corpus =
        "{\"id\":\"a\",\"text\":\"聯準會昨日決定降息一碼。\"}\n{\"id\":\"b\",\"text\":\"豆花每天只賣到中午。\"}\n";
    std::fs::create_dir(workspace.folder().join("set")).unwrap();
    workspace.write("set/corpus.zh-Hant.jsonl", corpus);
    workspace.write(
        "set/queries.en.jsonl",
        "{\"id\":\"1\",\"text\":\"Did the Fed cut rates?\"}\n{\"id\":\"2\",\"text\":\"Until when is tofu pudding sold?\"}\n",
    );
    workspace.write("set/qrels.tsv", "1\ta\t1\n2\tb\t1\n");
    workspace.write(
        "set/evidence.zh-Hant.jsonl",
        "{\"query_id\":\"2\",\"sentence\":\"豆花每天只賣到中午。\",\"answer\":\"中午\"}\n",
    );
    let run = |more: &[&str]| workspace.run(&[&["eval", "set", "--cache", "kept"][..], more].concat());
    let json = run(&["--json"]);
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    let rows = report["rows"].as_array().unwrap();
    let legs: Vec<&str> = rows.iter().map(|row| row["leg"].as_str().unwrap()).collect();
    assert_eq!(legs, ["footnote", "late", "dense", "lexical", "bm25", "rank-fusion"]);
    let of_product = &rows[0];
    assert_eq!((&of_product["recall_at_1"], &of_product["quote_at_1"]), (&json!(1.0), &json!(1.0)), "{of_product}");
    assert_eq!(rows[4]["recall_at_1"], 0.0, "BM25 has no words of the other language");
    workspace.write("before.json", json.stdout.replace("\"recall_at_1\": 1.0", "\"recall_at_1\": 0.75"));
    let compared = run(&["--baseline", "before.json", "--fail-under", "recall@1=0.9"]);
    assert!(compared.code == 0 && compared.stdout.contains("1.000 (+250)"), "{}{}", compared.stdout, compared.stderr);
    let failed = run(&["--fail-under", "auroc=0.5", "--fail-under", "ndcg@10=1.1"]);
    assert!(failed.code == 1 && failed.stderr.contains("ndcg@10 is 1.0000, under 1.1"), "{}", failed.stderr);
    let explained = run(&["--explain", "1"]);
    assert!(explained.stdout.contains("RELEVANT") && explained.stdout.contains("  yes  "), "{}", explained.stdout);
    assert_eq!(run(&["--explain", "9"]).code, 1);
    let fitted = run(&["--leave-out", "2", "--fit-confidence", "fitted.toml"]);
    assert_eq!(fitted.code, 0, "{}", fitted.stderr);
    let numbers = std::fs::read_to_string(workspace.folder().join("fitted.toml")).unwrap();
    assert!(numbers.contains("--fit-confidence") && numbers.contains("name = \"margin\""), "{numbers}");
    let nothing = workspace.run(&["eval", "kept"]);
    assert!(nothing.code == 2 && nothing.stderr.contains("qrels"), "{}", nothing.stderr);
}
