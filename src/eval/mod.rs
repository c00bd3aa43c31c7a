//! Evaluates question sets: ranking (recall, nDCG), quotes and abstention.
//!
//! Each set is also measured with the parts of the ranking alone and with common baselines, in the same run.

mod asked;
mod explain;
mod feedback;
mod fit;
mod metrics;
mod parts;
mod sets;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::ask::{ConfidenceModels, Features, SupportFeatures};
use crate::config::{Config, LogQuestions};
use crate::error::{Error, Result};
use crate::footnote::{Collections, Footnote, Progress};
use crate::model::ModelIdentity;
use asked::Asked;
pub use explain::{Explained, explain};
pub use feedback::Used;
pub use fit::Fitted;
use fit::{Sample, Weighting};
use metrics::Ranked;
use sets::{Corpus, EvalQuestion, QuestionSet};

/// What to measure.
#[derive(Debug, Clone, Default)]
pub struct EvalOptions {
    /// Folders of question sets, or of such folders.
    pub sets: Vec<PathBuf>,
    /// The documents of a `questions.jsonl`; the folder `corpus` beside it if `None`.
    pub documents: Option<PathBuf>,
    /// Only corpora of these names; all when empty.
    pub corpora: Vec<String>,
    /// Only files of questions of these names; all when empty.
    pub queries: Vec<String>,
    /// Files of documents that are added to every corpus and relevant to no question.
    pub distractors: Vec<PathBuf>,
    /// Leaves out every n-th document, so that its questions have no answer.
    pub leave_out: Option<usize>,
    /// Maximum number of questions of each set, spread evenly over it.
    pub sample: Option<usize>,
    /// Directory that keeps indexes for the next run; a temporary folder if `None`.
    pub cache: Option<PathBuf>,
    /// Puts each corpus into several collections of about these percentages of its documents, which are asked together; into
    /// one if empty.
    pub split: Vec<u8>,
    /// A file of feedback on answers about the configured collection, which is evaluated as it is instead of `sets`.
    pub from: Option<PathBuf>,
}

/// How passages are ranked. All but the first are baselines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ranker {
    /// The product's ranking.
    Footnote,
    /// Late interaction alone, over the same candidates.
    Late,
    /// Passage vectors alone.
    Dense,
    /// The lexical score alone, with the dictionaries.
    Lexical,
    /// Plain BM25 on the question's own words.
    Bm25,
    /// Reciprocal rank fusion of the vectors and of BM25.
    RankFusion,
}

impl Ranker {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Footnote, Self::Late, Self::Dense, Self::Lexical, Self::Bm25, Self::RankFusion];

    /// Its name in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Footnote => "footnote",
            Self::Late => "late",
            Self::Dense => "dense",
            Self::Lexical => "lexical",
            Self::Bm25 => "bm25",
            Self::RankFusion => "rank-fusion",
        }
    }
}

/// The figures of one ranker on one set. All but counts and times are between 0 and 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The set's name, with its distractors.
    pub set: String,
    /// The name of its questions, usually their language.
    pub queries: String,
    /// The name of its corpus.
    pub corpus: String,
    /// How the passages were ranked.
    #[serde(rename = "leg")]
    pub ranker: Ranker,
    /// Number of answerable questions.
    pub questions: usize,
    /// Share of relevant documents that are ranked first.
    pub recall_at_1: f64,
    /// The same among the first five.
    pub recall_at_5: f64,
    /// The same among the first ten.
    pub recall_at_10: f64,
    /// Mean reciprocal rank of the relevant documents within the first ten.
    pub mrr_at_10: f64,
    /// Normalised discounted cumulative gain of the first ten.
    pub ndcg_at_10: f64,
    /// Share of questions whose first quote is from a relevant document and contains the answer or the evidence.
    pub quote_at_1: Option<f64>,
    /// The same for one of the first three quotes.
    pub quote_at_3: Option<f64>,
    /// AUROC of the confidence for answerable against unanswerable questions.
    pub abstention_auroc: Option<f64>,
    /// F1 of declining to answer, at the configured threshold.
    pub abstention_f1: Option<f64>,
    /// Expected calibration error of the confidence, if as many questions were answerable as not.
    #[serde(default)]
    pub calibration_error: Option<f64>,
    /// Share of the sentences of the answers to answerable questions that hold evidence.
    #[serde(default)]
    pub sentence_precision: Option<f64>,
    /// Median of a question's time in milliseconds, embedding included.
    pub median_ms: Option<f64>,
}

/// All figures of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Time of the run, RFC 3339 in UTC.
    pub date: String,
    /// The program's version.
    pub version: String,
    /// The model's name and fingerprint.
    pub model: String,
    /// The figures.
    pub rows: Vec<Row>,
    /// What became of the feedback; `None` for question sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Used>,
}

/// The progress of a run.
#[derive(Debug)]
pub enum EvalEvent<'a> {
    /// A corpus is being ingested.
    Ingesting {
        /// The set's and the corpus's name.
        corpus: &'a str,
        /// Its progress.
        progress: Progress<'a>,
    },
    /// A set's questions are being asked.
    Asking {
        /// The set's, the questions' and the corpus's name.
        set: &'a str,
        /// Questions asked so far.
        done: usize,
        /// Questions in all.
        total: usize,
    },
}

/// Measures every chosen set.
pub fn run(config: &Config, options: &EvalOptions, events: &mut dyn FnMut(EvalEvent<'_>)) -> Result<Report> {
    let mut rows = Vec::new();
    let mut model = None;
    let feedback = each_set(config, options, events, &mut |collections, set, name, events| {
        model = Some(collections.model()?);
        let asked = ask_all(collections, config.ask.candidates, set, options.sample, name, events)?;
        rows.extend(Ranker::ALL.map(|ranker| row(set, name, ranker, &asked, config.ask.answerable_from)));
        Ok(())
    })?;
    Ok(Report {
        date: crate::timestamp::now(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model: model.as_ref().map(ModelIdentity::to_string).unwrap_or_default(),
        rows,
        feedback,
    })
}

/// What can be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// The probability that the documents answer a question, to the sets that have questions with and without an answer.
    Confidence,
    /// The probability that a quote holds evidence, to the sets whose evidence is known.
    Support,
}

/// Fits a model to every chosen set that tells something; the confidence, one for each of [`ConfidenceModels`]. `command` is what is written into the file as the way to make it
/// again.
pub fn fit(
    config: &Config,
    options: &EvalOptions,
    fit: Fit,
    command: &str,
    events: &mut dyn FnMut(EvalEvent<'_>),
) -> Result<Fitted> {
    // Those in the script of the best passage, and the others.
    let mut samples = [Vec::new(), Vec::new()];
    each_set(config, options, events, &mut |collections, set, name, events| {
        let (mut cases, mut asked) = ([Vec::new(), Vec::new()], 0);
        each_question(set, options.sample, name, events, |question| {
            asked += 1;
            let ranking = collections.rank(&asked::question(question))?;
            match fit {
                Fit::Confidence => {
                    let part = usize::from(ranking.features.same_script < 1.0);
                    cases[part].push((ranking.features.values().to_vec(), question.answerable));
                }
                Fit::Support => cases[0].extend(asked::quotes(collections, question, &ranking)?),
            }
            Ok(())
        })?;
        let name = format!("{name}, {} → {}", set.queries_name, set.corpus_name);
        for (samples, cases) in samples.iter_mut().zip(cases) {
            let answered = cases.iter().filter(|(_, outcome)| *outcome).count();
            let of_rarer = answered.min(cases.len() - answered);
            // The weight of a set is shared by its cases, so a few must not have all of it.
            if of_rarer > 0 && of_rarer >= asked / FEWEST {
                samples.push(Sample { name: name.clone(), cases });
            }
        }
        Ok(())
    })?;
    let [same, other] = samples;
    match fit {
        Fit::Confidence if same.is_empty() && other.is_empty() => Err(Error::Input {
            reason: "none of the sets has questions both with and without an answer".into(),
            hint: "leave some documents out with --leave-out".into(),
        }),
        Fit::Support if same.is_empty() => Err(Error::Input {
            reason: "none of the sets has evidence by which a quote is right or wrong".into(),
            hint: "`footnote eval --help` describes evidence*.jsonl".into(),
        }),
        Fit::Confidence => {
            let fit = |samples: &[Sample]| fit::fit(samples, &Features::names(), Weighting::Balanced);
            // Sets in one script tell nothing of the other; their model is the best guess for it.
            let (same, other) = match (same.is_empty(), other.is_empty()) {
                (true, _) => (&other, &other),
                (_, true) => (&same, &same),
                _ => (&same, &other),
            };
            let ((same_script, of_same), (other_script, of_other)) = (fit(same), fit(other));
            let heading =
                "The models of confidence. Questions with and without an answer count alike, and so does each set.";
            let text = fit::file(&ConfidenceModels { same_script, other_script }, heading, command);
            Ok(Fitted { text, summary: format!("the same script:\n{of_same}another script:\n{of_other}") })
        }
        Fit::Support => {
            let (model, summary) = fit::fit(&same, &SupportFeatures::names(), Weighting::AsFound);
            let heading = "The model of support: whether a quote holds evidence. Each set counts alike.";
            Ok(Fitted { text: fit::file(&model, heading, command), summary })
        }
    }
}

/// One of so many questions of a set must be in a script and have an outcome, or the set tells nothing of that script.
const FEWEST: usize = 20;

/// What is done with a set once its documents are there.
type OnSet<'a> = dyn FnMut(&Collections<'_>, &QuestionSet, &str, &mut dyn FnMut(EvalEvent<'_>)) -> Result<()> + 'a;

/// Does something with each chosen set. Returns what became of the feedback, if the set is made of that.
fn each_set(
    config: &Config,
    options: &EvalOptions,
    events: &mut dyn FnMut(EvalEvent<'_>),
    on_set: &mut OnSet<'_>,
) -> Result<Option<Used>> {
    let mut config = config.clone();
    // Nobody asks these questions.
    config.ask.log_questions = LogQuestions::None;
    if let Some(file) = &options.from {
        let footnote = Footnote::open_read_only(&config)?;
        let (set, used) = feedback::read(file, &footnote)?;
        on_set(&footnote.alone(), &set, &set.name, events)?;
        return Ok(Some(used));
    }
    let mut by_corpus: BTreeMap<(String, Corpus), Vec<QuestionSet>> = BTreeMap::new();
    for folder in &options.sets {
        for set in sets::read(folder, options.documents.as_deref(), options.leave_out)? {
            let chosen = |names: &[String], name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
            if chosen(&options.corpora, &set.corpus_name) && chosen(&options.queries, &set.queries_name) {
                by_corpus.entry((set.name.clone(), set.corpus.clone())).or_default().push(set);
            }
        }
    }
    if by_corpus.is_empty() {
        return Err(Error::Input {
            reason: "no question set has the corpus and the questions asked for".into(),
            hint: "leave --corpus or --queries out to see which there are".into(),
        });
    }
    let temporary = tempfile::tempdir().map_err(Error::io("create", std::env::temp_dir()))?;
    let dir = options.cache.as_deref().unwrap_or(temporary.path());
    for ((name, corpus), sets) in by_corpus {
        let with: String = options
            .distractors
            .iter()
            .filter_map(|path| path.parent()?.file_name()?.to_str())
            .fold(String::new(), |with, folder| with + "+" + folder);
        let label = format!("{name}{with}");
        let Some(first) = sets.first() else { continue };
        let shown = format!("{label} {}", first.corpus_name);
        let collections = parts::open(&config, dir, &corpus, options, &shown, events)?;
        for set in &sets {
            on_set(&collections.all(), set, &label, events)?;
        }
    }
    Ok(None)
}

fn ask_all(
    collections: &Collections<'_>,
    candidates: usize,
    set: &QuestionSet,
    sample: Option<usize>,
    name: &str,
    events: &mut dyn FnMut(EvalEvent<'_>),
) -> Result<Vec<Asked>> {
    let mut asked = Vec::new();
    each_question(set, sample, name, events, |question| {
        asked.push(Asked::of(collections, candidates, question)?);
        Ok(())
    })?;
    Ok(asked)
}

/// Goes through a set's questions, or `sample` of them, spread evenly.
fn each_question(
    set: &QuestionSet,
    sample: Option<usize>,
    name: &str,
    events: &mut dyn FnMut(EvalEvent<'_>),
    mut each: impl FnMut(&EvalQuestion) -> Result<()>,
) -> Result<()> {
    let label = format!("{name}, {} → {}", set.queries_name, set.corpus_name);
    let total = sample.unwrap_or(usize::MAX).min(set.questions.len());
    for done in 0..total {
        events(EvalEvent::Asking { set: &label, done, total });
        each(&set.questions[done * set.questions.len() / total])?;
    }
    Ok(())
}

fn row(set: &QuestionSet, name: &str, ranker: Ranker, asked: &[Asked], answerable_from: f32) -> Row {
    let answerable: Vec<&Asked> = asked.iter().filter(|asked| asked.answerable).collect();
    let ranked = answerable.iter().map(|asked| Ranked::of(&asked.found[&ranker], asked.relevant)).collect::<Vec<_>>();
    let Ranked { recall_at_1, recall_at_5, recall_at_10, mrr_at_10, ndcg_at_10 } = Ranked::mean(&ranked);
    let quotes: Vec<&Vec<bool>> = answerable.iter().filter_map(|asked| asked.quotes.as_ref()).collect();
    let quoted = |depth: usize| {
        let right = quotes.iter().filter(|right| right.iter().take(depth).any(|right| *right)).count();
        (ranker == Ranker::Footnote && !quotes.is_empty()).then(|| metrics::share(right, quotes.len()))
    };
    let scored: Vec<(f32, bool)> = asked.iter().map(|asked| (asked.confidence, asked.answerable)).collect();
    let of_product = |value: Option<f64>| value.filter(|_| ranker == Ranker::Footnote);
    let (right, sentences) = answerable.iter().filter_map(|asked| asked.sentences).fold((0, 0), |sum, (right, all)| {
        (sum.0 + right, sum.1 + all) //
    });
    let precise = (ranker == Ranker::Footnote && sentences > 0).then(|| metrics::share(right, sentences));
    let mut times: Vec<f64> = asked.iter().map(|asked| asked.took_ms).collect();
    times.sort_by(f64::total_cmp);
    Row {
        set: name.to_owned(),
        queries: set.queries_name.clone(),
        corpus: set.corpus_name.clone(),
        ranker,
        questions: answerable.len(),
        recall_at_1,
        recall_at_5,
        recall_at_10,
        mrr_at_10,
        ndcg_at_10,
        quote_at_1: quoted(1),
        quote_at_3: quoted(3),
        abstention_auroc: of_product(metrics::auroc(&scored)),
        abstention_f1: of_product(metrics::abstention_f1(&scored, answerable_from)),
        calibration_error: of_product(metrics::calibration_error(&scored)),
        sentence_precision: precise,
        median_ms: of_product(times.get(times.len() / 2).copied()),
    }
}
