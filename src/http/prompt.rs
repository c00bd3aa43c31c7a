//! Passages as content blocks for the prompts of other assistants: `format` of `POST /v1/search`. All of it is display text.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::display::{clean, one_line};
use crate::footnote::sentences;
use crate::links::Links;
use crate::passage::FoundPassage;

/// The assistant whose format the passages are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PromptFormat {
    /// `search_result` blocks with one text block for each sentence, since a citation refers to whole blocks.
    Anthropic,
    /// Documents with an id and data.
    Cohere,
}

/// Passages for the content of a message or a tool result.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SearchResultBlocks {
    /// Best first.
    content: Vec<SearchResultBlock>,
}

/// A passage whose sentences can be cited.
#[derive(Debug, Serialize, ToSchema)]
struct SearchResultBlock {
    #[schema(example = "search_result")]
    r#type: &'static str,
    /// The document's own web address, or its page on this server at the quote.
    source: String,
    title: String,
    content: Vec<TextBlock>,
    citations: CitationsOption,
}

/// A sentence.
#[derive(Debug, Serialize, ToSchema)]
struct TextBlock {
    #[schema(example = "text")]
    r#type: &'static str,
    text: String,
}

/// Turns citations on.
#[derive(Debug, Serialize, ToSchema)]
struct CitationsOption {
    enabled: bool,
}

/// Passages for the `documents` of a chat request.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PromptDocuments {
    /// Best first.
    documents: Vec<PromptDocument>,
}

/// A passage with the id that citations refer to.
#[derive(Debug, Serialize, ToSchema)]
struct PromptDocument {
    /// The document's id and the passage's byte range in its text.
    #[schema(example = "outlook-2026#0-104")]
    id: String,
    data: PromptData,
}

/// A passage's text and its document.
#[derive(Debug, Serialize, ToSchema)]
struct PromptData {
    title: String,
    text: String,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
}

impl SearchResultBlocks {
    pub(super) fn new(passages: Vec<FoundPassage>, links: &Links, collection: &str) -> Self {
        let block = |passage: FoundPassage| SearchResultBlock {
            r#type: "search_result",
            source: links.passage(collection, &passage),
            content: blocks(&clean(&passage.text)),
            title: one_line(&passage.document.title),
            citations: CitationsOption { enabled: true },
        };
        Self { content: passages.into_iter().map(block).collect() }
    }
}

fn blocks(text: &str) -> Vec<TextBlock> {
    let block = |text: &str| TextBlock { r#type: "text", text: text.to_owned() };
    let found: Vec<TextBlock> = sentences(text).into_iter().map(|span| block(&text[span.range()])).collect();
    // A block must have content.
    if found.is_empty() { vec![block(text)] } else { found }
}

impl PromptDocuments {
    pub(super) fn new(passages: Vec<FoundPassage>, links: &Links, collection: &str) -> Self {
        let document = |passage: FoundPassage| {
            let bytes = passage.location.bytes;
            PromptDocument {
                id: format!("{}#{}-{}", passage.document.id, bytes.start, bytes.end),
                data: PromptData {
                    url: links.passage(collection, &passage),
                    title: one_line(&passage.document.title),
                    text: clean(&passage.text).into_owned(),
                    source: passage.document.source.as_deref().map(one_line),
                    published: passage.document.published,
                },
            }
        };
        Self { documents: passages.into_iter().map(document).collect() }
    }
}
