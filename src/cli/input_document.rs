//! The options of `footnote ingest -` that describe the document on standard input.

use clap::{Args, ValueEnum};

use crate::Error;
use crate::passage::{Format, NewDocument};

/// Metadata of what is on standard input.
#[derive(Debug, Args)]
#[group(id = "document", multiple = true)]
#[command(next_help_heading = "The document on standard input")]
pub(super) struct DocumentArgs {
    /// The name of the file that it is: its format comes from its content and this name [default: text, if it is text]
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Its id [default: its uri, or a hash of its content]
    #[arg(long)]
    id: Option<String>,
    /// Its title
    #[arg(long)]
    title: Option<String>,
    /// Its publisher
    #[arg(long)]
    source: Option<String>,
    /// Its address
    #[arg(long)]
    uri: Option<String>,
    /// Its publication date: 2026-01-31, or an RFC 3339 time
    #[arg(long, value_name = "DATE")]
    published: Option<String>,
    /// A tag; can be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Its language as a BCP 47 tag, such as zh-Hant [default: detected]
    #[arg(long = "lang", value_name = "TAG")]
    language: Option<String>,
    /// Its format [default: plain]
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<Markup>,
}

/// The markup of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Markup {
    Plain,
    Markdown,
}

impl DocumentArgs {
    pub(super) fn is_given(&self) -> bool {
        let texts = [&self.name, &self.id, &self.title, &self.source, &self.uri, &self.published, &self.language];
        texts.into_iter().any(Option::is_some) || !self.tags.is_empty() || self.format.is_some()
    }

    /// Gives the documents of a file what was given here. An id is for one document only.
    pub(super) fn complete(&self, documents: &mut [NewDocument]) -> crate::Result<()> {
        if documents.len() > 1 && (self.id.is_some() || self.uri.is_some()) {
            let reason = format!("--id and --uri are for one document, and there are {} in the file", documents.len());
            return Err(Error::Input { reason, hint: "leave them out; each document gets an id of its own".into() });
        }
        for document in documents {
            for (given, field) in [
                (&self.id, &mut document.id),
                (&self.title, &mut document.title),
                (&self.source, &mut document.source),
                (&self.uri, &mut document.uri),
                (&self.published, &mut document.published),
                (&self.language, &mut document.language),
            ] {
                if given.is_some() {
                    field.clone_from(given);
                }
            }
            document.tags.extend(self.tags.iter().cloned());
        }
        Ok(())
    }

    pub(super) fn document(&self, text: String) -> NewDocument {
        NewDocument {
            id: self.id.clone(),
            title: self.title.clone(),
            text,
            source: self.source.clone(),
            uri: self.uri.clone(),
            published: self.published.clone(),
            language: self.language.clone(),
            tags: self.tags.clone(),
            format: match self.format {
                Some(Markup::Markdown) => Format::Markdown,
                Some(Markup::Plain) | None => Format::Plain,
            },
            ..NewDocument::default()
        }
    }
}
