//! `footnote eval`: measures retrieval and answers on question sets.

use std::fmt::Write;
use std::path::PathBuf;

use crate::eval::{self, EvalEvent, EvalOptions, Fit, Ranker, Report, Row, Used};
use crate::library::check_exists;
use anyhow::{Context, bail};
use clap::Args;
use clap::builder::RangedU64ValueParser;

use super::facts::counted;
use super::passages_bar::PassagesBar;
use super::table::{numbers, table, words};
use super::term::Style;
use super::{Exit, Session, explain};

const AFTER_HELP: &str = "\
Examples:
  footnote eval examples                                     the questions about the example corpus
  footnote eval sets/xquad_r --queries en --corpus zh-Hant   one pair of languages
  footnote eval sets --sample 200 --json > before.json
  footnote eval sets --sample 200 --baseline before.json --fail-under recall@1=0.85
  footnote eval examples --explain ex-01                     how one question's passages were ranked
  footnote eval --from feedback.jsonl                        what people said about answers, over the collection

A set is a folder with
  corpus[.NAME].jsonl     id, title?, text, lang?
  queries[.NAME].jsonl    id, text, answers?, answerable?
  qrels[.NAME].tsv        query, document, relevance
  evidence[.NAME].jsonl   query_id, sentence, answer?
or with questions.jsonl (id, question, lang?, answerable, evidence: [text]) and a folder `corpus` of files.

--from takes feedback that `footnote questions export` has written, and asks the collection as it is: what
was said to be right is relevant, and what was rightly declined has no answer. Records that do not say
which document is right, or whose document or sentence is gone, are counted and left out.

The row `footnote` is the product. The other rows are its parts and baselines: `late` interaction,
`dense` vectors, `lexical` search with the dictionaries, plain `bm25`, and `rank-fusion`, the
reciprocal rank fusion of dense and bm25. Q@1 and Q@3 are the shares of questions whose first quote,
or one of the first three, contains the answer or the evidence. AUROC measures how well the
confidence separates answerable from unanswerable questions, F1 how well it declines. ECE is the
confidence's expected calibration error, Sent the share of the answers' sentences that hold evidence.
The exit status is 1 if a figure is below its --fail-under.";

/// Measure retrieval, quotes and abstention on question sets
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct EvalArgs {
    /// Folders of question sets
    #[arg(value_name = "FOLDER", required_unless_present = "from")]
    sets: Vec<PathBuf>,
    /// Evaluate the collection with the feedback in FILE instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sets", "corpus", "queries", "documents", "distractors", "leave_out", "split", "cache"])]
    from: Option<PathBuf>,
    /// Only corpora of this name, as in corpus.NAME.jsonl
    #[arg(long, value_name = "NAME")]
    corpus: Vec<String>,
    /// Only queries of this name, as in queries.NAME.jsonl
    #[arg(long, value_name = "NAME")]
    queries: Vec<String>,
    /// The documents of a questions.jsonl, if they are not in the folder `corpus` beside it
    #[arg(long, value_name = "FOLDER")]
    documents: Option<PathBuf>,
    /// Add the documents of a corpus*.jsonl, which are relevant to no question, to every corpus
    #[arg(long, value_name = "FILE")]
    distractors: Vec<PathBuf>,
    /// Leave out every Nth document of a corpus*.jsonl, so that its questions have no answer
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(2..))]
    leave_out: Option<usize>,
    /// Ask at most N questions of each set, spread evenly over it
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    sample: Option<usize>,
    /// Put each corpus into collections of about these percentages of its documents, and ask them together
    #[arg(long, value_name = "PERCENT,...", value_delimiter = ',')]
    split: Vec<u8>,
    /// Keep the indexes in DIR for the next run
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Show the difference from an earlier run's JSON
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Fail if a figure of a `footnote` row is below VALUE: recall@1, recall@5, recall@10, mrr@10, ndcg@10, quote@1,
    /// quote@3, auroc, f1 or sentences
    #[arg(long, value_name = "FIGURE=VALUE", value_parser = bound)]
    fail_under: Vec<(Figure, f64)>,
    /// Show how the passages of the question with this id were ranked, and stop
    #[arg(long, value_name = "ID")]
    explain: Option<String>,
    /// Fit the confidence to the sets with unanswerable questions, write its parameters to FILE, and stop
    #[arg(long, value_name = "FILE", conflicts_with = "explain")]
    fit_confidence: Option<PathBuf>,
    /// Fit the support of quotes to the sets with evidence, write its parameters to FILE, and stop
    #[arg(long, value_name = "FILE", conflicts_with_all = ["explain", "fit_confidence"])]
    fit_support: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// A figure of a [`Row`], by its name on the command line.
#[derive(Debug, Clone, Copy)]
struct Figure {
    name: &'static str,
    header: &'static str,
    of: fn(&Row) -> Option<f64>,
}

const FIGURES: [Figure; 11] = [
    Figure { name: "recall@1", header: "R@1", of: |row| Some(row.recall_at_1) },
    Figure { name: "recall@5", header: "R@5", of: |row| Some(row.recall_at_5) },
    Figure { name: "recall@10", header: "R@10", of: |row| Some(row.recall_at_10) },
    Figure { name: "mrr@10", header: "MRR", of: |row| Some(row.mrr_at_10) },
    Figure { name: "ndcg@10", header: "nDCG", of: |row| Some(row.ndcg_at_10) },
    Figure { name: "quote@1", header: "Q@1", of: |row| row.quote_at_1 },
    Figure { name: "quote@3", header: "Q@3", of: |row| row.quote_at_3 },
    Figure { name: "auroc", header: "AUROC", of: |row| row.abstention_auroc },
    Figure { name: "f1", header: "F1", of: |row| row.abstention_f1 },
    Figure { name: "ece", header: "ECE", of: |row| row.calibration_error },
    Figure { name: "sentences", header: "Sent", of: |row| row.sentence_precision },
];

pub(crate) fn run(args: &EvalArgs, session: &Session) -> anyhow::Result<Exit> {
    if args.from.is_some() {
        check_exists(&session.config.index)?;
    }
    let options = EvalOptions {
        sets: args.sets.clone(),
        documents: args.documents.clone(),
        corpora: args.corpus.clone(),
        queries: args.queries.clone(),
        distractors: args.distractors.clone(),
        leave_out: args.leave_out,
        sample: args.sample,
        cache: args.cache.clone(),
        split: args.split.clone(),
        from: args.from.clone(),
    };
    let mut display = Display { session, bar: None, set: String::new() };
    let mut events = |event: EvalEvent<'_>| display.show(&event);
    if let Some(id) = &args.explain {
        let explained = eval::explain(&session.config, &options, id, &mut events)?;
        for one in explained {
            session.print(&explain::ranking(&one.text, &one.ranking, Some(&one.relevant), session.style))?;
        }
        return Ok(Exit::Done);
    }
    let fits = [(Fit::Confidence, &args.fit_confidence), (Fit::Support, &args.fit_support)];
    if let Some((fit, file)) = fits.into_iter().find_map(|(fit, file)| Some((fit, file.as_ref()?))) {
        let fitted = eval::fit(&session.config, &options, fit, &command(), &mut events)?;
        std::fs::write(file, &fitted.text).with_context(|| format!("cannot write {}", file.display()))?;
        session.print(&fitted.summary)?;
        return Ok(Exit::Done);
    }
    let baseline = args.baseline.as_ref().map(read_report).transpose()?;
    let report = eval::run(&session.config, &options, &mut events)?;
    if args.json {
        session.print_json(&serde_json::to_value(&report)?)?;
    } else {
        session.print(&rendered(&report, baseline.as_ref(), session.style))?;
        if let Some(used) = &report.feedback {
            session.note(&told(used));
        }
    }
    let missed = missed(&report, &args.fail_under);
    missed.iter().for_each(|line| session.warn(line));
    Ok(if missed.is_empty() { Exit::Done } else { Exit::NothingFound })
}

/// How much of the feedback could be used, and why not the rest.
fn told(used: &Used) -> String {
    let Used { records, used, questions, unused } = used;
    let of = counted(*records, "record");
    let mut text = format!("{used} of {of} of feedback could be used, as {}.", counted(*questions, "question"));
    for (why, count) in unused {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {count} not: {why}");
    }
    text
}

/// This command as it was given.
fn command() -> String {
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let words = words.collect::<Vec<_>>().join(" ");
    format!("footnote {words}")
}

fn bound(text: &str) -> Result<(Figure, f64), String> {
    let known = || FIGURES.map(|figure| figure.name).join(", ");
    let (name, value) = text.split_once('=').ok_or("it takes FIGURE=VALUE, such as recall@1=0.85")?;
    let figure = FIGURES.into_iter().find(|figure| figure.name == name.trim());
    let figure = figure.ok_or_else(|| format!("`{name}` is no figure; they are {}", known()))?;
    let value: f64 = value.trim().parse().map_err(|_| format!("`{value}` is no number"))?;
    if !value.is_finite() {
        return Err(format!("`{value}` bounds nothing"));
    }
    Ok((figure, value))
}

fn read_report(path: &PathBuf) -> anyhow::Result<Report> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    match serde_json::from_str(&text) {
        Ok(report) => Ok(report),
        Err(error) => bail!("{} is not what `footnote eval --json` prints: {error}", path.display()),
    }
}

/// What is under a bound, one line each; and each bound on a figure that no set has.
fn missed(report: &Report, bounds: &[(Figure, f64)]) -> Vec<String> {
    let mut lines = Vec::new();
    for (figure, least) in bounds {
        let rows = report.rows.iter().filter(|row| row.ranker == Ranker::Footnote);
        let measured: Vec<(&Row, f64)> = rows.filter_map(|row| (figure.of)(row).map(|value| (row, value))).collect();
        if measured.is_empty() {
            lines.push(format!("footnote: no set has the figure {}", figure.name));
        }
        for (row, value) in measured.into_iter().filter(|(_, value)| value < least) {
            let (set, queries, corpus, name) = (&row.set, &row.queries, &row.corpus, figure.name);
            lines.push(format!("footnote: {set}, {queries} → {corpus}: {name} is {value:.4}, under {least}"));
        }
    }
    lines
}

fn rendered(report: &Report, baseline: Option<&Report>, style: Style) -> String {
    let mut columns = vec![words("SET"), words("QUESTIONS → CORPUS"), words("RANKING"), numbers("N")];
    columns.extend(FIGURES.map(|figure| numbers(figure.header)));
    columns.push(numbers("MS"));
    let row = |row: &Row| {
        let before = baseline.and_then(|baseline| baseline.rows.iter().find(|before| is_same(before, row)));
        let mut cells = vec![
            row.set.clone(),
            format!("{} → {}", row.queries, row.corpus),
            row.ranker.name().to_owned(),
            row.questions.to_string(),
        ];
        cells.extend(FIGURES.map(|figure| cell((figure.of)(row), before.and_then(|before| (figure.of)(before)))));
        cells.push(row.median_ms.map_or_else(|| "-".into(), |ms| format!("{ms:.0}")));
        cells
    };
    let rows: Vec<Vec<String>> = report.rows.iter().map(row).collect();
    table(&columns, &rows, style)
}

fn is_same(a: &Row, b: &Row) -> bool {
    (&a.set, &a.queries, &a.corpus, a.ranker) == (&b.set, &b.queries, &b.corpus, b.ranker)
}

/// `.874`, and by how many thousandths it differs from before.
fn cell(value: Option<f64>, before: Option<f64>) -> String {
    let Some(value) = value else { return "-".to_owned() };
    let mut cell = format!("{value:.3}");
    if let Some(before) = before {
        let thousandths = ((value - before) * 1e3).round() as i64;
        if thousandths != 0 {
            // Writing to a string cannot fail.
            let _ = write!(cell, " ({thousandths:+})");
        }
    }
    cell
}

/// Progress of a run: a bar while a corpus is ingested, a line for each set that is asked.
struct Display<'a> {
    session: &'a Session,
    bar: Option<PassagesBar>,
    set: String,
}

impl Display<'_> {
    fn show(&mut self, event: &EvalEvent<'_>) {
        match event {
            EvalEvent::Ingesting { progress, .. } => {
                self.bar.get_or_insert_with(|| PassagesBar::on(&self.session.screen)).show(progress);
            }
            EvalEvent::Asking { set, total, .. } => {
                if let Some(bar) = self.bar.take() {
                    bar.finish();
                }
                if self.set != *set {
                    self.set.clear();
                    self.set.push_str(set);
                    self.session.note(&format!("{set}: asking {total} questions ..."));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(recall: f64) -> Report {
        let row = Row {
            set: "s".into(),
            queries: "en".into(),
            corpus: "zh-Hant".into(),
            ranker: Ranker::Footnote,
            questions: 10,
            recall_at_1: recall,
            recall_at_5: 1.0,
            recall_at_10: 1.0,
            mrr_at_10: 0.9,
            ndcg_at_10: 0.95,
            quote_at_1: None,
            quote_at_3: None,
            abstention_auroc: None,
            abstention_f1: None,
            calibration_error: None,
            sentence_precision: None,
            median_ms: Some(20.4),
        };
        Report { date: String::new(), version: String::new(), model: String::new(), rows: vec![row], feedback: None }
    }

    #[test]
    fn figures_stand_beside_what_they_were_before() {
        let plain = Style::PLAIN;
        assert_eq!(
            rendered(&report(0.8), Some(&report(0.812)), plain),
            "s\ten → zh-Hant\tfootnote\t10\t0.800 (-12)\t1.000\t1.000\t0.900\t0.950\t-\t-\t-\t-\t-\t-\t20\n"
        );
    }

    #[test]
    fn a_figure_under_its_bound_is_named() {
        let bounds = [bound("recall@1=0.85").unwrap(), bound("ndcg@10=0.9").unwrap(), bound("auroc=0.9").unwrap()];
        let expected =
            ["footnote: s, en → zh-Hant: recall@1 is 0.8000, under 0.85", "footnote: no set has the figure auroc"];
        assert_eq!(missed(&report(0.8), &bounds), expected);
        assert!(bound("recall=1").unwrap_err().contains("recall@1"));
        assert!(bound("recall@1").is_err() && bound("recall@1=x").is_err() && bound("f1=nan").is_err());
    }

    #[test]
    fn a_report_is_read_back_as_it_was_written() {
        let written = serde_json::to_string(&report(0.5)).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&written).unwrap(), report(0.5));
    }
}
