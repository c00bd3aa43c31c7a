//! Where a client wants an answer to end: at a stop sequence, or before a number of tokens.

use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};

use super::super::problem::Problem;
use super::prose::Prose;
use crate::error::Result as CoreResult;

/// More than `OpenAI` accepts.
const MAX_STOPS: usize = 16;

/// Stop sequences as they are sent.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in super::super) enum Stop {
    One(String),
    Several(Vec<String>),
}

/// The schema of [`Stop`].
pub(in super::super) fn stop_schema() -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
    let texts = ArrayBuilder::new().items(text()).max_items(Some(MAX_STOPS));
    let none = ObjectBuilder::new().schema_type(SchemaType::new(Type::Null));
    let any = AnyOfBuilder::new().item(text()).item(texts).item(none);
    RefOr::T(Schema::AnyOf(any.description(Some("The answer ends before the first of these texts.")).build()))
}

/// How an answer may end early.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Ending {
    /// The answer ends before the first of them.
    pub(in super::super) stop: Vec<String>,
    /// Most tokens of the answer, by the embedding model's tokenizer.
    pub(in super::super) max_tokens: Option<usize>,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Finish {
    /// It is complete, or ends at a stop sequence.
    Stop,
    /// It has as many tokens as it may.
    Length,
}

impl Finish {
    /// Its name in `OpenAI`'s and Ollama's APIs.
    pub(in super::super) fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
        }
    }
}

impl Ending {
    pub(in super::super) fn new(stop: Option<Stop>, max_tokens: Option<usize>) -> Result<Self, Problem> {
        let stop = match stop {
            None => Vec::new(),
            Some(Stop::One(text)) => vec![text],
            Some(Stop::Several(texts)) => texts,
        };
        if stop.len() > MAX_STOPS {
            return Err(Problem::bad_request(
                format!("`stop` has {} sequences", stop.len()),
                format!("send at most {MAX_STOPS}"),
            ));
        }
        Ok(Self { stop: stop.into_iter().filter(|text| !text.is_empty()).collect(), max_tokens })
    }

    /// Whether the answer ends by itself.
    pub(super) fn is_open(&self) -> bool {
        self.stop.is_empty() && self.max_tokens.is_none()
    }

    /// Cuts a message: before a stop sequence, and behind the last whole piece that the tokens suffice for. `count` counts
    /// the tokens of a text.
    pub(super) fn apply(&self, prose: &mut Prose, count: impl Fn(&str) -> CoreResult<usize>) -> CoreResult<Finish> {
        let text = prose.text();
        if let Some(at) = self.stop.iter().filter_map(|stop| text.find(stop.as_str())).min() {
            prose.truncate(text[..at].chars().count());
        }
        let Some(max) = self.max_tokens else { return Ok(Finish::Stop) };
        if count(&prose.text())? <= max {
            return Ok(Finish::Stop);
        }
        let (mut kept, mut chars) = (String::new(), 0);
        for piece in &prose.pieces {
            kept.push_str(piece);
            if count(&kept)? > max {
                break;
            }
            chars = kept.chars().count();
        }
        prose.truncate(chars);
        Ok(Finish::Length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::Links;
    use crate::wire::example;

    fn prose() -> Prose {
        Prose::of(&example::plain_answer(), &Links::below("http://localhost"), "default")
    }

    #[test]
    fn an_answer_ends_before_a_stop_sequence_and_loses_the_marks_behind_it() {
        let mut cut = prose();
        let ending = Ending::new(Some(Stop::Several(vec!["never".into(), "\n\n".into()])), None).unwrap();
        assert_eq!(ending.apply(&mut cut, |text| Ok(text.chars().count())).unwrap(), Finish::Stop);
        assert!(cut.text().ends_with("[1]") && !cut.text().contains('\n'), "{}", cut.text());
        assert_eq!(cut.annotations.len(), 1);
    }

    #[test]
    fn an_answer_with_too_many_tokens_ends_behind_a_whole_piece() {
        let whole = prose();
        for max in 0..whole.text().chars().count() + 2 {
            let mut cut = prose();
            let finish = Ending { stop: Vec::new(), max_tokens: Some(max) }
                .apply(&mut cut, |text| Ok(text.chars().count()))
                .unwrap();
            let chars = cut.text().chars().count();
            assert!(chars <= max && whole.text().starts_with(&cut.text()));
            assert_eq!(finish == Finish::Length, cut.text() != whole.text());
            assert!(whole.pieces.starts_with(&cut.pieces), "{:?}", cut.pieces);
        }
    }
}
