//! The options of `ask` and `search`: the question, its filter and the output.

use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;

use crate::filter::{Comparison, Field, Filter, PassageFilter};
use crate::footnote::Question;
use crate::passage::Mode;
use crate::{Error, Result};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use jiff::civil::Date;
use serde_json::Value;

use super::format::FormatArgs;
use super::unmatched::{Facet, Values};

/// Longer than any model reads.
const MAX_QUESTION_BYTES: u64 = 64 * 1024;

/// A question on the command line.
#[derive(Debug, Args)]
pub(crate) struct QuestionArgs {
    /// The question, in any language; `-` or no question reads it from standard input
    #[arg(value_name = "QUESTION")]
    words: Vec<String>,
    /// Maximum number of passages
    #[arg(short = 'k', long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=100))]
    top_k: Option<usize>,
    /// Sentences of context before and after a quote
    #[arg(short = 'C', long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(0..=10))]
    context: Option<usize>,
    /// Count times such as "last week" from DATE, not from today
    #[arg(long, value_name = "DATE", value_parser = Question::day)]
    now: Option<Date>,
    /// Ask all collections together; -c NAME,NAME asks some
    #[arg(long)]
    all_collections: bool,
    /// Answer in this process, even if a server for the same index is running
    #[arg(long)]
    pub(crate) no_server: bool,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

/// The filter. A document must match every option; of an option that is repeated, one value.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Which documents")]
struct FilterArgs {
    /// Only documents published by NAME
    #[arg(long, value_name = "NAME")]
    source: Vec<String>,
    /// Only documents with this tag
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Only documents in this language; `zh` includes `zh-Hant` and `zh-Hans`
    #[arg(long, value_name = "LANGUAGE")]
    language: Vec<String>,
    /// Only documents published on DATE or later: 2026, 2026-01 or 2026-01-31
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Only documents published on DATE or earlier
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Only documents with this id, title, uri, source, tags, format or metadata.NAME
    #[arg(long = "where", value_name = "FIELD=VALUE")]
    fields: Vec<String>,
}

impl FilterArgs {
    fn filter(&self) -> Result<Filter> {
        let mut all = Vec::new();
        let texts = |texts: &[String]| texts.iter().cloned().map(Value::from).collect::<Vec<_>>();
        for (field, values) in
            [(Field::Source, &self.source), (Field::Tags, &self.tag), (Field::Language, &self.language)]
        {
            if !values.is_empty() {
                all.push(Filter::one_of(&field, texts(values))?);
            }
        }
        let bounds = [(&self.since, Comparison::GreaterOrEqual), (&self.until, Comparison::LessOrEqual)];
        for (date, comparison) in bounds {
            if let Some(date) = date {
                all.push(Filter::is(Field::Published, comparison, Value::from(date.clone()))?);
            }
        }
        let mut by_field: Vec<(Field, Vec<Value>)> = Vec::new();
        for condition in &self.fields {
            let (field, value) = condition.split_once('=').ok_or_else(|| Error::Input {
                reason: format!("`--where {condition}` has no `=`"),
                hint: "write it as in: --where metadata.desk=rates".into(),
            })?;
            let field = Field::parse(field.trim())?;
            let mut values = vec![Value::from(value)];
            if matches!(field, Field::Metadata(_)) {
                // On the command line 3 and true can be values or text.
                values.extend(
                    serde_json::from_str(value).ok().filter(|value: &Value| value.is_number() || value.is_boolean()),
                );
            }
            match by_field.iter_mut().find(|(known, _)| *known == field) {
                Some((_, known)) => known.extend(values),
                None => by_field.push((field, values)),
            }
        }
        for (field, values) in by_field {
            all.push(Filter::one_of(&field, values)?);
        }
        Ok(Filter::All(all))
    }
}

impl QuestionArgs {
    /// The values of documents that the question is limited to.
    pub(crate) fn facets(&self) -> Values<'_> {
        let FilterArgs { source, tag, language, .. } = &self.filter;
        Values::of(vec![(Facet::Source, source), (Facet::Tag, tag), (Facet::Language, language)])
    }

    /// Whether it is limited to some documents.
    pub(crate) fn is_limited(&self) -> bool {
        let FilterArgs { source, tag, language, since, until, fields } = &self.filter;
        let lists = [source, tag, language, fields];
        lists.iter().any(|values| !values.is_empty()) || since.is_some() || until.is_some()
    }

    /// Whether it is limited to documents of some time.
    pub(crate) fn is_dated(&self) -> bool {
        self.filter.since.is_some() || self.filter.until.is_some()
    }

    /// What the documents have to meet.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if a condition is invalid.
    pub(crate) fn conditions(&self) -> Result<Filter> {
        self.filter.filter()
    }

    /// The question.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if it is blank, is not UTF-8 or is too long; [`Error::Io`] if standard input fails.
    pub(crate) fn question(&self, mode: Option<Mode>) -> Result<Question> {
        let stdin = io::stdin();
        let text = text(&self.words, stdin.is_terminal(), stdin.lock())?;
        Ok(Question { text, ..self.settings(mode)? })
    }

    /// A question without its text.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if the filter is invalid.
    pub(crate) fn settings(&self, mode: Option<Mode>) -> Result<Question> {
        let filter = self.filter.filter()?;
        Ok(Question {
            text: String::new(),
            top_k: self.top_k,
            context_sentences: self.context,
            mode,
            filter,
            passages: PassageFilter::default(),
            operators: true,
            skip: 0,
            facets: Vec::new(),
            last_passages: None,
            language: None,
            now: self.now,
            corrections: None,
            asker: None,
        })
    }

    /// Whether all collections are asked.
    pub(crate) fn asks_all(&self) -> bool {
        self.all_collections
    }

    /// Whether to prompt for questions.
    pub(crate) fn is_open(&self) -> bool {
        self.words.is_empty() && io::stdin().is_terminal() && io::stdout().is_terminal()
    }
}

/// The words as one text, or the text of `stdin`.
fn text(words: &[String], stdin_is_terminal: bool, stdin: impl Read) -> Result<String> {
    let text = match words {
        [] if stdin_is_terminal => String::new(),
        [] => read(stdin, MAX_QUESTION_BYTES)?,
        [dash] if dash == "-" => read(stdin, MAX_QUESTION_BYTES)?,
        words => words.join(" "),
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::Input {
            reason: "there is no question".into(),
            hint: "ask it after the command: footnote ask who expects the Fed to cut in 2026".into(),
        });
    }
    Ok(text.to_owned())
}

/// All of `stdin`, which must be UTF-8 and at most `max_bytes` long.
pub(crate) fn read(stdin: impl Read, max_bytes: u64) -> Result<String> {
    String::from_utf8(bytes(stdin, max_bytes)?).map_err(|error| Error::Input {
        reason: format!("standard input is not UTF-8 from byte {} on", error.utf8_error().valid_up_to()),
        hint: "convert it first, as in: iconv -f BIG5 -t UTF-8".into(),
    })
}

/// What standard input holds.
pub(super) fn bytes(stdin: impl Read, max_bytes: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stdin.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(|source| Error::Io {
        action: "read",
        path: PathBuf::from("standard input"),
        source,
    })?;
    if bytes.len() as u64 > max_bytes {
        return Err(Error::Input {
            reason: format!("standard input holds more than {max_bytes} bytes"),
            hint: "give less of it".into(),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn words_are_joined_so_that_quotation_marks_are_optional() {
        assert_eq!(text(&words("who expects a cut"), true, io::empty()).unwrap(), "who expects a cut");
    }

    #[test]
    fn flags_become_a_filter_in_which_all_must_hold_and_of_one_kind_any() {
        let flags = FilterArgs {
            source: vec!["A".into(), "B".into()],
            since: Some("2026-01".into()),
            fields: vec!["metadata.year=2026".into(), "metadata.desk=rates".into()],
            ..FilterArgs::default()
        };
        let json = serde_json::json!({
            "source": ["A", "B"], "metadata.desk": ["rates"], "metadata.year": ["2026", 2026], "published": {"gte": "2026-01"}
        });
        let (Filter::All(mut ours), Filter::All(theirs)) =
            (flags.filter().unwrap(), Filter::from_json(json.as_object().unwrap()).unwrap())
        else {
            panic!("all must hold");
        };
        ours.retain(|condition| !theirs.contains(condition));
        assert_eq!(ours, []);
        for wrong in ["desk", "desk=rates"] {
            let flags = FilterArgs { fields: vec![wrong.into()], ..FilterArgs::default() };
            assert!(flags.filter().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_dash_or_nothing_reads_what_is_piped_in() {
        assert_eq!(text(&words("-"), true, " 誰？\n".as_bytes()).unwrap(), "誰？");
        assert_eq!(text(&[], false, "who\n".as_bytes()).unwrap(), "who");
    }

    #[test]
    fn a_blank_question_is_refused_wherever_it_comes_from() {
        for (words, terminal) in [(vec![], true), (vec![], false), (words("-"), false), (vec![" ".to_owned()], true)] {
            assert!(matches!(text(&words, terminal, "\n".as_bytes()), Err(Error::Input { .. })), "{words:?}");
        }
    }

    #[test]
    fn input_that_is_too_long_or_no_text_is_refused_by_what_is_wrong_with_it() {
        let long = read("abcd".as_bytes(), 3).unwrap_err().to_string();
        assert!(long.contains("more than 3 bytes"), "{long}");
        let binary = read(&b"ab\xff"[..], 9).unwrap_err().to_string();
        assert!(binary.contains("byte 2"), "{binary}");
        assert_eq!(read("abc".as_bytes(), 3).unwrap(), "abc");
    }
}
