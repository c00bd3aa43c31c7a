//! Plans the ingest of one document: checks it, compares it with the stored version, splits it into passages.

use std::borrow::Cow;
use std::sync::Arc;

use super::chunk::{Sizer, chunk_with_rows as split_into_passages};
use super::dates::document_date;
use super::hash::hash_of;
use super::id::id_of;
use super::sentences::{Part, Role, parts};
use super::split::{is_incomplete, note_on_date, reader_notes};
use super::title::title_of;
use super::used_ids::UsedIds;
use super::{Ingested, Outcome, embedded_passage, extract, failed};
use crate::config::IngestConfig;
use crate::display::one_line;
use crate::embed::{Embedder, PassageInput, PassageVectors};
use crate::error::{Error, Result};
use crate::index::Collection;
use crate::index::store::PreparedDocument;
use crate::language_tag::language_tag;
use crate::lexicon;
use crate::passage::{Chunk, Document, DocumentInfo, Format, Heading, Layout, NewDocument, Row, Span};
use crate::tables::Rows;
use crate::terms::{is_blank, language};

const MAX_ID_BYTES: usize = 512;

/// What to do for one document.
pub(super) enum Plan {
    /// Report that it cannot be stored.
    Fail(Ingested),
    /// It has no text: remove its earlier version.
    Remove(Ingested),
    /// It was stored before with the same content, unless it changed since it was planned.
    Confirm(Box<Confirmation>),
    /// Embed and store it.
    Embed(Box<Planned>),
}

/// A document that is probably stored already.
pub(super) struct Confirmation {
    pub(super) document: NewDocument,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) hash: [u8; 32],
}

/// A document split into passages.
pub(super) struct Planned {
    prepared: PreparedDocument,
    chunks: Vec<Chunk>,
    /// The inputs of the model, one for each chunk.
    pub(super) inputs: Vec<PassageInput>,
    /// Remarks for the user.
    pub(super) notes: Vec<String>,
}

impl Planned {
    /// The size of its text and inputs in memory.
    pub(super) fn size_bytes(&self) -> usize {
        self.prepared.text.len() + self.inputs.iter().map(|input| input.text.len()).sum::<usize>()
    }

    pub(super) fn is_incomplete(&self) -> bool {
        is_incomplete(&self.prepared.info.metadata)
    }

    pub(super) fn id_and_title(&self) -> (String, String) {
        (self.prepared.info.id.clone(), self.prepared.info.title.clone())
    }

    /// Adds the vectors, of which `vectors` yields one for each passage.
    pub(super) fn with_vectors(self, vectors: &mut impl Iterator<Item = PassageVectors>) -> PreparedDocument {
        let mut prepared = self.prepared;
        prepared.passages =
            self.chunks.into_iter().zip(vectors).map(|(chunk, vectors)| embedded_passage(chunk, vectors)).collect();
        prepared.info.passages = prepared.passages.len();
        prepared
    }
}

/// Claims the id of a document that is the `number`th item of a run. If another document of the run has it, the result is
/// that of a failure.
pub(super) fn claim(document: &mut NewDocument, used: &mut UsedIds, number: usize) -> Option<Ingested> {
    if !has_words(&document.text) {
        return None;
    }
    let id = id_of(document);
    match used.claim_for(document, &id, number) {
        Ok(true) => None,
        // A copy of a document of this run. The first one keeps the document.
        Ok(false) => {
            document.origin = None;
            None
        }
        Err(error) => {
            let title = document.title.take().unwrap_or_default();
            Some(Ingested::new(id, title, Outcome::Failed(error)))
        }
    }
}

/// Plans a document. The error is only for what concerns all documents.
pub(super) fn plan(
    document: NewDocument,
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
) -> Result<Plan> {
    let id = id_of(&document);
    if let Err(error) = check(&document, &id, config) {
        return Ok(Plan::Fail(failed(id, error)));
    }
    let headings = headings_of(&document.text, &document.layout, document.format).into_owned();
    let title = title_of(&document, &headings, &id);
    if !has_words(&document.text) {
        let reason = if is_blank(&document.text) { "it has no text" } else { "it has no text besides markup" };
        return Ok(Plan::Remove(Ingested::new(id, title, Outcome::Skipped(reason.into()))));
    }
    let hash = hash_of(&document);
    let stored = collection.store().map(|store| store.hash_of(&id)).transpose()?.flatten();
    if stored.is_some_and(|stored| stored == hash) {
        return Ok(Plan::Confirm(Box::new(Confirmation { document, id, title, hash })));
    }
    let (language, note_on_language) = language_of(&document);
    let notes = note_on_date(&document).into_iter().chain(note_on_language).chain(reader_notes(&document)).collect();
    let info = DocumentInfo {
        id: id.clone(),
        title: title.clone(),
        source: document.source,
        uri: document.uri,
        published: document.published.as_deref().and_then(document_date),
        language,
        tags: document.tags,
        metadata: document.metadata,
        format: document.format,
        size_bytes: document.text.len(),
        passages: 0,
        ingested: crate::timestamp::now(),
    };
    let document_text = Document { info, text: document.text, layout: document.layout };
    match chunk(document_text, document.origin, hash, &headings, embedder, config) {
        Ok(mut planned) => {
            planned.prepared.original = document.original;
            Ok(Plan::Embed(Box::new(Planned { notes, ..planned })))
        }
        Err(error @ Error::Document { .. }) => Ok(Plan::Fail(Ingested::new(id, title, Outcome::Failed(error)))),
        Err(error) => Err(error),
    }
}

/// The tag of a document's language, as it is given or else detected; and a note if what is given names no language.
fn language_of(document: &NewDocument) -> (Option<String>, Option<String>) {
    let detected = || language::detect(&document.text);
    let Some(written) = &document.language else { return (detected(), None) };
    match language_tag(written) {
        // A tag of Chinese has its script.
        Some(tag) if tag == "zh" => (detected().filter(|tag| tag.starts_with("zh-")).or(Some(tag)), None),
        Some(tag) => (Some(tag), None),
        None => {
            let found = detected();
            let instead =
                found.as_ref().map_or("and none was detected".to_owned(), |tag| format!("so it was detected: {tag}"));
            let note = format!(
                "its language `{}` is not known, {instead}; write a tag such as en or zh-Hant",
                one_line(written)
            );
            (found, Some(note))
        }
    }
}

/// Plans a document of an export. One that is stored as it was exported is left alone. One whose text is stored stays the
/// document of its file. The error is only for what concerns all documents.
pub(super) fn plan_imported(
    mut document: NewDocument,
    collection: &Collection,
    embedder: &dyn Embedder,
    config: &IngestConfig,
) -> Result<Plan> {
    let id = id_of(&document);
    let Some(store) = collection.store() else { return plan(document, collection, embedder, config) };
    // Read first: if the stored version is replaced meanwhile, the confirmation fails.
    let hash = store.hash_of(&id)?;
    let stored = match store.document(&id) {
        Ok(stored) => stored,
        // It is stored anew.
        Err(Error::Damaged { .. }) => None,
        Err(error) => return Err(error),
    };
    if hash.is_some() && stored.as_ref().is_none_or(|stored| has_same_text(&document, stored)) {
        document.origin = store.origin_of(&id)?;
        document.original = store.original(&id)?.map(|record| Arc::new(record.into()));
    }
    match (stored, hash) {
        (Some(stored), Some(hash)) if has_same_text(&document, &stored) && has_same_fields(&document, &stored.info) => {
            Ok(Plan::Confirm(Box::new(Confirmation { document, id, title: stored.info.title, hash })))
        }
        _ => plan(document, collection, embedder, config),
    }
}

/// Whether both have one text with one layout, as they have if they were read from the same file.
fn has_same_text(document: &NewDocument, stored: &Document) -> bool {
    let Document { info, text, layout } = stored;
    document.text == *text && document.layout == *layout && document.format == info.format
}

/// Whether a document was exported with what is known of it now.
fn has_same_fields(document: &NewDocument, stored: &DocumentInfo) -> bool {
    document.title.as_ref() == Some(&stored.title)
        && document.source == stored.source
        && document.uri == stored.uri
        && document.published == stored.published
        && document.language.as_deref().and_then(language_tag) == stored.language
        && document.tags == stored.tags
        && document.metadata == stored.metadata
}

/// The headings of a text: those of its markup, or those that its reader found.
pub(super) fn headings_of<'t>(text: &str, layout: &'t Layout, format: Format) -> Cow<'t, [Heading]> {
    match format {
        Format::Markdown => Cow::Owned(extract::headings(text)),
        _ => Cow::Borrowed(&layout.headings),
    }
}

/// Whether a text has anything to quote.
pub(super) fn has_words(text: &str) -> bool {
    // Most texts have a letter near their start.
    text.chars().take(256).any(char::is_alphanumeric) || parts(text).iter().any(|part| !part.is_markup())
}

/// Splits a document into passages and renders the inputs of the model.
pub(super) fn chunk(
    document: Document,
    origin: Option<String>,
    hash: [u8; 32],
    headings: &[Heading],
    embedder: &dyn Embedder,
    config: &IngestConfig,
) -> Result<Planned> {
    let Document { info, text, layout } = document;
    let (chunks, inputs) = passages(&info, &text, headings, &layout.rows, embedder, config)?;
    let aliases = lexicon::aliases(&text).into_iter().map(|(name, other)| (lexicon::key(&name), lexicon::key(&other)));
    let aliases = aliases.filter(|(name, other)| !name.is_empty() && !other.is_empty() && name != other).collect();
    let prepared = PreparedDocument { info, text, layout, origin, original: None, hash, aliases, passages: Vec::new() };
    Ok(Planned { prepared, chunks, inputs, notes: Vec::new() })
}

/// The passages of a document, and the input of the model for each. `rows` are those that its reader marked.
///
/// # Errors
///
/// [`Error::Document`] if the model cannot read a whole passage; those of [`Embedder::token_counter`].
pub fn passages(
    info: &DocumentInfo,
    text: &str,
    headings: &[Heading],
    rows: &[Row],
    embedder: &dyn Embedder,
    config: &IngestConfig,
) -> Result<(Vec<Chunk>, Vec<PassageInput>)> {
    let max_tokens = embedder.max_passage_tokens();
    let count = embedder.token_counter(&format!("{text} > "))?;
    let target_tokens = config.passage_tokens.min(max_tokens);
    let whole_lines = info.format.has_whole_lines();
    let sizer = Sizer { count: &*count, target_tokens, max_tokens, title: &info.title, whole_lines };
    let (chunks, rows) = split_into_passages(text, headings, rows, &sizer)?;
    let mut inputs = Vec::with_capacity(chunks.len());
    for chunk in &chunks {
        let input = input(text, chunk, &rows, sizer.context(&chunk.headings)?);
        // A token stands for at least one character, so a text of few characters need not be counted.
        if input.text.chars().count() > max_tokens && count(&input.text)? > max_tokens {
            return Err(Error::Document {
                document: info.id.clone(),
                reason: format!("the passage at byte {} is longer than the model reads", chunk.span.start),
                hint: "lower [ingest] passage_tokens".into(),
            });
        }
        inputs.push(input);
    }
    Ok((chunks, inputs))
}

/// The heading path and the passage, with the spans of the passage's sentences in them. White space and lines of markup
/// around the passage are left out. Rows of tables have the names of their columns, since they say little without them.
fn input(text: &str, chunk: &Chunk, rows: &Rows, context: String) -> PassageInput {
    let (Some(first), Some(last)) = (chunk.sentences.first(), chunk.sentences.last()) else {
        return PassageInput { text: context, sentences: Vec::new() };
    };
    let is_content =
        |part: &Part| !matches!(part.role, Role::Markup | Role::Header) && !rows.has_in_header(part.span.start);
    let between = |from: usize, to: usize| parts(&text[from..to]).into_iter().map(move |part| part.moved(from));
    let before = between(chunk.span.start, first.start).find(is_content);
    let start = before.map_or(first.start, |part| part.span.start);
    let after = between(last.end, chunk.span.end).rev().find(is_content);
    let end = after.map_or(last.end, |part| part.span.end);
    let offset = context.len();
    let (read, spans) = rows.read_all(text, Span::new(start, end), &chunk.sentences);
    let shifted = |span: Span| Span::new(offset + span.start, offset + span.end);
    PassageInput { text: context + &read, sentences: spans.into_iter().map(shifted).collect() }
}

fn check(document: &NewDocument, id: &str, config: &IngestConfig) -> Result<()> {
    let refused =
        |reason: String, hint: &str| Err(Error::Document { document: id.to_owned(), reason, hint: hint.into() });
    // Browsers and other clients remove `.` and `..` from a path, however they are encoded.
    let is_dots = matches!(id, "." | "..");
    if is_dots || is_blank(id) || id.len() > MAX_ID_BYTES || id.chars().any(char::is_control) {
        return refused(
            "its id cannot be used".into(),
            "an id has 1 to 512 bytes and no control characters, and is not blank, `.` or `..`",
        );
    }
    // It may come from elsewhere, such as an edited export.
    if !document.layout.fits(&document.text) {
        return refused(
            "its headings, places or rows are not those of its text".into(),
            "spans are in bytes of the text, in order, and split no character",
        );
    }
    if let Some(published) = document.published.as_deref().filter(|written| document_date(written).is_none()) {
        return refused(
            format!("its date `{published}` cannot be read as one date"),
            "give a date such as 2026-01-31, or an RFC 3339 time",
        );
    }
    let size = document.text.len();
    if size > config.max_document_bytes {
        return refused(
            format!("is {size} bytes long; the limit is {}", config.max_document_bytes),
            "split it, or raise [ingest] max_document_bytes",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn named(id: &str, text: &str) -> NewDocument {
        NewDocument { id: Some(id.to_owned()), text: text.to_owned(), ..NewDocument::default() }
    }

    #[test]
    fn a_layout_that_is_of_another_text_is_refused() {
        let row = |start, end| Row { span: Span::new(start, end), header: None };
        let heading = |start, end, level| Heading { span: Span::new(start, end), level, text: "h".into() };
        let config = Config::default().ingest;
        let refused = |layout| {
            let document = NewDocument { layout, ..named("d", "降息 text") };
            check(&document, "d", &config).is_err()
        };
        assert!(!refused(Layout::default()));
        assert!(!refused(Layout { rows: vec![row(0, 6), row(7, 11)], ..Layout::default() }));
        for rows in [vec![row(0, 99)], vec![row(1, 6)], vec![row(7, 11), row(0, 6)], vec![row(6, 3)]] {
            assert!(refused(Layout { rows, ..Layout::default() }));
        }
        for headings in [vec![heading(0, usize::MAX, 1)], vec![heading(0, 6, 0)], vec![heading(0, 6, 7)]] {
            assert!(refused(Layout { headings, ..Layout::default() }));
        }
    }

    #[test]
    fn a_hash_differs_for_every_field() {
        let mut source = named("d", "text");
        source.source = Some("x".into());
        let mut title = named("d", "text");
        title.title = Some("x".into());
        let hashes = [hash_of(&named("d", "text")), hash_of(&source), hash_of(&title), hash_of(&named("d", "tex"))];
        for (at, hash) in hashes.iter().enumerate() {
            assert!(!hashes[at + 1..].contains(hash));
        }
        assert_eq!(hash_of(&named("d", "text")), hash_of(&named("other", "text")), "the id is not content");
    }

    #[test]
    fn an_id_a_date_or_a_size_that_cannot_be_used_is_refused_with_a_hint() {
        let config = Config::default().ingest;
        let refusal = |document: &NewDocument, id: &str| check(document, id, &config).unwrap_err();
        for id in ["", " ", "a\nb", ".", "..", &"x".repeat(513)] {
            assert!(refusal(&named("", "text"), id).to_string().contains("its id cannot be used"));
        }
        let mut dated = named("d", "text");
        dated.published = Some("yesterday".into());
        assert!(refusal(&dated, "d").hint().unwrap().contains("2026-01-31"));
        dated.published = Some("2026-01-31".into());
        check(&dated, "d", &config).unwrap();
        let long = named("d", &"x".repeat(config.max_document_bytes + 1));
        assert!(refusal(&long, "d").hint().unwrap().contains("max_document_bytes"));
    }
}
