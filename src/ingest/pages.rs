//! Pages of the web as items of the pipeline: those that changed are read, the others are known by what is stored of them,
//! and those that are gone give up their documents.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;

use percent_encoding::percent_decode_str;

use super::extraction::{self, with_original};
use super::metadata::Metadata;
use super::pipeline::{Item, with_ends};
use super::prune::MANY;
use super::read::document_error;
use super::walk::{Memory, Walk, reading};
use super::{Ingested, Outcome, failed, split};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::formats;
use crate::index::store::{FileStamp, PageRecord, Store, UnreadFile};
use crate::passage::{Format, OriginalBytes};
use crate::web::visit::{Event, Known, Source, Visit};
use crate::web::{Conditions, Fetched, Kind, Trouble, Url, parse, same_site};

/// Why a page is not read that does not want it.
const NOINDEX: &str = "asks not to be indexed (noindex)";
const NOINDEX_HINT: &str = "if you may read it, save it in a browser and ingest the file";
/// The longest name of a page's file.
const MAX_NAME_CHARS: usize = 100;

/// The items of a visit.
pub(crate) struct Pages<'a> {
    walk: Walk<'a>,
    visit: Visit,
    ready: VecDeque<Item>,
    /// The pages of this visit that exist.
    present: HashSet<String>,
    /// Stored pages that are gone or do not want to be indexed, by the sitemap that lists them.
    gone: HashMap<String, HashSet<String>>,
}

impl Iterator for Pages<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        self.fill()?;
        self.ready.pop_front()
    }
}

fn address_of(event: &Event) -> &str {
    match event {
        Event::Page(source, _) | Event::Same(source, ..) | Event::Current(source, _) => &source.entry,
        Event::Failed(_, url, _) | Event::LeftOut(url, _) | Event::Would(url) | Event::Listed(url, _) => url.as_str(),
    }
}

impl<'a> Pages<'a> {
    pub(crate) fn new(walk: Walk<'a>, visit: Visit) -> Self {
        Self { walk, visit, ready: VecDeque::new(), present: HashSet::new(), gone: HashMap::new() }
    }

    /// All items of the next page, or what else comes of the visit; `None` at its end.
    pub(crate) fn page(&mut self) -> Option<Vec<Item>> {
        self.fill()?;
        Some(self.ready.drain(..).collect())
    }

    /// Goes on until there are items.
    fn fill(&mut self) -> Option<()> {
        while self.ready.is_empty() {
            let event = self.visit.next(&Stored(self.walk))?;
            let name = address_of(&event).to_owned();
            if let Err(error) = self.take(event) {
                self.ready.push_back(Item::Report(failed(name, error)));
            }
        }
        Some(())
    }

    fn take(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Page(source, page) => self.fetched(&source, &page)?,
            Event::Same(source, origin, conditions) => self.same(&source, &origin, conditions)?,
            Event::Current(source, origin) => {
                self.present.insert(origin.clone());
                let memory = self.walk.memory(&origin, &self.walk.reading_of(&origin), false)?;
                self.ready.extend(memory.items(&origin, &source.entry, true));
            }
            Event::Failed(source, url, trouble) => self.failed(&source, &url, trouble)?,
            Event::LeftOut(url, reason) => self.skip(&url, reason),
            Event::Would(url) => self.skip(&url, "would be fetched".to_owned()),
            Event::Listed(url, entries) => self.prune(&url, &entries)?,
        }
        Ok(())
    }

    fn skip(&mut self, url: &Url, reason: String) {
        self.ready.push_back(Item::Report(Ingested::new(url.to_string(), String::new(), Outcome::Skipped(reason))));
    }

    fn store(&self) -> Option<&'a Store> {
        self.walk.store
    }

    fn fetched(&mut self, source: &Source, page: &Fetched) -> Result<()> {
        let origin = page.url.to_string();
        self.present.insert(origin.clone());
        let record = self.record(source, &origin, page.conditions.clone())?;
        let reading = self.walk.reading_of(&origin);
        let hash = *blake3::hash(&page.bytes).as_bytes();
        let stamp = Box::new(FileStamp { size_bytes: page.bytes.len() as u64, modified_ns: 0, hash, reading });
        if is_unwanted(page) {
            return self.unwanted(source, origin, *stamp, record);
        }
        let memory = self.walk.memory(&origin, &stamp.reading, source.is_named)?;
        let is_same = memory.stamp().is_some_and(|known| known.hash == hash);
        // A header may have said before that the page was not to be read.
        let is_read = if is_same && !matches!(&memory, Memory::Unread(file) if file.reason == NOINDEX) {
            self.ready.extend(memory.items(&origin, &origin, false));
            true
        } else {
            self.read(&origin, page, stamp)?
        };
        // With the validators of a version that was not read, the server would say that nothing has changed since.
        if is_read {
            self.ready.push_back(Item::Page(origin, record));
        }
        Ok(())
    }

    /// Reads a page that is new or has changed; whether what came of it is recorded.
    fn read(&mut self, origin: &str, page: &Fetched, mut stamp: Box<FileStamp>) -> Result<bool> {
        let Walk { reader, config, options, .. } = self.walk;
        let name = name_of(&page.url, page.media_type.as_deref());
        let bytes = decoded(&name, &page.bytes, page.charset.as_deref());
        let extracted = match extraction::extract_named(&name, &bytes, reader, config, &Cancel::default()) {
            Ok(extracted) => extracted,
            Err(failure) => {
                let item = self.walk.unreadable(origin, origin, &stamp, failure);
                let is_recorded = matches!(item, Item::Unread(..));
                self.ready.push_back(item);
                return Ok(is_recorded);
            }
        };
        drop(bytes);
        if extracted.has_scans() {
            stamp.reading = self.walk.of_scan(&stamp.reading);
        }
        let is_own = |address: &str| parse(address).is_ok_and(|address| same_site(&address, &page.url));
        let mut documents = split::split_page(extracted, origin, &is_own)?;
        let from_rules = Metadata::of_rules(config, Path::new(origin));
        for document in &mut documents {
            from_rules.complete(document);
            options.metadata.replace(document);
        }
        let copy = || OriginalBytes::Held(page.bytes.clone());
        let documents = with_original(documents, Path::new(&name), &page.bytes, copy, config);
        self.ready.extend(with_ends(documents.into_iter()).map(|item| match item {
            Item::End(origin, _) => Item::End(origin, Some(stamp.clone())),
            item => item,
        }));
        Ok(true)
    }

    /// A page that does not want to be indexed. What was read of it before goes with `prune`.
    fn unwanted(&mut self, source: &Source, origin: String, stamp: FileStamp, record: Box<PageRecord>) -> Result<()> {
        if self.is_stored(&origin)? {
            if !self.walk.options.prune {
                let reason = format!("{NOINDEX}; its documents stay, and `prune` removes them");
                self.ready.push_back(Item::Report(Ingested::new(origin, String::new(), Outcome::Skipped(reason))));
                return Ok(());
            }
            if self.goes_with_others(source, &origin) {
                return Ok(());
            }
            self.ready.push_back(Item::End(origin.clone(), None));
        }
        let report =
            Ingested::new(origin.clone(), String::new(), Outcome::Skipped(format!("{NOINDEX}; {NOINDEX_HINT}")));
        let file = UnreadFile { stamp, is_failure: false, reason: NOINDEX.into(), hint: NOINDEX_HINT.into() };
        self.ready.push_back(Item::Unread(origin.clone(), Box::new(file), report));
        self.ready.push_back(Item::Page(origin, record));
        Ok(())
    }

    /// A page whose server says that it has not changed.
    fn same(&mut self, source: &Source, origin: &str, conditions: Conditions) -> Result<()> {
        self.present.insert(origin.to_owned());
        let memory = self.walk.memory(origin, &self.walk.reading_of(origin), false)?;
        if matches!(memory, Memory::Nothing) {
            let reason = "has not changed, but its documents were changed meanwhile".to_owned();
            return Err(document_error(origin, reason, "ingest it again"));
        }
        let record = self.record(source, origin, conditions)?;
        self.ready.extend(memory.items(origin, origin, true));
        if self.known(origin)?.is_none_or(|known| known != *record) {
            self.ready.push_back(Item::Page(origin.to_owned(), record));
        }
        Ok(())
    }

    fn failed(&mut self, source: &Source, url: &Url, trouble: Trouble) -> Result<()> {
        if trouble.kind == Kind::Gone && self.walk.options.prune && source.may_go {
            let at = self.store().map(|store| store.snapshot()?.page_at(&source.entry)).transpose()?.flatten();
            let origin = at.map_or_else(|| url.to_string(), |(origin, _)| origin);
            if self.is_stored(&origin)? {
                if !self.goes_with_others(source, &origin) {
                    self.ready.push_back(Item::End(origin, None));
                }
                return Ok(());
            }
        }
        match trouble.kind {
            Kind::Unwanted if !source.is_named => self.skip(url, trouble.reason),
            Kind::Cancelled => {}
            _ => self.ready.push_back(Item::Report(failed(url.to_string(), trouble.of(url)))),
        }
        Ok(())
    }

    /// Notes that a page of a sitemap goes: whether it does is decided for all pages of the sitemap at once, since a site that
    /// is broken gives up all of them. Of no sitemap, it goes by itself.
    fn goes_with_others(&mut self, source: &Source, origin: &str) -> bool {
        let Some(listing) = source.listing.clone().filter(|_| source.may_go) else { return false };
        self.present.remove(origin);
        self.gone.entry(listing).or_default().insert(origin.to_owned())
    }

    /// Removes the documents of pages that a sitemap has listed once and lists no longer, or that are gone.
    fn prune(&mut self, listing: &Url, entries: &HashSet<String>) -> Result<()> {
        let (Some(store), true) = (self.store(), self.walk.options.prune) else { return Ok(()) };
        let known = store.snapshot()?.pages_of(listing.as_str())?;
        let count = known.len();
        let lost = self.gone.remove(listing.as_str()).unwrap_or_default();
        let is_gone = |(origin, page): &(String, PageRecord)| {
            let is_unlisted = !entries.contains(&page.entry) && !entries.contains(origin);
            is_unlisted && !self.present.contains(origin) && !lost.contains(origin)
        };
        let mut gone: Vec<String> = known.into_iter().filter(is_gone).map(|(origin, _)| origin).collect();
        gone.extend(lost.iter().cloned());
        let is_all = !gone.is_empty() && (entries.is_empty() || lost.len() > 1 && gone.len() >= count);
        let is_most = is_all || gone.len() >= MANY && gone.len() * 2 > count;
        if is_most && !self.walk.options.prune_all {
            let reason = format!("has lost {} of {count} pages; their documents stay", gone.len());
            let hint = "if that is right, `footnote ingest --prune --prune-all` removes the documents";
            return Err(document_error(listing.as_str(), reason, hint));
        }
        self.ready.extend(gone.into_iter().map(|origin| Item::End(origin, None)));
        Ok(())
    }

    /// Whether a page has given documents, or is known to give none.
    fn is_stored(&self, origin: &str) -> Result<bool> {
        let Some(store) = self.store() else { return Ok(false) };
        Ok(!store.ids_read_from(origin)?.is_empty())
    }

    fn known(&self, origin: &str) -> Result<Option<PageRecord>> {
        Ok(self.store().map(|store| store.snapshot()?.page(origin)).transpose()?.flatten())
    }

    /// What is to be kept of a page. One that is named stays with the listing that has it.
    fn record(&self, source: &Source, origin: &str, conditions: Conditions) -> Result<Box<PageRecord>> {
        let Conditions { etag, last_modified } = conditions;
        let Source { listing, entry, changed, .. } = source.clone();
        Ok(Box::new(match self.known(origin)? {
            Some(known) if listing.is_none() && known.listing.is_some() => PageRecord { etag, last_modified, ..known },
            // One that was named stays, whatever lists it later.
            Some(known) if listing.is_some() && known.listing.is_none() => {
                PageRecord { etag, last_modified, changed, ..known }
            }
            _ => PageRecord { etag, last_modified, listing, entry, changed },
        }))
    }
}

impl Walk<'_> {
    /// What decides which documents are made of the page at an address, besides its bytes.
    fn reading_of(self, origin: &str) -> String {
        let from_rules = Metadata::of_rules(self.config, Path::new(origin));
        reading(self.config, &from_rules, &self.options.metadata)
    }
}

/// What the store knows of pages.
struct Stored<'a>(Walk<'a>);

impl Stored<'_> {
    /// What is known of a page of which nothing has to be read again.
    fn page(&self, origin: &str, whole: bool) -> Option<PageRecord> {
        let store = self.0.store?;
        let memory = self.0.memory(origin, &self.0.reading_of(origin), whole).ok()?;
        memory.stamp()?;
        store.snapshot().ok()?.page(origin).ok()?
    }
}

impl Known for Stored<'_> {
    fn conditions(&self, url: &Url) -> Conditions {
        let page = self.page(url.as_str(), true).unwrap_or_default();
        Conditions { etag: page.etag, last_modified: page.last_modified }
    }

    fn unchanged(&self, source: &Source) -> Option<String> {
        let changed = source.changed.as_ref()?;
        let (origin, page) = self.0.store?.snapshot().ok()?.page_at(&source.entry).ok()??;
        let is_same = page.changed.as_ref() == Some(changed) && page.listing == source.listing;
        (is_same && self.page(&origin, false).is_some()).then_some(origin)
    }

    fn holds(&self, url: &str) -> bool {
        self.page(url, false).is_some()
    }
}

/// Whether a page, or its server, says that it is not to be indexed.
fn is_unwanted(page: &Fetched) -> bool {
    page.wishes.noindex || is_html(page) && page.says_noindex()
}

fn is_html(page: &Fetched) -> bool {
    let name = name_of(&page.url, page.media_type.as_deref());
    formats::format_of(&name, &page.bytes).is_ok_and(|format| format == Format::Html)
}

/// A name for what was fetched, from which its format and, if nothing else does, its title come.
fn name_of(url: &Url, media_type: Option<&str>) -> String {
    let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let last = percent_decode_str(last).decode_utf8_lossy();
    let last: String = last.chars().filter(|c| !c.is_control() && *c != '/').take(MAX_NAME_CHARS).collect();
    let (stem, is_host) = match last.as_str() {
        "" => (url.host_str().unwrap_or("page").to_owned(), true),
        last => (last.to_owned(), false),
    };
    let bare = || match stem.rsplit_once('.').filter(|(before, _)| !is_host && !before.is_empty()) {
        Some((before, _)) => before.to_owned(),
        None => stem.clone(),
    };
    match media_type.and_then(extension_of) {
        // Markdown, source code and other texts are often sent as plain text.
        Some("txt")
            if !is_host && formats::by_name(&stem).is_some_and(|format| format.media_type().starts_with("text/")) =>
        {
            stem
        }
        Some(extension) => format!("{}.{extension}", bare()),
        None => stem,
    }
}

/// The extension of files of a media type; `None` if the type says too little.
fn extension_of(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "text/html" | "application/xhtml+xml" => "html",
        "text/plain" => "txt",
        "text/markdown" => "md",
        "application/pdf" | "application/x-pdf" => "pdf",
        "application/json" => "json",
        "application/jsonl" | "application/x-ndjson" => "jsonl",
        "text/csv" => "csv",
        "text/tab-separated-values" => "tsv",
        "application/rtf" | "text/rtf" => "rtf",
        "application/epub+zip" => "epub",
        "message/rfc822" => "eml",
        "text/vtt" => "vtt",
        "application/x-subrip" => "srt",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => "pptx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "application/vnd.ms-excel" => "xls",
        "application/vnd.oasis.opendocument.text" => "odt",
        "application/vnd.oasis.opendocument.spreadsheet" => "ods",
        "application/vnd.oasis.opendocument.presentation" => "odp",
        _ => return None,
    })
}

/// The bytes of a text in UTF-8 with a byte order mark, if its server names their encoding and they are in it. It counts
/// more than what the text says itself.
fn decoded<'b>(name: &str, bytes: &'b [u8], charset: Option<&str>) -> Cow<'b, [u8]> {
    const MARK: &str = "\u{feff}";
    let is_text = |format: Format| format == Format::Html || format.media_type().starts_with("text/");
    let encoding = charset.and_then(|charset| encoding_rs::Encoding::for_label(charset.as_bytes()));
    let is_marked = encoding_rs::Encoding::for_bom(bytes).is_some();
    match (encoding, formats::format_of(name, bytes)) {
        (Some(encoding), Ok(format)) if is_text(format) && !is_marked && !bytes.is_empty() => {
            match encoding.decode_without_bom_handling(bytes) {
                (text, false) => Cow::Owned([MARK.as_bytes(), text.as_bytes()].concat()),
                // The server says something wrong.
                (_, true) => Cow::Borrowed(bytes),
            }
        }
        _ => Cow::Borrowed(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(url: &str, media_type: Option<&str>) -> String {
        name_of(&Url::parse(url).unwrap(), media_type)
    }

    #[test]
    fn the_type_of_a_page_decides_its_format_and_where_it_says_nothing_the_address() {
        assert_eq!(name("https://a.example/news/story.php?id=7", Some("text/html")), "story.html");
        assert_eq!(name("https://a.example/", Some("text/html")), "a.example.html");
        assert_eq!(name("https://a.example/get", Some("application/pdf")), "get.pdf");
        assert_eq!(name("https://a.example/README.md", Some("text/plain")), "README.md");
        assert_eq!(name("https://a.example/get", Some("text/plain")), "get.txt");
        assert_eq!(name("https://a.example/report.docx", Some("application/octet-stream")), "report.docx");
        assert_eq!(name("https://a.example/%E6%96%B0%E8%81%9E.html", None), "新聞.html");
        assert_eq!(name("https://a.example/a%2Fb", None), "ab");
    }

    #[test]
    fn the_encoding_that_a_server_names_counts_unless_it_is_wrong() {
        let page = "<html><meta charset=utf-8><p>元月的債市";
        let (big5, ..) = encoding_rs::BIG5.encode(page);
        assert_eq!(&*decoded("a.html", &big5, Some("Big5")), format!("\u{feff}{page}").as_bytes());
        assert_eq!(&*decoded("a.html", &big5, Some("utf-8")), &*big5, "they are not UTF-8");
        assert_eq!(&*decoded("a.html", &big5, Some("no-such")), &*big5);
        assert_eq!(&*decoded("a.html", &big5, None), &*big5);
        let marked = "\u{feff}a".as_bytes();
        assert_eq!(&*decoded("a.txt", marked, Some("big5")), marked);
        assert_eq!(&*decoded("a.pdf", b"%PDF-1.7", Some("utf-8")), b"%PDF-1.7");
    }
}
