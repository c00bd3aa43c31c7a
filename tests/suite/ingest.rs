//! What ingest reports is what it did, over the real program's library and model.

use std::fs;
use std::path::{Path, PathBuf};

use footnote::filter::{Comparison, Field, Filter};
use footnote::internals::embed::{Embedder, OnnxEmbedder, PassageInput, PassageVectors, QuestionVectors, TokenCounter};
use footnote::internals::index::Collection;
use footnote::internals::index::successor::{Plan, Successor};
use footnote::internals::ingest;
use footnote::internals::model::ModelChoice;
use footnote::passage::{Format, NewDocument};
use footnote::{Cancel, Config, Error, Footnote, Ingested, ModelIdentity, Outcome, Progress, Question};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Server, Workspace, data, embedder, temporary};

/// A folder of files, and a collection that they are ingested into.
struct Notes {
    folder: TempDir,
    footnote: Footnote,
}

impl Notes {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), footnote: temporary(|_| {}) }
    }

    fn with(files: &[(&str, &str)]) -> Self {
        let notes = Self::new();
        for (name, text) in files {
            notes.write(name, text);
        }
        notes
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Ingests a path below the folder; `outcome title` of each document, in order of the outcomes.
    fn ingest(&self, name: &str) -> Vec<String> {
        self.ingest_all(&[self.path(name)]).iter().map(shown).collect()
    }

    fn ingest_all(&self, paths: &[PathBuf]) -> Vec<(String, String, String)> {
        let mut all = Vec::new();
        let mut on_progress = |progress: Progress<'_>| {
            if let Progress::Done(ingested) = progress {
                all.push(parts(ingested));
            }
        };
        self.footnote.ingest_paths(paths, &mut on_progress).unwrap();
        all
    }

    /// Titles of all documents.
    fn titles(&self) -> Vec<String> {
        self.footnote.documents(None, 1000).unwrap().into_iter().map(|document| document.title).collect()
    }

    fn text(&self, id: &str) -> String {
        self.footnote.document(id).unwrap().text
    }
}

/// Outcome, title or id, and reason or notes.
fn parts(ingested: &Ingested) -> (String, String, String) {
    let Ingested { id, title, outcome, notes, .. } = ingested;
    let (outcome, reason) = match outcome {
        Outcome::Added(_) => ("added", String::new()),
        Outcome::Updated(_) => ("updated", String::new()),
        Outcome::Unchanged => ("unchanged", String::new()),
        Outcome::Removed => ("removed", String::new()),
        Outcome::Skipped(reason) => ("skipped", reason.clone()),
        Outcome::Failed(error) => ("failed", error.to_string()),
        other => panic!("{other:?}"),
    };
    let name = if title.is_empty() { id } else { title };
    (outcome.to_owned(), name.clone(), reason + &notes.join("; "))
}

fn shown((outcome, name, _): &(String, String, String)) -> String {
    let name = Path::new(name).file_name().map_or(name.clone(), |name| name.to_string_lossy().into_owned());
    format!("{outcome} {name}")
}

fn given(id: &str, text: &str) -> NewDocument {
    NewDocument { id: Some(id.to_owned()), text: text.to_owned(), ..NewDocument::default() }
}

fn article(name: &str) -> String {
    format!("{name} decided\nThe {name} question was settled last week by a vote of nine to two. (daily)\n")
}

#[test]
fn the_second_document_with_an_id_fails_by_name_and_running_again_changes_nothing() {
    let notes = Notes::with(&[
        ("a.md", "---\nid: memo\n---\nThe first version.\n"),
        ("z.md", "---\nid: memo\n---\nThe second version.\n"),
    ]);
    // More documents than the pipeline handles as one group.
    for number in 0..70 {
        notes.write(&format!("m{number}.txt"), format!("Note {number}\n\nThere are {number} boats in the harbour.\n"));
    }
    for expected in ["added", "unchanged", "unchanged"] {
        let all = notes.ingest_all(&[notes.path("")]);
        let of = |name: &str| all.iter().filter(|(_, title, _)| title == name).collect::<Vec<_>>();
        assert_eq!(of("a").iter().map(|(outcome, ..)| outcome.as_str()).collect::<Vec<_>>(), [expected]);
        let (outcome, _, reason) = of("memo")[0];
        assert_eq!(outcome, "failed");
        let file = notes.path("a.md").canonicalize().unwrap();
        assert!(
            reason.contains(&format!("the id `memo` was already used by {} in this run", file.display())),
            "{reason}"
        );
        assert_eq!(notes.text("memo"), "The first version.\n");
    }
}

#[test]
fn an_id_that_is_given_twice_to_the_library_keeps_its_first_content() {
    let notes = Notes::new();
    for expected in [["added", "failed"], ["unchanged", "failed"]] {
        let documents = vec![given("x", "The ferry sails at noon."), given("x", "The ferry sails at six.")];
        let outcomes = notes.footnote.ingest(documents, &mut |_| {}).unwrap();
        assert_eq!(outcomes.iter().map(|one| parts(one).0).collect::<Vec<_>>(), expected);
        assert!(parts(&outcomes[1]).2.contains("`x` was already used by document 1"), "{outcomes:?}");
        assert_eq!(notes.text("x"), "The ferry sails at noon.");
    }
    let copies = vec![given("y", "The pier is closed."), given("y", "The pier is closed.")];
    let outcomes = notes.footnote.ingest(copies, &mut |_| {}).unwrap();
    assert_eq!(outcomes.iter().map(|one| parts(one).0).collect::<Vec<_>>(), ["added", "unchanged"], "nothing is lost");
}

#[test]
fn a_document_that_fails_keeps_its_earlier_version_even_with_another_id() {
    let notes = Notes::with(&[("a.md", "The pier is closed.\n")]);
    assert_eq!(notes.ingest("a.md"), ["added a"]);
    let too_large = "x".repeat(17 * 1024 * 1024);
    for bad in [
        b"---\nid: ..\n---\nThe pier is open.\n".as_slice(),
        b"---\nid: [x\n---\nThe pier is open.\n",
        b"The pier\0is open.\n",
        too_large.as_bytes(),
    ] {
        notes.write("a.md", bad);
        let all = notes.ingest("a.md");
        assert!(all.len() == 1 && all[0].starts_with("failed"), "{all:?}");
        assert_eq!(notes.titles(), ["a"]);
    }
    notes.write("a.md", "---\nid: pier\n---\nThe pier is open.\n");
    assert_eq!(notes.ingest("a.md"), ["added a", "removed a"], "the new id replaces the old one");
}

#[test]
fn nothing_of_a_digest_is_removed_while_one_of_its_articles_fails() {
    let notes = Notes::new();
    let write = |names: &[&str]| {
        notes.write("digest.txt", format!("#news\n{}", names.iter().map(|name| article(name)).collect::<String>()));
    };
    write(&["Canal", "Tariff", "Quota"]);
    assert_eq!(notes.ingest("digest.txt").len(), 3);
    let taken = notes.footnote.documents(None, 10).unwrap()[0].id.clone();
    // Another file claims the id of the first article.
    notes.write("a.md", format!("---\nid: {taken}\n---\nA clash.\n"));
    write(&["Canal", "Quota", "Harbour"]);
    let mut all = notes.ingest("");
    all.sort();
    assert_eq!(all, ["added Harbour decided", "failed Canal decided", "unchanged Quota decided", "updated a"]);
    assert!(notes.titles().contains(&"Tariff decided".to_owned()));
    fs::remove_file(notes.path("a.md")).unwrap();
    let mut all = notes.ingest("");
    all.sort();
    let expected =
        ["removed Tariff decided", "unchanged Harbour decided", "unchanged Quota decided", "updated Canal decided"];
    assert_eq!(all, expected);
}

#[test]
fn an_emptied_file_loses_its_earlier_version_and_says_so() {
    for (name, text, empty) in [
        ("memo.txt", "Door code\n\nThe door code is 4417.\n", ""),
        ("memo.txt", "Door code\n\nThe door code is 4417.\n", " \n\t\u{FEFF}\n"),
        ("memo.md", "---\nid: code\n---\nThe door code is 4417.\n", "---\nid: code\n---\n"),
        ("memo.md", "---\ntitle: Door code\n---\nThe door code is 4417.\n", "---\n\n---\n"),
    ] {
        let notes = Notes::with(&[("keep.txt", "Boats\n\nThe boats are in the shed.\n"), (name, text)]);
        assert_eq!(notes.ingest("").len(), 2);
        notes.write(name, empty);
        let all = notes.ingest("");
        assert!(all.len() == 2 && all[0] == "unchanged Boats" && all[1].starts_with("removed"), "{all:?}");
        assert_eq!(notes.titles(), ["Boats"]);
        let again = notes.ingest_all(&[notes.path("")]);
        assert_eq!(again[1].0, "skipped", "{again:?}");
        assert!(again[1].2.starts_with("has no text"), "{again:?}");
    }
}

#[test]
fn an_emptied_digest_loses_all_its_articles_and_an_emptied_article_only_itself() {
    let notes = Notes::new();
    notes.write("d.txt", format!("#news\n{}{}{}", article("Canal"), article("Tariff"), article("Quota")));
    assert_eq!(notes.ingest("d.txt").len(), 3);
    notes.write("d.txt", format!("#news\n{}{}Quota decided\n", article("Canal"), article("Tariff")));
    assert_eq!(notes.ingest("d.txt"), ["unchanged Canal decided", "unchanged Tariff decided", "removed Quota decided"]);
    let again = notes.ingest_all(&[notes.path("d.txt")]);
    assert_eq!((again[2].0.as_str(), again[2].2.as_str()), ("skipped", "`Quota decided` has no text"));
    notes.write("d.txt", "\n");
    let mut all = notes.ingest("d.txt");
    all.sort();
    assert_eq!(all, ["removed Canal decided", "removed Tariff decided"]);
}

#[test]
fn a_blank_text_removes_the_document_with_its_id() {
    let notes = Notes::new();
    let ingest = |text: &str| parts(&notes.footnote.ingest(vec![given("x", text)], &mut |_| {}).unwrap()[0]).0;
    assert_eq!(ingest("The spare fuse is in the tin box."), "added");
    assert_eq!(ingest(" \n"), "removed");
    assert_eq!(notes.titles(), [""; 0]);
    assert_eq!(ingest(""), "skipped");
}

#[test]
fn a_file_that_was_renamed_keeps_its_document_and_can_be_emptied() {
    let notes = Notes::with(&[("a.md", "---\nid: memo\n---\nThe pier is closed.\n")]);
    assert_eq!(notes.ingest(""), ["added a"]);
    fs::rename(notes.path("a.md"), notes.path("b.md")).unwrap();
    assert_eq!(notes.ingest(""), ["updated b"]);
    notes.write("b.md", "");
    assert!(notes.ingest("")[0].starts_with("removed"));
    assert_eq!(notes.titles(), [""; 0]);
}

#[test]
fn a_digest_keeps_its_articles_when_one_that_does_not_fit_is_added() {
    for more in [
        "New ferry timetable from June\nThe ferry sails every forty minutes from the first of June on weekdays.\n",
        "A title whose text is still to come\n",
        "A long title above a text that is shorter than it\nYes. (Quay News)\n",
    ] {
        let notes = Notes::new();
        let digest = format!("#harbour\n{}{}", article("Canal"), article("Tariff"));
        notes.write("d.txt", &digest);
        notes.ingest("d.txt");
        notes.write("d.txt", format!("{digest}{more}"));
        let all = notes.ingest("d.txt");
        assert_eq!(all[..2], ["unchanged Canal decided", "unchanged Tariff decided"], "{all:?}");
        assert_eq!(all.len(), 3, "{all:?}");
    }
}

#[test]
fn documents_are_found_by_dates_as_people_write_them() {
    let notes = Notes::new();
    let dates = [
        "2026-02-10",
        "2026.02.10",
        "10 February 2026",
        "February 10, 2026",
        "2026-02-10T09:30",
        "2026-02-10 09:30:00 +0800",
        "Tue, 10 Feb 2026 09:30:00 +0800",
        "20260210",
        "2026年2月10日",
        "民國115年2月10日",
        "2026-02",
    ];
    for (index, date) in dates.iter().enumerate() {
        notes.write(
            &format!("n{index}.md"),
            format!("---\ntitle: '{date}'\ndate: {date}\n---\nPump {index} was greased.\n"),
        );
    }
    notes.write("other.md", "---\ntitle: other\ndate: 2026-03\n---\nThe other pump was greased.\n");
    notes.write("unclear.md", "---\ntitle: unclear\ndate: 03/04/2026\n---\nThe unclear pump was greased.\n");
    let all = notes.ingest_all(&[notes.path("")]);
    let noted: Vec<_> = all.iter().filter(|(.., notes)| !notes.is_empty()).collect();
    assert!(noted.len() == 1 && noted[0].1 == "unclear" && noted[0].2.contains("03/04/2026"), "{noted:?}");
    let found = |from: &str, to: &str| {
        let bound = |comparison, date: &str| Filter::is(Field::Published, comparison, date.into()).unwrap();
        let filter = Filter::All(vec![bound(Comparison::GreaterOrEqual, from), bound(Comparison::LessOrEqual, to)]);
        let question = Question { text: "pump greased".into(), top_k: Some(50), filter, ..Question::default() };
        let passages = notes.footnote.search(&question).unwrap().passages;
        let mut titles: Vec<String> = passages.into_iter().map(|passage| passage.document.title).collect();
        titles.sort();
        titles
    };
    let mut expected: Vec<String> = dates.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(found("2026-02-01", "2026-02-28"), expected);
    assert_eq!(found("2026-02-11", "2026-02-28"), ["2026-02"], "the month includes these days");
    assert_eq!(found("2026-03-05", "2026-03"), ["other"]);
    assert_eq!(found("2026-01", "2026-01-31"), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_reported_and_not_read() {
    let notes = Notes::with(&[("in/a.txt", "The boats are in the shed.\n"), ("out/secret.key", "The key is 4417.\n")]);
    std::os::unix::fs::symlink(notes.path("out/secret.key"), notes.path("in/readme.txt")).unwrap();
    std::os::unix::fs::symlink(notes.path("out"), notes.path("in/shared")).unwrap();
    let mut all = notes.ingest("in");
    all.sort();
    assert_eq!(
        all,
        ["added The boats are in the shed.", "skipped readme.txt", "skipped shared"]
            .map(|line| line.replace("The boats are in the shed.", "a"))
    );
    assert_eq!(notes.titles(), ["a"]);
}

#[test]
fn a_number_is_found_whatever_script_its_digits_are_of() {
    let notes = Notes::new();
    let texts = [
        "رقم الغرفة ٣٥٠ في الطابق العلوي.",
        "कमरा संख्या ७५० ऊपर है।",
        "หมายเลขห้อง ๕๕๐ อยู่ชั้นบน",
        "رقم الغرفة ٣٦٣ في الطابق.",
    ];
    notes.footnote.ingest(texts.iter().map(|text| given(text, text)).collect(), &mut |_| {}).unwrap();
    for (number, text) in
        [("350", texts[0]), ("٣٥٠", texts[0]), ("750", texts[1]), ("550", texts[2]), ("３６３", texts[3])]
    {
        let question = Question { text: number.to_owned(), ..Question::default() };
        let found = &notes.footnote.search(&question).unwrap().passages[0];
        assert_eq!(found.document.id, text, "{number}");
        assert!(found.scores.lexical_rank == 1 && found.scores.lexical > 0.3, "{number}: {:?}", found.scores);
    }
}

#[test]
fn decomposed_and_invisible_characters_are_kept_in_the_text_and_do_not_hide_a_word() {
    let notes = Notes::new();
    let text = "Die Bru\u{308}cke in Zu\u{308}rich wurde er\u{AD}neuert.\u{200B} \u{FEFF}Der Steg blieb.";
    notes.footnote.ingest(vec![given("x", text), given("y", "Der Zug fährt.")], &mut |_| {}).unwrap();
    let question = Question { text: "Zürich Brücke erneuert".into(), ..Question::default() };
    let found = notes.footnote.search(&question).unwrap().passages.swap_remove(0);
    assert!(found.scores.lexical_rank == 1 && found.scores.lexical > 0.3, "{:?}", found.scores);
    assert_eq!(&text[found.quote.location.bytes.range()], found.quote.text);
    assert!(found.quote.text.starts_with("Die Bru\u{308}cke"), "{}", found.quote.text);
}

#[test]
fn a_text_with_old_line_ends_has_its_title_and_sentences() {
    let notes = Notes::with(&[(
        "oldmac.txt",
        "Harbour notes\rThe crane was inspected on Tuesday.\rThe next inspection is planned for the ninth of June.\r",
    )]);
    assert_eq!(notes.ingest(""), ["added Harbour notes"]);
    let question = Question { text: "When is the next inspection planned?".into(), ..Question::default() };
    let answer = notes.footnote.ask(&question).unwrap();
    assert_eq!(answer.citations[0].passage.quote.text, "The next inspection is planned for the ninth of June.");
}

#[test]
fn a_slide_deck_keeps_its_first_heading_and_quotes_no_rule() {
    let deck = "---\n# Harvest plan\n---\n\nPears are picked from the second week of September.\n\n---\n\n# Storage\n\nThe cellar holds forty crates.\n";
    let notes = Notes::with(&[("deck.md", deck)]);
    assert_eq!(notes.ingest(""), ["added Harvest plan"]);
    for text in ["harvest plan", "When are pears picked?", "---"] {
        let answer = notes.footnote.ask(&Question { text: text.into(), ..Question::default() }).unwrap();
        for citation in &answer.citations {
            assert_ne!(citation.passage.quote.text.trim(), "---");
        }
    }
}

#[test]
fn reindexing_keeps_when_a_document_was_ingested() {
    let notes = Notes::new();
    notes.footnote.ingest(vec![given("x", "The ferry sails at noon.")], &mut |_| {}).unwrap();
    let before = notes.footnote.document("x").unwrap();
    // Times are stored to the second.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(notes.footnote.reindex(&mut |_| {}).unwrap(), 1);
    assert_eq!(notes.footnote.document("x").unwrap(), before);
}

#[test]
fn a_text_of_nothing_but_markup_is_skipped() {
    let notes = Notes::new();
    let rule = NewDocument { format: Format::Markdown, ..given("x", "---\n\n***\n") };
    let outcome = notes.footnote.ingest(vec![rule], &mut |_| {}).unwrap().swap_remove(0);
    assert_eq!((parts(&outcome).0.as_str(), parts(&outcome).2.as_str()), ("skipped", "it has no text besides markup"));
}

/// The real model with a tokenizer that refuses Greek.
struct WithoutGreek(&'static OnnxEmbedder);

impl Embedder for WithoutGreek {
    fn identity(&self) -> &ModelIdentity {
        self.0.identity()
    }

    fn dimensions(&self) -> usize {
        self.0.dimensions()
    }

    fn max_passage_tokens(&self) -> usize {
        self.0.max_passage_tokens()
    }

    fn token_counter(&self, text: &str) -> footnote::Result<TokenCounter> {
        if text.contains('Ω') {
            let document = text.split_whitespace().next().unwrap_or_default().to_owned();
            return Err(Error::Document { document, reason: "it is Greek".into(), hint: "remove it".into() });
        }
        self.0.token_counter(text)
    }

    fn embed_question(&self, text: &str, cancel: &Cancel) -> footnote::Result<QuestionVectors> {
        self.0.embed_question(text, cancel)
    }

    fn embed_passages(&self, passages: &[PassageInput]) -> footnote::Result<Vec<PassageVectors>> {
        self.0.embed_passages(passages)
    }
}

#[test]
fn reindexing_names_all_documents_that_cannot_be_split_and_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let collection = Collection::open(folder.path()).unwrap();
    let config = Config::default().ingest;
    let documents = vec![given("fine", "The pier is closed."), given("1", "one Ω."), given("2", "two Ω.")];
    ingest::documents(&collection, embedder(), &config, documents, &mut |_| {}).unwrap();
    let passages = |id: &str| collection.store().unwrap().passages(id).unwrap();
    let before = ["fine", "1", "2"].map(passages);
    let store = collection.store().unwrap();
    let plan = Plan {
        model: "m".into(),
        fingerprint: "f".into(),
        choice: ModelChoice::named("m"),
        dimensions: embedder().dimensions(),
        passage_tokens: config.passage_tokens,
        version: "0".into(),
    };
    let successor = Successor::open(folder.path(), store, &plan, &mut |_| {}).unwrap();
    let error = ingest::reindex::survey(store, &successor, &WithoutGreek(embedder()), &config).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("2 of the stored documents: ")
            && message.contains("one: it is Greek")
            && message.contains("two: "),
        "{message}"
    );
    assert_eq!(["fine", "1", "2"].map(passages), before);
}

#[test]
fn a_file_that_is_uploaded_again_replaces_all_its_documents() {
    let server = Server::start(&[]);
    let upload = |name: &str, text: &str| {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n--b--\r\n"
        );
        let reply = server.send(
            "POST",
            "/v1/documents",
            &[("content-type", "multipart/form-data; boundary=b")],
            body.as_bytes(),
        );
        let reply: Value = reply.json();
        let all = reply["documents"].as_array().unwrap().iter();
        let mut all: Vec<String> =
            all.map(|one| format!("{} {}", one["status"].as_str().unwrap(), one["title"].as_str().unwrap())).collect();
        all.sort();
        all
    };
    let digest = |names: &[&str]| format!("#news\n{}", names.iter().map(|name| article(name)).collect::<String>());
    assert_eq!(upload("d.txt", &digest(&["Canal", "Quota"])), ["added Canal decided", "added Quota decided"]);
    assert_eq!(
        upload("d.txt", &digest(&["Canal", "Harbour"])),
        ["added Harbour decided", "removed Quota decided", "unchanged Canal decided"]
    );
    assert_eq!(upload("d.txt", " "), ["removed Canal decided", "removed Harbour decided"]);
    assert_eq!(upload("n.md", "---\ndate: 03/04/2026\n---\nThe pier is closed."), ["added n"]);
    let reply = server
        .post("/v1/documents", &json!({"documents": [{"id": "x", "text": "A fuse."}, {"id": "x", "text": "A tin."}]}));
    let documents = reply.json()["documents"].clone();
    assert_eq!((documents[0]["status"].as_str(), documents[1]["status"].as_str()), (Some("added"), Some("failed")));
    let reply = server.post("/v1/documents", &json!({"documents": [{"id": "x", "text": ""}]}));
    assert_eq!(reply.json()["documents"][0]["status"], "removed");
}

#[test]
fn a_file_of_any_kind_is_read_from_standard_input_by_its_content_or_its_name() {
    let workspace = Workspace::new();
    let run = |arguments: &[&str], input: &[u8]| {
        let output = workspace.run_with_input(&[&["ingest", "--json", "-"], arguments].concat(), input);
        assert_eq!(output.code, 0, "{output:?}");
        serde_json::from_str::<serde_json::Value>(output.stdout.lines().next().unwrap()).unwrap()
    };
    let docx = std::fs::read(data("formats/office/zh-tw-libreoffice.docx")).unwrap();
    let by_content = run(&["--title", "Rates", "--tag", "desk"], &docx);
    assert_eq!((&by_content["status"], &by_content["title"]), (&"added".into(), &"Rates".into()));
    let shown = workspace.run(&["get", by_content["id"].as_str().unwrap()]).stdout;
    assert!(shown.contains("陸以寧") && shown.contains("desk"), "{shown}");
    assert_eq!(run(&["--title", "Rates", "--tag", "desk"], &docx)["status"], "unchanged");
    let by_name = run(&["--name", "stations.csv"], "站名,地址\n台南車站,北門路\n".as_bytes());
    assert_eq!(by_name["id"], "stations.csv");
    assert!(workspace.run(&["get", "stations.csv"]).stdout.contains("站名: 台南車站; 地址: 北門路"));
    // Text stays text, and a page is text if that is said.
    assert_eq!(run(&["--id", "t"], b"{\"a\": 1}")["status"], "added");
    run(&["--id", "page", "--format", "plain"], b"<html><body><p>The tide turns.</p></body></html>");
    assert!(workspace.run(&["get", "page"]).stdout.contains("<p>The tide turns.</p>"));
}
