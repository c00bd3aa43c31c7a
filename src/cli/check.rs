//! `footnote check`: checks a text against the documents.

use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::format::{self, Format, FormatArgs};
use super::ingest::name_by_content;
use super::question;
use super::term::{Role, Style};
use super::wrap::{Segment, wrap};
use super::{Exit, Session};
use crate::Error;
use crate::display::one_line;
use crate::footnote::{CheckRequest, Footnote};
use crate::passage::{self, Checked, CheckedSentence, Difference, DifferenceKind, Support, Verdict};
use crate::{formats, markdown, wire};

const AFTER_HELP: &str = "\
Examples:
  footnote check draft.md
  footnote check draft.docx --document minutes-2026 --document report.pdf
  pbpaste | footnote check
  footnote check --json draft.md | jq '.sentences[] | select(.verdict != \"supported\")'

Each sentence gets a verdict: supported, partly, unsupported, misattributed (another document than the cited one says it) \
or contradicted (another number, date or unit, or the contrary). Citations in the text are followed: [1] and [^1] with \
their definitions, links, and ids of documents. Headings, questions and code are left out. No language model is used.

The exit status is 1 if any sentence is not supported. With --format ndjson the first line has the type `check`, and each \
further line holds one sentence and has the type `sentence`.";

/// Indent of support and differences, in columns.
const INDENT: usize = 4;

/// Check a text against the documents, sentence by sentence
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CheckArgs {
    /// A file with the text, in any format that can be ingested; standard input without one, or for `-`
    file: Option<PathBuf>,
    /// Check only against this document: an id, an address or a file. Can be repeated; [1] then denotes the first
    #[arg(long = "document", value_name = "ID")]
    documents: Vec<String>,
    #[command(flatten)]
    format: FormatArgs,
}

pub(crate) fn run(args: &CheckArgs, session: &Session) -> anyhow::Result<Exit> {
    let (name, bytes) = file(args, session.config.ingest.max_file_bytes as u64)?;
    let footnote = session.open_one_to_ask()?;
    let request =
        CheckRequest { text: text(&footnote, &name, bytes)?, documents: args.documents.clone(), finds_files: true };
    request.check()?;
    if session.is_empty(&footnote)? {
        return Ok(Exit::NothingFound);
    }
    let checked = footnote.check(&request)?;
    let exit = if checked.is_supported() { Exit::Done } else { Exit::NothingFound };
    match args.format.format() {
        Format::Cli => session.print(&render(&checked, session.style))?,
        Format::Md => session.print(&to_markdown(&checked))?,
        Format::Json => session.print_json(&wire::check(checked, footnote.model()?))?,
        Format::Ndjson => {
            let (whole, sentences) = format::split(wire::check(checked, footnote.model()?), "sentences", "sentence");
            session.print_lines(std::iter::once(&format::typed("check", whole)).chain(&sentences))?;
        }
    }
    Ok(exit)
}

/// The file to check, with its name; that of standard input follows from what it holds.
fn file(args: &CheckArgs, limit: u64) -> crate::Result<(String, Vec<u8>)> {
    if let Some(path) = args.file.as_deref().filter(|path| path.as_os_str() != "-") {
        return Ok((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), read_file(path, limit)?));
    }
    let bytes = question::bytes(io::stdin().lock(), limit)?;
    Ok((name_by_content(&bytes).unwrap_or_else(|| "standard input.txt".to_owned()), bytes))
}

/// The text of a file. Plain text and Markdown stay as they are, for their citations; of other files it is what Footnote
/// would store of them.
fn text(footnote: &Footnote, name: &str, bytes: Vec<u8>) -> crate::Result<String> {
    let is_text = matches!(formats::by_name(name), None | Some(passage::Format::Plain | passage::Format::Markdown));
    match String::from_utf8(bytes) {
        Ok(text) if is_text => Ok(text),
        Ok(text) => stored(footnote, name, text.as_bytes()),
        Err(error) => stored(footnote, name, error.as_bytes()),
    }
}

fn read_file(path: &Path, limit: u64) -> crate::Result<Vec<u8>> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => Error::Input {
            reason: format!("{} is not there", path.display()),
            hint: "name a file with the text to check, or give it on standard input".into(),
        },
        _ => Error::Io { action: "read", path: path.to_owned(), source },
    };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > limit {
        return Err(Error::Input {
            reason: format!("{} has {size} bytes; at most {limit} are read", path.display()),
            hint: "check it in parts, or raise [ingest] max_file_bytes in config.toml".into(),
        });
    }
    std::fs::read(path).map_err(failed)
}

/// The text that Footnote would store of a file.
fn stored(footnote: &Footnote, name: &str, bytes: &[u8]) -> crate::Result<String> {
    let documents = footnote.read_upload(name, bytes)?;
    Ok(documents.into_iter().map(|document| document.text).collect::<Vec<_>>().join("\n\n"))
}

/// Each sentence with its verdict and, unless it is supported, what differs and the nearest support; then a count.
fn render(checked: &Checked, style: Style) -> String {
    let mut text = String::new();
    for sentence in &checked.sentences {
        let verdict = format!("{} {}: ", sign(sentence.verdict), sentence.verdict.as_str());
        let role = if sentence.verdict == Verdict::Supported { Role::Context } else { Role::Title };
        let segments = [Segment::new(role, verdict), Segment::new(Role::Plain, one_line(&sentence.text))];
        text.push_str(&wrap(&segments, 0, INDENT, style));
        let mut detail = |role: Role, line: String| {
            text.push_str(&" ".repeat(INDENT));
            text.push_str(&wrap(&[Segment::new(role, line)], INDENT, INDENT, style));
        };
        for difference in &sentence.differences {
            detail(Role::Mark, differs(difference));
        }
        let shown = usize::from(sentence.verdict == Verdict::Supported || !sentence.support.is_empty());
        for support in sentence.support.iter().take(shown) {
            detail(Role::Context, source(support));
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text + &count(checked) + "\n"
}

fn sign(verdict: Verdict) -> char {
    match verdict {
        Verdict::Supported => '✓',
        Verdict::Partly => '~',
        Verdict::Misattributed => '≠',
        Verdict::Unsupported => '?',
        Verdict::Contradicted => '✗',
    }
}

/// `number: 5%, the document has 3%`
fn differs(difference: &Difference) -> String {
    let said = one_line(&difference.said);
    let kind = difference.kind.as_str();
    match &difference.stands {
        // What denies stands in the document, and the sentence has no word for it.
        Some(stands) if difference.kind == DifferenceKind::Negation => {
            format!("{kind}: the document denies it: “{}”", one_line(stands))
        }
        Some(stands) => format!("{kind}: {said}; the document has {}", one_line(stands)),
        None => format!("{kind}: {said} does not stand there"),
    }
}

/// `title, line 5: “quote”`
fn source(support: &Support) -> String {
    let (first, last) = support.quote.location.lines;
    let lines = if first == last { format!("line {first}") } else { format!("lines {first}-{last}") };
    let document = &support.document;
    format!("{} ({}), {lines}: “{}”", one_line(&document.title), one_line(&document.id), one_line(&support.quote.text))
}

/// `12 sentences: 9 supported, 2 partly, 1 contradicted`
fn count(checked: &Checked) -> String {
    const VERDICTS: [Verdict; 5] =
        [Verdict::Supported, Verdict::Partly, Verdict::Unsupported, Verdict::Misattributed, Verdict::Contradicted];
    let of = |verdict: Verdict| checked.sentences.iter().filter(|sentence| sentence.verdict == verdict).count();
    let counts: Vec<String> = VERDICTS
        .into_iter()
        .filter(|verdict| of(*verdict) > 0)
        .map(|verdict| format!("{} {}", of(verdict), verdict.as_str()))
        .collect();
    match checked.sentences.len() {
        0 => "No sentence states anything.".into(),
        1 => format!("1 sentence: {}", counts.join(", ")),
        count => format!("{count} sentences: {}", counts.join(", ")),
    }
}

/// A list of the sentences with their verdicts, differences and nearest support.
fn to_markdown(checked: &Checked) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for CheckedSentence { text: sentence, verdict, differences, support, .. } in &checked.sentences {
        let _ = writeln!(text, "- **{}**: {}", verdict.as_str(), markdown::line(sentence));
        for difference in differences {
            let _ = writeln!(text, "  - {}", markdown::line(&differs(difference)));
        }
        if let Some(nearest) = support.first() {
            let _ = writeln!(text, "  - {}", markdown::line(&source(nearest)));
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text + &count(checked) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passage::{DifferenceKind, DocumentInfo, Location, Quote, Span};
    use crate::wire::example::info;

    fn checked() -> Checked {
        let quote = "The rate was cut by 25 basis points.";
        let support = Support {
            document: DocumentInfo { id: "minutes".into(), title: "Minutes".into(), ..info() },
            quote: Quote { text: quote.into(), location: Location::of(quote, Span::new(0, quote.len())) },
            score: 0.9,
            is_cited: false,
        };
        let text = "The rate was cut by 50 basis points.";
        let sentence = CheckedSentence {
            text: text.into(),
            span: Span::new(0, text.len()),
            chars: Span::new(0, text.len()),
            verdict: Verdict::Contradicted,
            score: 0.9,
            support: vec![support],
            differences: vec![Difference {
                kind: DifferenceKind::Number,
                said: "50 basis points".into(),
                stands: Some("25 basis points".into()),
            }],
            cited: Vec::new(),
        };
        Checked { sentences: vec![sentence] }
    }

    #[test]
    fn a_sentence_is_shown_with_its_verdict_what_differs_and_the_nearest_support() {
        assert_eq!(
            render(&checked(), Style::PLAIN),
            "✗ contradicted: The rate was cut by 50 basis points.\n\
             \x20   number: 50 basis points; the document has 25 basis points\n\
             \x20   Minutes (minutes), line 1: “The rate was cut by 25 basis points.”\n\n\
             1 sentence: 1 contradicted\n"
        );
        assert_eq!(render(&Checked::default(), Style::PLAIN), "No sentence states anything.\n");
    }

    #[test]
    fn the_same_as_markdown_is_a_list() {
        let text = to_markdown(&checked());
        assert!(text.starts_with("- **contradicted**: The rate was cut by 50 basis points.\n  - number:"), "{text}");
    }
}
