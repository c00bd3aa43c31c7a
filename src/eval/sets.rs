//! Question sets on disk: documents, questions about them, and the correct answers.
//!
//! A folder is one or several sets. It holds, in lines of JSON or of tab-separated values:
//!
//! ```text
//! corpus[.NAME].jsonl     id, title?, text, lang?
//! queries[.NAME].jsonl    id, text, lang?, answers?, answerable?
//! qrels[.NAME].tsv        query, document, relevance
//! evidence[.NAME].jsonl   query_id, sentence, answer?      in the language of the corpus of the same NAME
//! ```
//!
//! or `questions.jsonl` (`id, question, lang?, answerable, evidence: [text]`) beside a folder `corpus` of files.
//! Queries go with every corpus that holds what is relevant to them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::passage::NewDocument;

/// The questions of one file about one corpus.
pub(super) struct QuestionSet {
    /// The folder's name.
    pub(super) name: String,
    /// The corpus's name: what stands between `corpus.` and `.jsonl`.
    pub(super) corpus_name: String,
    /// The name of the file of questions.
    pub(super) queries_name: String,
    pub(super) corpus: Corpus,
    pub(super) questions: Vec<EvalQuestion>,
}

/// Where the documents come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Corpus {
    /// A file of lines of JSON, of which every n-th is left out, if that is said.
    Lines(PathBuf, Option<usize>),
    /// A folder of files, read as `footnote ingest` does.
    Folder(PathBuf),
}

/// A question and its correct answers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EvalQuestion {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) answerable: bool,
    pub(super) relevant: Relevant,
    /// What a quote from what is relevant may contain to be right; empty where that is not known.
    pub(super) evidence: Vec<String>,
}

/// Which passages are relevant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Relevant {
    /// All of these documents.
    Documents(HashSet<String>),
    /// Those that contain the question's evidence.
    WithEvidence,
}

#[derive(Deserialize)]
struct DocumentLine {
    id: String,
    title: Option<String>,
    text: String,
    lang: Option<String>,
}

#[derive(Deserialize)]
struct QueryLine {
    id: String,
    text: String,
    #[serde(default)]
    answers: Vec<String>,
    answerable: Option<bool>,
}

#[derive(Deserialize)]
struct EvidenceLine {
    query_id: String,
    sentence: String,
    answer: Option<String>,
}

#[derive(Deserialize)]
struct QuestionLine {
    id: String,
    question: String,
    lang: Option<String>,
    answerable: bool,
    #[serde(default)]
    evidence: Vec<String>,
}

/// The sets in a folder, or in the folders in it. `documents` is where the files are that `questions.jsonl` asks about,
/// if they are not beside it. Every `leave_out`-th document of a corpus of lines is left out; the questions about it are
/// then unanswerable.
pub(super) fn read(folder: &Path, documents: Option<&Path>, leave_out: Option<usize>) -> Result<Vec<QuestionSet>> {
    let mut sets = own_sets(folder, documents, leave_out)?;
    if sets.is_empty() {
        for inner in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
            sets.extend(own_sets(&inner, documents, leave_out)?);
        }
    }
    if sets.is_empty() {
        return Err(Error::Input {
            reason: format!("there is no question set in {}", folder.display()),
            hint: "a set is corpus*.jsonl, queries*.jsonl and qrels*.tsv, or questions.jsonl and a folder corpus"
                .into(),
        });
    }
    Ok(sets)
}

/// The documents of a corpus of lines, but for every `leave_out`-th.
pub(super) fn documents(path: &Path, leave_out: Option<usize>) -> Result<Vec<NewDocument>> {
    let document = |line: DocumentLine| NewDocument {
        id: Some(line.id),
        title: line.title.filter(|title| !title.is_empty()),
        text: line.text,
        language: line.lang,
        ..NewDocument::default()
    };
    let all = (1_usize..).zip(lines(path)?);
    let kept = all.filter(|(number, _)| leave_out.is_none_or(|every| number % every != 0));
    Ok(kept.map(|(_, line)| document(line)).collect())
}

fn own_sets(folder: &Path, documents: Option<&Path>, leave_out: Option<usize>) -> Result<Vec<QuestionSet>> {
    let name = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = name.file_name().map_or_else(|| "set".into(), |name| name.to_string_lossy().into_owned());
    let files = entries(folder)?;
    let mut sets = Vec::new();
    let questions = folder.join("questions.jsonl");
    let corpus = documents.map_or_else(|| folder.join("corpus"), Path::to_owned);
    if questions.is_file() && corpus.is_dir() {
        sets.extend(with_evidence(&name, &questions, &corpus)?);
    }
    let mut qrels: HashMap<String, HashSet<String>> = HashMap::new();
    for (_, path) in named(&files, "qrels", "tsv") {
        read_qrels(&path, &mut qrels)?;
    }
    for (corpus_name, path) in named(&files, "corpus", "jsonl") {
        let all: HashSet<String> = lines::<DocumentLine>(&path)?.into_iter().map(|line| line.id).collect();
        let here = self::documents(&path, leave_out)?.into_iter().filter_map(|document| document.id).collect();
        let mut evidence: HashMap<String, Vec<String>> = HashMap::new();
        // A corpus that leaves documents out is in the language of the whole one.
        let whole = corpus_name.split('.').next().unwrap_or_default();
        let files_of = |name: &str| named(&files, "evidence", "jsonl").into_iter().find(|(of, _)| of == name);
        if let Some((_, path)) = files_of(&corpus_name).or_else(|| files_of(whole)) {
            for EvidenceLine { query_id, sentence, answer } in lines(&path)? {
                let known = evidence.entry(query_id).or_default();
                known.extend([sentence].into_iter().chain(answer));
            }
        }
        for (queries_name, queries) in named(&files, "queries", "jsonl") {
            let same_language = language(&queries_name) == language(&corpus_name);
            let questions =
                judged(lines(&queries)?, &Held { all: &all, here: &here }, &qrels, &evidence, same_language);
            if let Some(questions) = questions.filter(|questions| !questions.is_empty()) {
                sets.push(QuestionSet {
                    name: name.clone(),
                    corpus_name: corpus_name.clone(),
                    queries_name,
                    corpus: Corpus::Lines(path.clone(), leave_out),
                    questions,
                });
            }
        }
    }
    Ok(sets)
}

/// The ids of a corpus, and of what is left of it.
struct Held<'a> {
    all: &'a HashSet<String>,
    here: &'a HashSet<String>,
}

/// The questions with what is relevant to them in this corpus; `None` if they are not about it: if it lacks what an
/// answerable question needs, or holds what an unanswerable one would.
fn judged(
    queries: Vec<QueryLine>,
    corpus: &Held<'_>,
    qrels: &HashMap<String, HashSet<String>>,
    evidence: &HashMap<String, Vec<String>>,
    same_language: bool,
) -> Option<Vec<EvalQuestion>> {
    let mut questions = Vec::with_capacity(queries.len());
    for query in queries {
        let relevant = qrels.get(&query.id);
        if relevant.is_none() && query.answerable != Some(false) {
            // Nobody judged it.
            continue;
        }
        let held = |ids: &HashSet<String>| relevant.into_iter().flatten().any(|id| ids.contains(id));
        let mut answerable = query.answerable.unwrap_or(true);
        if answerable != held(corpus.all) {
            return None;
        }
        answerable &= held(corpus.here);
        let here = relevant.into_iter().flatten().filter(|id| corpus.here.contains(*id)).cloned().collect();
        let known = evidence.get(&query.id).cloned();
        let evidence = known.unwrap_or_else(|| if same_language { query.answers } else { Vec::new() });
        questions.push(EvalQuestion {
            id: query.id,
            text: query.text,
            answerable,
            relevant: Relevant::Documents(here),
            evidence: evidence.into_iter().filter(|text| !text.is_empty()).collect(),
        });
    }
    Some(questions)
}

/// Questions of all languages about a folder of files: one set for each language, and one of all.
fn with_evidence(name: &str, path: &Path, corpus: &Path) -> Result<Vec<QuestionSet>> {
    let mut by_language: BTreeMap<String, Vec<EvalQuestion>> = BTreeMap::new();
    let mut all = Vec::new();
    for line in lines::<QuestionLine>(path)? {
        let question = EvalQuestion {
            id: line.id,
            text: line.question,
            answerable: line.answerable,
            relevant: Relevant::WithEvidence,
            evidence: line.evidence,
        };
        all.push(question.clone());
        by_language.entry(line.lang.unwrap_or_else(|| "und".into())).or_default().push(question);
    }
    let set = |(queries_name, questions)| QuestionSet {
        name: name.to_owned(),
        corpus_name: "all".into(),
        queries_name,
        corpus: Corpus::Folder(corpus.to_owned()),
        questions,
    };
    let several = by_language.len() > 1;
    let mut sets = vec![set(("all".to_owned(), all))];
    sets.extend(by_language.into_iter().filter(|_| several).map(set));
    Ok(sets)
}

/// The language in a name such as `abstain.zh-Hant.dev`.
fn language(name: &str) -> &str {
    let is_tag = |part: &&str| part.split('-').next().is_some_and(|primary| primary.len() == 2);
    name.split('.').find(is_tag).unwrap_or(name)
}

/// The files called `KIND.jsonl` or `KIND.NAME.jsonl`, by their names.
fn named(files: &BTreeSet<PathBuf>, kind: &str, extension: &str) -> Vec<(String, PathBuf)> {
    let name = |path: &PathBuf| {
        let file = path.file_name()?.to_str()?;
        let middle = file.strip_prefix(kind)?.strip_suffix(extension)?.strip_suffix('.')?;
        let middle = if middle.is_empty() { "all" } else { middle.strip_prefix('.')? };
        Some((middle.to_owned(), path.clone()))
    };
    files.iter().filter_map(name).collect()
}

fn entries(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(Error::io("read", folder))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}

pub(super) fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(number, line)| serde_json::from_str(line).map_err(|error| malformed(path, number, &error))).collect()
}

fn read_qrels(path: &Path, qrels: &mut HashMap<String, HashSet<String>>) -> Result<()> {
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let mut columns = line.split('\t');
        let (Some(query), Some(document)) = (columns.next(), columns.next()) else {
            return Err(malformed(path, number, &"it has fewer than two columns"));
        };
        // Without a third column a pair is relevant; with a heading it is no number.
        let Some(relevance) = columns.next().map_or(Some(1.0), |column| column.trim().parse::<f64>().ok()) else {
            continue;
        };
        let of_query = qrels.entry(query.to_owned()).or_default();
        if relevance > 0.0 {
            of_query.insert(document.to_owned());
        }
    }
    Ok(())
}

fn malformed(path: &Path, line: usize, reason: &dyn std::fmt::Display) -> Error {
    Error::Input {
        reason: format!("{}, line {line}: {reason}", path.display()),
        hint: "`footnote eval --help` describes the files of a question set".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text)| std::fs::write(dir.path().join(name), text).unwrap());
        dir
    }

    const CORPUS: &str = "{\"id\": \"a\", \"text\": \"甲\"}\n{\"id\": \"b\", \"text\": \"乙\"}\n";

    #[test]
    fn queries_go_with_every_corpus_that_holds_what_is_relevant_to_them() {
        let dir = folder(&[
            ("corpus.zh-Hant.jsonl", CORPUS),
            ("corpus.zh-Hant.abstain.jsonl", "{\"id\": \"a\", \"text\": \"甲\"}\n"),
            ("queries.en.jsonl", "{\"id\": \"1\", \"text\": \"A?\"}\n{\"id\": \"2\", \"text\": \"B?\"}\n"),
            (
                "queries.abstain.en.jsonl",
                "{\"id\": \"1\", \"text\": \"A?\"}\n{\"id\": \"2\", \"text\": \"B?\", \"answerable\": false}\n",
            ),
            ("qrels.tsv", "1\ta\t1\n2\tb\t1\n2\ta\t0\n"),
            ("evidence.zh-Hant.jsonl", "{\"query_id\": \"1\", \"sentence\": \"甲。\", \"answer\": \"甲\"}\n"),
        ]);
        let sets = read(dir.path(), None, None).unwrap();
        let pairs: Vec<_> = sets.iter().map(|set| (set.corpus_name.as_str(), set.queries_name.as_str())).collect();
        assert_eq!(pairs, [("zh-Hant.abstain", "abstain.en"), ("zh-Hant", "en")]);
        assert_eq!(sets[0].questions[0].evidence, ["甲。", "甲"]);
        assert_eq!(sets[0].questions.iter().map(|q| q.answerable).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn questions_about_documents_that_are_left_out_have_no_answer() {
        let dir = folder(&[
            ("corpus.jsonl", CORPUS),
            ("queries.jsonl", "{\"id\": \"1\", \"text\": \"A?\"}\n{\"id\": \"2\", \"text\": \"B?\"}\n"),
            ("qrels.tsv", "1\ta\n2\tb\n"),
        ]);
        let sets = read(dir.path(), None, Some(2)).unwrap();
        assert_eq!(sets[0].questions.iter().map(|q| q.answerable).collect::<Vec<_>>(), [true, false]);
        assert_eq!(documents(&dir.path().join("corpus.jsonl"), Some(2)).unwrap().len(), 1);
    }

    #[test]
    fn questions_about_a_folder_of_files_come_together_and_by_language() {
        let line = |id: &str, lang: &str| {
            format!(
                "{{\"id\":\"{id}\",\"lang\":\"{lang}\",\"question\":\"q\",\"answerable\":true,\"evidence\":[\"e\"]}}\n"
            )
        };
        let dir = folder(&[("questions.jsonl", &(line("1", "en") + &line("2", "ja")))]);
        assert!(read(dir.path(), None, None).is_err(), "there is no corpus");
        std::fs::create_dir(dir.path().join("corpus")).unwrap();
        let sets = read(dir.path(), None, None).unwrap();
        let names: Vec<_> = sets.iter().map(|set| (set.queries_name.as_str(), set.questions.len())).collect();
        assert_eq!(names, [("all", 2), ("en", 1), ("ja", 1)]);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let dir = folder(&[("corpus.jsonl", "{\"id\": \"a\", \"text\": \"x\"}\n{\"id\": 3}\n"), ("queries.jsonl", "")]);
        let message = read(dir.path(), None, None).err().unwrap().to_string();
        assert!(message.contains("corpus.jsonl, line 2"), "{message}");
        let empty = tempfile::tempdir().unwrap();
        assert!(read(empty.path(), None, None).err().unwrap().hint().unwrap().contains("qrels"));
    }
}
