//! Pages of the web as items of the pipeline: those that changed are read, the others are known by what is stored of them,
//! and those that are gone give up their documents.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;

use super::extraction::{self, with_original};
use super::metadata::Metadata;
use super::page_file::{decoded, name_of};
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
