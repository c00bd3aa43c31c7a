//! Example requests and responses for the API's description. Responses are made by the code that makes real ones, so
//! that every offset in them is right.

use serde_json::{Value, json};

use super::{
    AskResponse, AskedQuestion, AskedQuestions, CheckResponse, DocumentOutcome, DocumentPage, DocumentResponse,
    DocumentsResponse, Feedback, FeedbackPage, FeedbackVerdict, Job, JobItem, JobState, JobWithItems, Jobs,
    SearchResponse,
};
use crate::footnote::{Ingested, Listed, Outcome, SearchResults};
use crate::model::ModelIdentity;
use crate::passage::{
    Answer, AnswerSentence, Checked, CheckedSentence, Citation, Cited, Difference, DifferenceKind, DocumentInfo,
    Format, FoundPassage, Location, Mode, Quote, Scores, Span, Support, Timings, Verdict,
};

/// A document's text.
pub(crate) const TEXT: &str = "市場展望\n通膨持續降溫。聯準會可能在2026年降息兩次。美元因此走弱。\n";

const QUOTE: &str = "聯準會可能在2026年降息兩次。";

pub(crate) fn question() -> Value {
    json!({"question": "who expects the Fed to cut in 2026", "mode": "extract", "top_k": 5, "context_sentences": 1,
        "filter": {"language": "zh", "published": {"gte": "2025-12"}}})
}

pub(crate) fn new_documents() -> Value {
    json!({"documents": [{
        "id": "outlook-2026",
        "title": "市場展望",
        "text": TEXT,
        "source": "研究部",
        "published": "2025-12-31",
        "tags": ["outlook"]
    }]})
}

pub(crate) fn fetch() -> Value {
    json!({"url": "https://example.org/sitemap.xml", "max_pages": 200})
}

pub(crate) fn info() -> DocumentInfo {
    DocumentInfo {
        id: "outlook-2026".into(),
        title: "市場展望".into(),
        source: Some("研究部".into()),
        uri: None,
        published: Some("2025-12-31".into()),
        language: Some("zh-Hant".into()),
        tags: vec!["outlook".into()],
        metadata: serde_json::Map::new(),
        format: Format::Plain,
        size_bytes: TEXT.len(),
        passages: 1,
        ingested: "2026-01-02T03:04:05Z".into(),
    }
}

/// The words of a text that match a question about cuts by the Fed.
fn words(text: &str) -> Vec<Span> {
    let place = |word: &str| text.find(word).map(|start| Span::new(start, start + word.len()));
    ["聯準會", "降息"].iter().filter_map(|word| place(word)).collect()
}

fn found() -> FoundPassage {
    let start = TEXT.find(QUOTE).unwrap_or_default();
    let quote = Span::new(start, start + QUOTE.len());
    FoundPassage {
        collection: None,
        key: 1,
        document: info(),
        location: Location::of(TEXT, Span::new(0, TEXT.len())),
        text: TEXT.into(),
        headings: Vec::new(),
        quote: Quote { text: TEXT[quote.range()].into(), location: Location::of(TEXT, quote) },
        is_row: false,
        table_header: None,
        place: None,
        before: "通膨持續降溫。".into(),
        after: "美元因此走弱。".into(),
        scores: Scores {
            dense: 0.859_375,
            sentence: 0.890_625,
            lexical: 0.25,
            late: 0.8125,
            fused: 0.85,
            rerank: None,
            dense_rank: 1,
            lexical_rank: 4,
        },
        relevance: 0.94,
        support: 0.91,
        copies: Vec::new(),
        matches: words(TEXT),
        quote_matches: words(QUOTE),
    }
}

fn model() -> ModelIdentity {
    let fingerprint = blake3::hash(b"an example").to_hex().to_string();
    ModelIdentity { name: "footnote-e5-small".into(), fingerprint }
}

const TOOK: Timings = Timings { embed_ms: 6.1, search_ms: 0.4, cite_ms: 0.2, total_ms: 6.7 };

/// A request of a chat client.
pub(crate) fn chat() -> Value {
    json!({"model": "footnote", "messages": [
        {"role": "user", "content": "who expects the Fed to cut in 2026"},
        {"role": "assistant", "content": "…[1]"},
        {"role": "user", "content": "and how often?"}
    ]})
}

/// An answer with one sentence and its footnote.
pub(crate) fn plain_answer() -> Answer {
    Answer {
        text: format!("{QUOTE}[1]"),
        mode: Mode::Extract,
        answerable: true,
        confidence: 0.875,
        missing: Vec::new(),
        sentences: vec![AnswerSentence {
            verdict: None,
            original: None,
            span: Span::new(0, QUOTE.len()),
            text: QUOTE.into(),
            citations: vec![1],
            supported: true,
            is_row: false,
        }],
        citations: vec![Citation { id: 1, passage: found() }],
        notice: None,
        took: TOOK,
        ..Answer::default()
    }
}

pub(crate) fn answer() -> AskResponse {
    AskResponse::new(plain_answer(), model())
}

pub(crate) fn search_results() -> SearchResponse {
    SearchResponse::new(
        SearchResults { passages: vec![found()], confidence: 0.875, took: TOOK, ..SearchResults::default() },
        model(),
    )
}

/// A request to check a text.
pub(crate) fn check() -> Value {
    json!({"text": "The Fed may cut rates three times in 2026.[1]", "documents": ["outlook-2026"]})
}

/// A checked sentence with another number than its source.
pub(crate) fn checked() -> CheckResponse {
    let found = found();
    let text = "The Fed may cut rates three times in 2026.[1]";
    let support = Support { document: found.document, quote: found.quote, score: 0.78, is_cited: true };
    let difference =
        Difference { kind: DifferenceKind::Number, said: "three times".into(), stands: Some("兩次".into()) };
    let sentence = CheckedSentence {
        text: text.into(),
        span: Span::new(0, text.len()),
        chars: Span::new(0, text.len()),
        verdict: Verdict::Contradicted,
        score: 0.78,
        support: vec![support],
        differences: vec![difference],
        cited: vec![Cited { mark: "[1]".into(), documents: vec![info().id] }],
    };
    CheckResponse::new(Checked { sentences: vec![sentence] }, model())
}

pub(crate) fn document() -> DocumentResponse {
    info().into()
}

pub(crate) fn document_page() -> DocumentPage {
    DocumentPage::new(Listed { documents: vec![info()], total: 1 }, 100)
}

pub(crate) fn outcomes() -> DocumentsResponse {
    let outcome = Outcome::Added(1);
    DocumentsResponse::new(&[Ingested::new(info().id, info().title, outcome)])
}

/// Feedback on an answer, as a client sends it.
pub(crate) fn new_feedback() -> Value {
    let quote = found().quote.location.bytes;
    json!({"question": "who expects the Fed to cut in 2026", "verdict": "wrong_sentence", "document": info().id,
        "bytes": [quote.start, quote.end]})
}

pub(crate) fn feedback() -> Feedback {
    let quote = found().quote.location.bytes;
    Feedback {
        id: "5f0c9a1e7b3d24680651".into(),
        created: "2026-01-02T03:04:05Z".into(),
        question: "who expects the Fed to cut in 2026".into(),
        verdict: FeedbackVerdict::WrongSentence,
        answerable: true,
        document: Some(info().id),
        bytes: Some([quote.start, quote.end]),
        comment: None,
        key: Some("laptop".into()),
    }
}

pub(crate) fn feedback_page() -> FeedbackPage {
    FeedbackPage { feedback: vec![feedback()], total: 1, next: None }
}

pub(crate) fn asked_questions() -> AskedQuestions {
    let question = "does Goldman Sachs expect a cut?".to_owned();
    let asked = AskedQuestion {
        question: question.clone(),
        count: 2,
        declined: 2,
        latest: "2026-01-02T03:04:05Z".into(),
        confidence: 0.1,
        missing: vec!["Goldman Sachs".into()],
        wordings: vec![question, "Does Goldman Sachs expect cuts".into()],
    };
    AskedQuestions {
        questions: vec![asked],
        total: 1,
        asked: 2,
        earliest: Some("2026-01-01T03:04:05Z".into()),
        next: None,
    }
}

/// A job that has just been accepted.
pub(crate) fn job() -> Job {
    let job = Job::queued("0651bd4a1f8a1c5f0c9a".into(), "default".into(), "2026-01-02T03:04:05Z".into(), 2);
    Job { key: Some("laptop".into()), key_id: Some("4f0c2b9e6d1a7835".into()), ..job }
}

pub(crate) fn jobs() -> Jobs {
    Jobs { jobs: vec![job()] }
}

pub(crate) fn job_with_items() -> JobWithItems {
    let outcome = DocumentOutcome::from(&Ingested::new("outlook.md".into(), info().title, Outcome::Added(1)));
    let mut job = job();
    job.counts.count(&outcome);
    (job.state, job.started) = (JobState::Running, Some("2026-01-02T03:04:06Z".into()));
    (job.progress.items_done, job.progress.documents) = (1, 1);
    (job.progress.passages_planned, job.progress.passages_embedded, job.progress.tokens) = (9, 1, 34);
    let items = vec![JobItem::done("outlook.md".into(), vec![outcome]), JobItem::open("report.pdf".into(), false)];
    JobWithItems { job, items }
}
