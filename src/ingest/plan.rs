//! What is to be done for one document: nothing, or these passages to embed.

use super::chunk::{Sizer, chunk as split_into_passages};
use super::split::iso_date;
use super::{Ingested, Outcome, embedded_passage, failed};
use crate::config::IngestConfig;
use crate::embed::{Embedder, PassageInput, PassageVectors};
use crate::error::{Error, Result};
use crate::index::Collection;
use crate::index::store::PreparedDocument;
use crate::lexicon;
use crate::passage::{Chunk, Document, DocumentInfo, NewDocument, Span};
use crate::terms::language;

/// Longer ones are cut: a title is shown with every citation.
const MAX_TITLE_CHARS: usize = 200;
const MAX_ID_BYTES: usize = 512;

/// What is to be done for one document.
pub(super) enum Plan {
    /// Nothing more.
    Finished(Ingested),
    /// Embed and store it.
    Embed(Box<Planned>),
}

/// A document split into passages.
pub(super) struct Planned {
    prepared: PreparedDocument,
    chunks: Vec<Chunk>,
    /// What the model is to read, one for each chunk.
    pub(super) inputs: Vec<PassageInput>,
}

impl Planned {
    /// Takes its vectors, one for each of its passages, off `vectors`.
    pub(super) fn with_vectors(self, vectors: &mut impl Iterator<Item = PassageVectors>) -> PreparedDocument {
        let mut prepared = self.prepared;
        prepared.passages =
            self.chunks.into_iter().zip(vectors).map(|(chunk, vectors)| embedded_passage(chunk, vectors)).collect();
        prepared.info.passages = prepared.passages.len();
        prepared
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
        return Ok(Plan::Finished(failed(id, error)));
    }
    let hash = hash_of(&document);
    let title = title_of(&document, &id);
    let finished = |outcome| Ok(Plan::Finished(Ingested { id: id.clone(), title: title.clone(), outcome }));
    if document.text.trim().is_empty() {
        return finished(Outcome::Skipped("there is no text in it".into()));
    }
    let stored = collection.store().map(|store| store.hash_of(&id)).transpose()?.flatten();
    if stored.is_some_and(|stored| stored == hash) {
        return finished(Outcome::Unchanged);
    }
    let language = document.language.or_else(|| language::detect(&document.text));
    let info = DocumentInfo {
        id: id.clone(),
        title: title.clone(),
        source: document.source,
        uri: document.uri,
        published: document.published.as_deref().and_then(iso_date),
        language,
        tags: document.tags,
        metadata: document.metadata,
        format: document.format,
        size_bytes: document.text.len(),
        passages: 0,
        ingested: String::new(),
    };
    match chunk(Document { info, text: document.text }, document.origin, hash, embedder, config) {
        Ok(planned) => Ok(Plan::Embed(Box::new(planned))),
        Err(error @ Error::Document { .. }) => finished(Outcome::Failed(error)),
        Err(error) => Err(error),
    }
}

/// Splits a document into passages and renders what the model is to read of each.
pub(super) fn chunk(
    document: Document,
    origin: Option<String>,
    hash: [u8; 32],
    embedder: &dyn Embedder,
    config: &IngestConfig,
) -> Result<Planned> {
    let Document { mut info, text } = document;
    let max_tokens = embedder.max_passage_tokens();
    let count = embedder.token_counter(&format!("{text} > "))?;
    let sizer =
        Sizer { count: &*count, target_tokens: config.passage_tokens.min(max_tokens), max_tokens, title: &info.title };
    let chunks = split_into_passages(&text, info.format, &sizer)?;
    let mut inputs = Vec::with_capacity(chunks.len());
    for chunk in &chunks {
        let input = input(&text, chunk, sizer.context(&chunk.headings)?);
        // A token stands for a character at least, so a text of few characters need not be counted.
        if input.text.chars().count() > max_tokens && count(&input.text)? > max_tokens {
            return Err(Error::Document {
                document: info.id.clone(),
                reason: format!("the passage at byte {} does not fit the model", chunk.span.start),
                hint: "lower [ingest] passage_tokens".into(),
            });
        }
        inputs.push(input);
    }
    drop(count);
    info.ingested = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let aliases = lexicon::aliases(&text).into_iter().map(|(name, other)| (lexicon::key(&name), lexicon::key(&other)));
    let aliases = aliases.filter(|(name, other)| !name.is_empty() && !other.is_empty() && name != other).collect();
    let prepared = PreparedDocument { info, text, origin, hash, aliases, passages: Vec::new() };
    Ok(Planned { prepared, chunks, inputs })
}

/// Headings and passage, and where the passage's sentences stand in that.
fn input(text: &str, chunk: &Chunk, context: String) -> PassageInput {
    let offset = context.len();
    let place = |sentence: &Span| {
        let start = offset + sentence.start - chunk.span.start;
        Span::new(start, start + sentence.len())
    };
    let sentences = chunk.sentences.iter().map(place).collect();
    PassageInput { text: context + text[chunk.span.range()].trim_end(), sentences }
}

/// The given id, or one made from the uri, or from the content. The latter two are sixteen hexadecimal digits, so that
/// they fit in a URL and on a command line as they are.
pub(super) fn id_of(document: &NewDocument) -> String {
    if let Some(id) = &document.id {
        return id.clone();
    }
    let identity = document.uri.as_ref().unwrap_or(&document.text);
    blake3::hash(identity.as_bytes()).to_hex()[..16].to_owned()
}

fn title_of(document: &NewDocument, id: &str) -> String {
    let first_line =
        || document.text.lines().map(|line| line.trim().trim_start_matches('#').trim()).find(|l| !l.is_empty());
    let given = document.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    let title = given.or_else(first_line).unwrap_or(id);
    match title.char_indices().nth(MAX_TITLE_CHARS) {
        Some((end, _)) => format!("{}…", title[..end].trim_end()),
        None => title.to_owned(),
    }
}

fn check(document: &NewDocument, id: &str, config: &IngestConfig) -> Result<()> {
    let refused =
        |reason: String, hint: &str| Err(Error::Document { document: id.to_owned(), reason, hint: hint.into() });
    // Browsers and other clients take `.` and `..` out of a path, however they are written.
    let is_dots = matches!(id, "." | "..");
    if is_dots || id.trim().is_empty() || id.len() > MAX_ID_BYTES || id.chars().any(char::is_control) {
        return refused(
            "its id cannot be used".into(),
            "an id has 1 to 512 bytes, is not blank, neither `.` nor `..`, and has no control characters",
        );
    }
    if let Some(published) = document.published.as_deref().filter(|said| iso_date(said).is_none()) {
        return refused(
            format!("its date `{published}` cannot be read"),
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

/// BLAKE3 of all that was given. Fields are written with their lengths, so that no two documents run together alike.
fn hash_of(document: &NewDocument) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let mut field = |value: Option<&str>| {
        let value = value.unwrap_or("\0absent");
        hasher.update(&(value.len() as u64).to_le_bytes()).update(value.as_bytes());
    };
    field(Some(&document.text));
    field(document.title.as_deref());
    field(document.source.as_deref());
    field(document.uri.as_deref());
    field(document.published.as_deref());
    field(document.language.as_deref());
    field(Some(&serde_json::Value::from(document.tags.clone()).to_string()));
    field(Some(&serde_json::Value::Object(document.metadata.clone()).to_string()));
    field(Some(document.format.as_str()));
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn named(id: &str, text: &str) -> NewDocument {
        NewDocument { id: Some(id.to_owned()), text: text.to_owned(), ..NewDocument::default() }
    }

    #[test]
    fn an_id_is_the_given_one_or_comes_from_the_uri_or_from_the_content() {
        assert_eq!(id_of(&named("memo", "text")), "memo");
        let of = |uri: Option<&str>, text: &str| {
            id_of(&NewDocument { uri: uri.map(str::to_owned), text: text.to_owned(), ..NewDocument::default() })
        };
        assert_eq!(of(Some("file:///a.txt"), "one"), of(Some("file:///a.txt"), "two"));
        assert_eq!(of(None, "one"), of(None, "one"));
        assert_ne!(of(None, "one"), of(None, "two"));
        assert!(of(None, "one").len() == 16 && of(None, "one").chars().all(|c| c.is_ascii_hexdigit()));
    }

    #[test]
    fn a_hash_tells_every_field_from_every_other() {
        let mut source = named("d", "text");
        source.source = Some("x".into());
        let mut title = named("d", "text");
        title.title = Some("x".into());
        let hashes = [hash_of(&named("d", "text")), hash_of(&source), hash_of(&title), hash_of(&named("d", "tex"))];
        for (at, hash) in hashes.iter().enumerate() {
            assert!(!hashes[at + 1..].contains(hash));
        }
        assert_eq!(hash_of(&named("d", "text")), hash_of(&named("other", "text")), "the id is no content");
    }

    #[test]
    fn an_id_a_date_or_a_size_that_cannot_be_used_is_refused_with_what_would_do() {
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

    #[test]
    fn a_title_is_the_given_one_the_first_line_or_the_id_and_never_endless() {
        assert_eq!(title_of(&NewDocument { title: Some(" Given ".into()), ..named("d", "text") }, "d"), "Given");
        assert_eq!(title_of(&named("d", "\n# First line\nmore"), "d"), "First line");
        assert_eq!(title_of(&named("d", "\n"), "d"), "d");
        assert_eq!(title_of(&named("d", &"長".repeat(500)), "d").chars().count(), MAX_TITLE_CHARS + 1);
    }
}
