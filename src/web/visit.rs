//! Goes from addresses that somebody named to their pages: a page itself, the pages that a sitemap or a feed lists, or those
//! that a page links to. Each is read once.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::Web;
use super::exchange::unpacked;
use super::follow::{Fetched, Found, Turn};
use super::header::Conditions;
use super::listing::{self, Kind, Listing};
use super::named::{MAX_ADDRESS_BYTES, same_site};
use super::trouble::Trouble;
use crate::cancel::Cancel;
use crate::formats;

/// Sitemaps that an index may name, and the ones in those.
const MAX_SITEMAPS: usize = 1_000;
const MAX_INDEX_DEPTH: usize = 2;
const GZIP: &[u8] = b"\x1F\x8B";

/// What to visit.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Order {
    pub(crate) urls: Vec<Url>,
    /// How many links away from a page that is named others are read, on the same site and below the same folder.
    pub(crate) depth: usize,
    /// The most pages of one address that is named.
    pub(crate) max_pages: usize,
    /// Whether pages of other sites are read that a sitemap or a feed lists.
    pub(crate) other_hosts: bool,
    /// Whether only what is named is fetched, to learn what would be.
    pub(crate) only_looks: bool,
    /// Whether everything is asked for anew.
    pub(crate) anew: bool,
    /// Whether a page is not asked for as long as its server has called it fresh, in an earlier visit with the same [`Web`].
    pub(crate) keeps_fresh: bool,
}

/// What is known of pages from earlier visits.
pub(crate) trait Known {
    /// The validators of a page that need not be sent again if it has not changed.
    fn conditions(&self, url: &Url) -> Conditions;

    /// The address of the page that is stored for an entry of a listing, if the entry says that it has not changed since.
    fn unchanged(&self, source: &Source) -> Option<String>;

    /// Whether what was made of the page is stored.
    fn holds(&self, url: &str) -> bool;
}

/// Why a page is visited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// The sitemap or feed that lists it.
    pub(crate) listing: Option<String>,
    /// Its address as it is named or listed, before redirects.
    pub(crate) entry: String,
    /// When it changed last, as its listing says.
    pub(crate) changed: Option<String>,
    /// Whether somebody named it.
    pub(crate) is_named: bool,
    /// Whether its documents may go if it is gone: it is named, or all of its sitemap was read.
    pub(crate) may_go: bool,
}

impl Source {
    fn named(url: &Url) -> Self {
        Self { listing: None, entry: url.to_string(), changed: None, is_named: true, may_go: true }
    }
}

/// What a visit comes to.
#[derive(Debug)]
pub(crate) enum Event {
    /// A page.
    Page(Source, Box<Fetched>),
    /// A page that has not changed since it had these validators.
    Same(Source, String, Conditions),
    /// A page that was not even asked for, since it cannot have changed.
    Current(Source, String),
    /// A page that could not be fetched.
    Failed(Source, Url, Trouble),
    /// What was left out of a listing or a site, or is not of use.
    LeftOut(Url, String),
    /// A page that would be asked for.
    Would(Url),
    /// All pages of the visit are told. A sitemap was read whole, and these are its entries.
    Listed(Url, HashSet<String>),
}

enum Task {
    Named(Url),
    Entry(Url, Source),
    /// So many links away from a page that was named, in the site of this number.
    Linked(Url, usize, usize),
    Listed(Url, HashSet<String>),
}

/// The part of a site that is read from one page on.
struct Site {
    start: Url,
    /// The address of its folder.
    folder: String,
    /// How many more pages may be read.
    left: usize,
    /// Whether there are more.
    is_full: bool,
}

/// A visit under way.
pub(crate) struct Visit {
    web: Arc<Web>,
    order: Order,
    tasks: VecDeque<Task>,
    ready: VecDeque<Event>,
    sites: Vec<Site>,
    /// All addresses that were read or are going to be.
    seen: HashSet<String>,
    cancel: Cancel,
}

impl Visit {
    pub(crate) fn new(web: Arc<Web>, order: Order, cancel: Cancel) -> Self {
        // What is named is read as such, even if a sitemap lists it.
        let mut seen = HashSet::new();
        let named = order.urls.iter().filter(|url| seen.insert(url.to_string()));
        let tasks = named.cloned().map(Task::Named).collect();
        Self { web, order, tasks, ready: VecDeque::new(), sites: Vec::new(), seen, cancel }
    }

    /// The next event; `None` at the end, or once the visit is cancelled.
    pub(crate) fn next(&mut self, known: &dyn Known) -> Option<Event> {
        loop {
            self.cancel.check().ok()?;
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            match self.tasks.pop_front()? {
                Task::Named(url) => self.named(&url, known),
                Task::Entry(url, source) => self.entry(&url, source, known),
                Task::Linked(url, depth, site) => self.linked(&url, depth, site, known),
                Task::Listed(url, entries) => self.ready.push_back(Event::Listed(url, entries)),
            }
        }
    }

    fn named(&mut self, url: &Url, known: &dyn Known) {
        let source = Source::named(url);
        if self.is_fresh(&source, known) {
            return;
        }
        // Of a page that is not sent again nobody would know the links.
        let asks = self.order.depth == 0;
        let found = self.follow(url, known, asks, |_| true);
        let Some(page) = self.taken(url, &source, found) else { return };
        if let Some(listing) = listing_in(&page, self.web.limits.max_bytes) {
            return self.list(url, &page.url, listing, known);
        }
        if self.order.depth > 0 {
            let mut folder = page.url.clone();
            folder.set_query(None);
            if let Ok(mut segments) = folder.path_segments_mut() {
                segments.pop().push("");
            }
            let left = self.order.max_pages.saturating_sub(1);
            let site = Site { start: url.clone(), folder: folder.to_string(), left, is_full: false };
            self.sites.push(site);
            self.links(&page, 1, self.sites.len() - 1);
        }
        self.page(source, page);
    }

    fn entry(&mut self, url: &Url, source: Source, known: &dyn Known) {
        if self.is_fresh(&source, known) {
            return;
        }
        if !self.order.anew
            && let Some(origin) = known.unchanged(&source)
        {
            self.seen.insert(origin.clone());
            return self.ready.push_back(Event::Current(source, origin));
        }
        if self.order.only_looks {
            return self.would(url, source);
        }
        let (start, other_hosts) = (url.clone(), self.order.other_hosts);
        let found = self.follow(url, known, true, |target| other_hosts || same_site(&start, target));
        if let Some(page) = self.taken(url, &source, found) {
            self.page_unless_listing(source, page);
        }
    }

    fn linked(&mut self, url: &Url, depth: usize, site: usize, known: &dyn Known) {
        let source = Source { is_named: false, may_go: false, ..Source::named(url) };
        if self.order.only_looks {
            return self.would(url, source);
        }
        let follows_links = depth < self.order.depth;
        let folder = self.sites.get(site).map(|site| site.folder.clone()).unwrap_or_default();
        let found = self.follow(url, known, !follows_links, |target| target.as_str().starts_with(&folder));
        if let Some(page) = self.taken(url, &source, found) {
            if follows_links {
                self.links(&page, depth + 1, site);
            }
            self.page_unless_listing(source, page);
        }
    }

    /// Asks for a page, unless another one that is read anyway stands at its address.
    fn follow(&self, url: &Url, known: &dyn Known, asks: bool, stays: impl Fn(&Url) -> bool) -> Result<Found, Trouble> {
        let conditions = |url: &Url| match asks && !self.order.anew {
            true => known.conditions(url),
            false => Conditions::default(),
        };
        let turn = |target: &Url| match target {
            target if self.seen.contains(target.as_str()) => Turn::Seen,
            target if !stays(target) => Turn::Elsewhere,
            _ => Turn::Follow,
        };
        self.web.follow(url, &conditions, &turn, &self.cancel)
    }

    /// What was found, if it is a page. All else becomes an event.
    fn taken(&mut self, url: &Url, source: &Source, found: Result<Found, Trouble>) -> Option<Box<Fetched>> {
        match found {
            Ok(Found::Page(page)) => {
                self.seen.insert(page.url.to_string());
                self.keep_fresh(&source.entry, page.url.as_str(), page.fresh);
                return Some(page);
            }
            Ok(Found::Same { url, conditions, fresh }) => {
                self.seen.insert(url.to_string());
                self.keep_fresh(&source.entry, url.as_str(), fresh);
                self.ready.push_back(Event::Same(source.clone(), url.to_string(), conditions));
            }
            Ok(Found::Left(_, Turn::Elsewhere)) if source.listing.is_none() && !source.is_named => {}
            Ok(Found::Left(target, Turn::Elsewhere)) => {
                let reason =
                    format!("leads to another site, {target}, and other hosts are read only if that is asked for");
                self.ready.push_back(Event::LeftOut(url.clone(), reason));
            }
            Ok(Found::Left(..)) => {}
            Err(trouble) => self.ready.push_back(Event::Failed(source.clone(), url.clone(), trouble)),
        }
        None
    }

    fn keep_fresh(&self, entry: &str, url: &str, lasts: Duration) {
        if self.order.keeps_fresh {
            self.web.keep_fresh(entry, url, lasts);
        }
    }

    fn page(&mut self, source: Source, page: Box<Fetched>) {
        self.ready.push_back(Event::Page(source, page));
    }

    fn page_unless_listing(&mut self, source: Source, page: Box<Fetched>) {
        if listing_in(&page, self.web.limits.max_bytes).is_some() {
            let reason = "is a sitemap or a feed and no page; name it to read its pages".to_owned();
            return self.ready.push_back(Event::LeftOut(page.url, reason));
        }
        self.page(source, page);
    }

    /// Says that a page would be asked for.
    fn would(&mut self, url: &Url, source: Source) {
        self.ready.push_back(match self.web.check_robots(url, &self.cancel) {
            Ok(()) => Event::Would(url.clone()),
            Err(trouble) => Event::Failed(source, url.clone(), trouble),
        });
    }

    /// Whether a page is still as fresh as its server said in an earlier round. Then its event is that it is current.
    fn is_fresh(&mut self, source: &Source, known: &dyn Known) -> bool {
        let fresh = self.web.fresh(&source.entry).filter(|origin| self.order.keeps_fresh && known.holds(origin));
        let Some(origin) = fresh else { return false };
        self.seen.insert(origin.clone());
        self.ready.push_back(Event::Current(source.clone(), origin));
        true
    }

    /// Adds the pages to which a page links.
    fn links(&mut self, page: &Fetched, depth: usize, site: usize) {
        if page.media_type.as_deref().is_some_and(|kind| !kind.contains("html")) {
            return;
        }
        let outline = formats::outline(&page.bytes, page.charset.as_deref());
        let mut wishes = page.wishes;
        outline.robots.iter().for_each(|(_, list)| wishes.add(list));
        if wishes.nofollow {
            return;
        }
        let is_short = |text: &String| text.len() <= MAX_ADDRESS_BYTES;
        let base = outline.base.filter(is_short).and_then(|base| page.url.join(&base).ok());
        let base = base.unwrap_or_else(|| page.url.clone());
        for link in outline.links.into_iter().filter(is_short) {
            if self.cancel.check().is_err() {
                return;
            }
            let Ok(mut url) = base.join(&link) else { continue };
            url.set_fragment(None);
            let Some(site_of) = self.sites.get_mut(site) else { return };
            if !url.as_str().starts_with(&site_of.folder) || self.seen.contains(url.as_str()) {
                continue;
            }
            if site_of.left == 0 {
                if !std::mem::replace(&mut site_of.is_full, true) {
                    let reason = format!(
                        "links to more than {} pages; a higher limit on pages reads more",
                        self.order.max_pages
                    );
                    self.ready.push_back(Event::LeftOut(site_of.start.clone(), reason));
                }
                return;
            }
            site_of.left -= 1;
            self.seen.insert(url.to_string());
            self.tasks.push_back(Task::Linked(url, depth, site));
        }
    }

    /// Adds the pages of a listing, ahead of all else that is to be done.
    fn list(&mut self, named: &Url, at: &Url, listing: Listing, known: &dyn Known) {
        let mut pages = Gathered { is_whole: true, ..Gathered::default() };
        let is_feed = listing.kind == Kind::Feed;
        self.gather(at, listing, known, 0, &mut pages);
        let max_pages = self.order.max_pages;
        let count = pages.entries.len();
        if count > max_pages {
            pages.is_whole = false;
            pages.entries.truncate(max_pages);
            let reason = format!(
                "lists more than {max_pages} pages, and the others were left out; a higher limit on pages reads more"
            );
            self.ready.push_back(Event::LeftOut(named.clone(), reason));
        }
        if pages.elsewhere > 0 {
            let many = if pages.elsewhere == 1 { "page".to_owned() } else { format!("{} pages", pages.elsewhere) };
            let reason =
                format!("lists {many} of other hosts, which were left out: they are read only if that is asked for");
            self.ready.push_back(Event::LeftOut(named.clone(), reason));
        }
        let may_go = pages.is_whole && !is_feed;
        let all = pages.listed;
        let mut tasks = VecDeque::new();
        for (url, changed) in pages.entries {
            if self.seen.insert(url.to_string()) {
                let (listing, entry) = (Some(named.to_string()), url.to_string());
                tasks.push_back(Task::Entry(url, Source { listing, entry, changed, is_named: false, may_go }));
            }
        }
        tasks.append(&mut self.tasks);
        self.tasks = tasks;
        if may_go {
            // Behind all that is named: a page may have gone from one listing to another.
            self.tasks.push_back(Task::Listed(named.clone(), all));
        }
    }

    /// Collects the pages of a listing, and of the sitemaps that it names.
    fn gather(&mut self, at: &Url, listing: Listing, known: &dyn Known, depth: usize, pages: &mut Gathered) {
        if let Some(damage) = listing.damage {
            pages.is_whole = false;
            let trouble =
                Trouble::failed(format!("cannot be read to its end: it {damage}"), "tell the owner of the site");
            self.ready.push_back(Event::Failed(Source::named(at), at.clone(), trouble));
        }
        for entry in listing.entries {
            if pages.entries.len() > self.order.max_pages || self.cancel.check().is_err() {
                pages.is_whole = false;
                return;
            }
            if entry.address.len() > MAX_ADDRESS_BYTES {
                pages.is_whole = false;
                continue;
            }
            let Ok(mut url) = at.join(&entry.address) else { continue };
            url.set_fragment(None);
            let is_plain = url.username().is_empty() && url.password().is_none();
            if !matches!(url.scheme(), "http" | "https") || !is_plain {
                continue;
            }
            if !self.order.other_hosts && !same_site(at, &url) {
                // They are listed all the same, and stay if they were read before.
                pages.elsewhere += 1;
                pages.listed.insert(url.to_string());
                pages.is_whole &= listing.kind != Kind::Index;
            } else if listing.kind == Kind::Index {
                self.gather_sitemap(&url, known, depth + 1, pages);
            } else if pages.listed.insert(url.to_string()) {
                pages.entries.push((url, entry.changed));
            }
        }
    }

    fn gather_sitemap(&mut self, url: &Url, known: &dyn Known, depth: usize, pages: &mut Gathered) {
        if !self.seen.insert(url.to_string()) {
            // If another listing has read it, its pages are not among these.
            pages.is_whole &= pages.read.contains(url.as_str());
            return;
        }
        pages.read.insert(url.to_string());
        pages.sitemaps += 1;
        let listing = Some(url.to_string());
        let source = Source { listing, is_named: false, may_go: false, ..Source::named(url) };
        let trouble = if depth > MAX_INDEX_DEPTH || pages.sitemaps > MAX_SITEMAPS {
            Trouble::failed("is not read: its index names too many sitemaps", "name it itself")
        } else {
            let found = self.follow(url, known, false, |target| same_site(url, target));
            match self.taken(url, &source, found) {
                Some(page) => match listing_in(&page, self.web.limits.max_bytes) {
                    Some(listing) => return self.gather(&page.url, listing, known, depth, pages),
                    None => Trouble::failed("is named as a sitemap, and is none", "tell the owner of the site"),
                },
                None => return pages.is_whole = false,
            }
        };
        pages.is_whole = false;
        self.ready.push_back(Event::Failed(source, url.clone(), trouble));
    }
}

/// The pages of a listing so far.
#[derive(Default)]
struct Gathered {
    entries: Vec<(Url, Option<String>)>,
    /// All entries, also those of other hosts.
    listed: HashSet<String>,
    /// The sitemaps that it names.
    read: HashSet<String>,
    sitemaps: usize,
    /// How many pages of other hosts were left out.
    elsewhere: usize,
    /// Whether these are all.
    is_whole: bool,
}

/// The listing that a page is, packed or not.
fn listing_in(page: &Fetched, max_bytes: usize) -> Option<Listing> {
    if page.bytes.starts_with(GZIP) {
        return listing::read(&unpacked(&page.bytes, max_bytes, false).ok()?);
    }
    listing::read(&page.bytes)
}
