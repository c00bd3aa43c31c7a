//! The arguments of the tools. A model reads the descriptions.

use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::json::whole;
use crate::passage::Mode;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct AskArguments {
    /// The question in the user's own words, at most 8192 characters. Do not translate it: documents in other languages are
    /// found too. Operators limit it, if the user asks for that: `"an exact phrase"`, `-without`, `source:NAME`, `tag:NAME`,
    /// `title:WORD`, `lang:zh`, `format:pdf`, `before:2026-01`, `since:2026-01`.
    #[schemars(length(min = 1, max = 8192))]
    pub(super) question: String,
    /// The collection to ask. Omit it to use the configured collection.
    pub(super) collection: Option<String>,
    /// Collections to ask together, instead of `collection`; `["*"]` stands for all. Use it if the user names several, or if
    /// it is not known which has the answer.
    #[schemars(length(min = 1, max = 32))]
    pub(super) collections: Option<Vec<String>>,
    /// `extract` quotes the sentences that answer. `write` and `translate` work only where the server has a language model:
    /// it answers in the question's language, or translates the quotes, and every sentence is checked. Omit it to use the
    /// configured mode.
    pub(super) mode: Option<AskMode>,
    /// Passages to find and cite, at most. Omit it to use the configured number.
    #[schemars(range(min = 1, max = 50))]
    #[serde(default, deserialize_with = "whole")]
    pub(super) top_k: Option<usize>,
    /// Restricts the documents. Use it only if the user asks for that. Keys are `id`, `title`, `source`, `uri`, `language`,
    /// `published`, `tags` and `metadata.NAME`; a document must match all of them. A value matches if it is equal; a list,
    /// if one item matches; an object, if all its comparisons hold: `eq`, `ne`, `in`, `nin`, `gt`, `gte`, `lt`, `lte`,
    /// `contains`, `starts_with`, `ends_with`, `exists`. Dates may be partial. Example: {"language": "zh", "published":
    /// {"gte": "2026-01"}}.
    pub(super) filter: Option<Map<String, Value>>,
    /// The day from which times in the question such as "last week" are counted: `2026-01-31`. Omit it for today.
    pub(super) now: Option<String>,
}

/// How `ask` answers.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(crate = "rmcp::schemars", inline)]
pub(super) enum AskMode {
    Extract,
    Write,
    Translate,
}

impl From<AskMode> for Mode {
    fn from(mode: AskMode) -> Self {
        match mode {
            AskMode::Extract => Self::Extract,
            AskMode::Write => Self::Write,
            AskMode::Translate => Self::Translate,
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct SearchArguments {
    /// A question or a few words, in any language, at most 8192 characters. It may have operators: `"an exact phrase"`,
    /// `-without`, `source:NAME`, `tag:NAME`, `title:WORD`, `lang:zh`, `format:pdf`, `before:2026-01`, `since:2026-01`.
    /// Operators alone list the documents that meet them, the newest first.
    #[schemars(length(min = 1, max = 8192))]
    pub(super) query: String,
    /// The collection to search. Omit it to use the configured collection.
    pub(super) collection: Option<String>,
    /// Collections to search together, as for `ask`.
    #[schemars(length(min = 1, max = 32))]
    pub(super) collections: Option<Vec<String>>,
    /// Passages to find, at most. Default: 10. Passages of the same document are one result.
    #[schemars(range(min = 1, max = 50))]
    #[serde(default, deserialize_with = "whole")]
    pub(super) top_k: Option<usize>,
    /// Restricts the documents, in the same format as for `ask`.
    pub(super) filter: Option<Map<String, Value>>,
    /// The day from which times in the query such as "last week" are counted: `2026-01-31`. Omit it for today.
    pub(super) now: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct CheckArguments {
    /// The text, plain or Markdown, in any language, at most 100000 characters.
    #[schemars(length(min = 1, max = 100_000))]
    pub(super) text: String,
    /// The collection to check it against. Omit it to use the configured collection.
    pub(super) collection: Option<String>,
    /// Ids of the documents to check it against. `[1]` in the text denotes the first of them, unless the text itself says
    /// what it denotes. Omit it to use all documents.
    #[schemars(length(max = 100))]
    pub(super) documents: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct FetchArguments {
    /// The document's `id` from `search`, `ask` or `list_documents`, or its footnote:// URI.
    #[schemars(length(min = 1))]
    pub(super) id: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct ListArguments {
    /// The collection to list. Omit it to use the configured collection.
    pub(super) collection: Option<String>,
    /// The `next` of the previous page. Omit it for the first page.
    pub(super) after: Option<String>,
    /// Documents in a page, at most. Default: 50.
    #[schemars(range(min = 1, max = 200))]
    #[serde(default, deserialize_with = "whole")]
    pub(super) limit: Option<usize>,
}
