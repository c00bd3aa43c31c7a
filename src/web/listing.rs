//! Sitemaps (sitemaps.org) and feeds (RSS 2.0 and 1.0, Atom): the pages that they list.

use crate::formats::{Failure, Node, Visit, Xml, XmlElement, XmlPart};

/// No sitemap may have more than half as many; a feed with more is none.
const MAX_ENTRIES: usize = 100_000;
/// How far from its start a listing must have named itself.
const HEAD_BYTES: usize = 4_096;

/// What a listing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// All pages of a site.
    Sitemap,
    /// The sitemaps of a site.
    Index,
    /// The latest pages of a site.
    Feed,
}

/// A list of pages.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listing {
    pub(super) kind: Kind,
    pub(super) entries: Vec<Entry>,
    /// Why it could not be read to its end.
    pub(super) damage: Option<String>,
}

/// A page in a listing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// As it is written, which may be relative.
    pub(super) address: String,
    /// When it changed last, as it is written.
    pub(super) changed: Option<String>,
}

/// The listing that `bytes` are; `None` if they are something else.
pub(super) fn read(bytes: &[u8]) -> Option<Listing> {
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    // Of UTF-16, the zeros are left out.
    let head: Vec<u8> = head.iter().copied().filter(|byte| *byte != 0).collect();
    let named = |name: &str| head.windows(name.len()).any(|window| window == name.as_bytes());
    if !["urlset", "sitemapindex", "<rss", "RDF", "feed"].iter().any(|name| named(name)) {
        return None;
    }
    let part = XmlPart::new("listing", bytes).ok()?;
    let mut xml = part.xml().with_document_type();
    let kind = loop {
        match xml.next().ok()?? {
            Node::Start(root) => break kind_of(root.name())?,
            Node::Text(_) | Node::End => {}
        }
    };
    let mut entries = Vec::new();
    let read = xml.descendants(|element, xml| {
        if entries.len() >= MAX_ENTRIES {
            return Err(Failure::new(format!("has more than {MAX_ENTRIES} entries"), ""));
        }
        let entry = match (kind, element.name()) {
            (Kind::Sitemap, "url") | (Kind::Index, "sitemap") => of_sitemap(xml)?,
            (Kind::Feed, "item") => of_rss(element, xml)?,
            (Kind::Feed, "entry") => of_atom(xml)?,
            (Kind::Feed, "channel") => return Ok(Visit::Inside),
            _ => return Ok(Visit::Skip),
        };
        if !entry.address.is_empty() {
            entries.push(entry);
        }
        Ok(Visit::Done)
    });
    Some(Listing { kind, entries, damage: read.err().map(|failure| failure.reason) })
}

fn kind_of(root: &str) -> Option<Kind> {
    match root {
        "urlset" => Some(Kind::Sitemap),
        "sitemapindex" => Some(Kind::Index),
        "rss" | "RDF" | "feed" => Some(Kind::Feed),
        _ => None,
    }
}

fn of_sitemap(xml: &mut Xml<'_>) -> Result<Entry, Failure> {
    let mut entry = Entry::default();
    xml.descendants(|element, xml| {
        match element.name() {
            "loc" => entry.address = trimmed(xml)?,
            "lastmod" => entry.changed = some(trimmed(xml)?),
            // Pictures in it have addresses, too.
            _ => return Ok(Visit::Skip),
        }
        Ok(Visit::Done)
    })?;
    Ok(entry)
}

fn of_rss(item: &XmlElement<'_>, xml: &mut Xml<'_>) -> Result<Entry, Failure> {
    // The time of publication stays when a page changes, so it says nothing here.
    let mut entry = Entry { address: item.attribute("rdf:about").unwrap_or_default(), changed: None };
    let mut guid = None;
    xml.descendants(|element, xml| {
        match element.name() {
            "link" => {
                // Atom's link has its address in an attribute, and may be here as well.
                let address = trimmed(xml)?;
                if !address.is_empty() {
                    entry.address = address;
                }
            }
            "guid" => {
                let is_address = element.attribute("isPermaLink").is_none_or(|value| value != "false");
                guid = Some(trimmed(xml)?).filter(|guid| is_address && guid.contains("://"));
            }
            "updated" | "modified" => entry.changed = some(trimmed(xml)?),
            _ => return Ok(Visit::Skip),
        }
        Ok(Visit::Done)
    })?;
    if entry.address.is_empty() {
        entry.address = guid.unwrap_or_default();
    }
    Ok(entry)
}

fn of_atom(xml: &mut Xml<'_>) -> Result<Entry, Failure> {
    let mut entry = Entry::default();
    let mut is_page = false;
    xml.descendants(|element, xml| {
        match element.name() {
            "link" => {
                let is_alternate = element.attribute("rel").is_none_or(|rel| rel == "alternate");
                let is_html = element.attribute("type").is_none_or(|kind| kind.contains("html"));
                if let Some(address) = element.attribute("href").filter(|_| is_alternate)
                    && (entry.address.is_empty() || is_html && !is_page)
                {
                    (entry.address, is_page) = (address.trim().to_owned(), is_html);
                }
                return Ok(Visit::Skip);
            }
            "updated" => entry.changed = some(trimmed(xml)?),
            _ => return Ok(Visit::Skip),
        }
        Ok(Visit::Done)
    })?;
    Ok(entry)
}

fn trimmed(xml: &mut Xml<'_>) -> Result<String, Failure> {
    Ok(xml.text()?.trim().to_owned())
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pages(text: &str) -> (Kind, Vec<(String, Option<String>)>) {
        let listing = read(text.as_bytes()).unwrap();
        assert_eq!(listing.damage, None);
        (listing.kind, listing.entries.into_iter().map(|entry| (entry.address, entry.changed)).collect())
    }

    fn entry(address: &str, changed: Option<&str>) -> (String, Option<String>) {
        (address.to_owned(), changed.map(str::to_owned))
    }

    #[test]
    fn a_sitemap_lists_its_pages_and_not_their_pictures() {
        let sitemap = "<?xml version='1.0' encoding='UTF-8'?>\n<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' \
                       xmlns:image='i'>\n<url><loc> https://a.example/?b=1&amp;c=2\n</loc><lastmod>2026-01-31</lastmod>\
                       <image:image><image:loc>https://a.example/picture.png</image:loc></image:image></url>\
                       <url><loc><![CDATA[/relative]]></loc><priority>0.5</priority></url><url/></urlset>";
        let expected = vec![entry("https://a.example/?b=1&c=2", Some("2026-01-31")), entry("/relative", None)];
        assert_eq!(pages(sitemap), (Kind::Sitemap, expected));
    }

    #[test]
    fn an_index_lists_sitemaps() {
        let index =
            "<sitemapindex><sitemap><loc>https://a.example/1.xml.gz</loc><lastmod>x</lastmod></sitemap></sitemapindex>";
        assert_eq!(pages(index), (Kind::Index, vec![entry("https://a.example/1.xml.gz", Some("x"))]));
    }

    #[test]
    fn feeds_of_all_kinds_list_their_pages() {
        let rss = "<rss version='2.0' xmlns:atom='a'><channel><title>T</title><link>https://a.example/</link>\
                   <atom:link href='https://a.example/feed' rel='self'/>\
                   <item><title>One</title><link>https://a.example/1</link><atom:link href='x'/><pubDate>d</pubDate>\
                   <description>&lt;p&gt;</description></item>\
                   <item><guid>https://a.example/2</guid><atom:updated>2026-02-01</atom:updated></item>\
                   <item><guid isPermaLink='false'>https://a.example/3</guid></item></channel></rss>";
        let expected = vec![entry("https://a.example/1", None), entry("https://a.example/2", Some("2026-02-01"))];
        assert_eq!(pages(rss), (Kind::Feed, expected));
        let rdf = "<rdf:RDF xmlns:rdf='r'><channel rdf:about='c'><items><rdf:Seq><rdf:li resource='x'/></rdf:Seq></items>\
                   </channel><item rdf:about='https://a.example/1'><title>One</title></item></rdf:RDF>";
        assert_eq!(pages(rdf), (Kind::Feed, vec![entry("https://a.example/1", None)]));
        let atom = "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><link href='https://a.example/'/>\
                    <entry><link rel='self' href='s'/><link rel='alternate' type='application/json' href='j'/>\
                    <link rel='alternate' type='text/html' href='/1'/><link href='later'/><updated>2026-03-01T00:00:00Z</updated>\
                    <content type='xhtml'><div><link href='no'/></div></content></entry></feed>";
        assert_eq!(pages(atom), (Kind::Feed, vec![entry("/1", Some("2026-03-01T00:00:00Z"))]));
    }

    #[test]
    fn what_is_read_of_a_damaged_listing_counts_and_its_damage_is_told() {
        let listing = read(b"<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.ex").unwrap();
        assert_eq!(listing.entries.len(), 1);
        assert!(listing.damage.unwrap().contains("ends too early"));
        let bomb = read(b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss><channel><item><link>&a;</link></item></channel></rss>");
        assert_eq!(bomb, None);
    }

    #[test]
    fn pages_are_no_listings() {
        for text in ["<!DOCTYPE html><html><body>a feed of news</body></html>", "feed", "<svg/>", "{\"feed\": 1}", ""] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_listing_may_have_any_encoding_of_xml() {
        let text = "\u{feff}<urlset><url><loc>https://a.example/字</loc></url></urlset>";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf16).unwrap().entries[0].address, "https://a.example/字");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(<urlset>|<rss>|<feed>)[<>/a-z&;!\\[\\]\"'= ?:]{0,80}") {
            let _ = read(text.as_bytes());
        }
    }
}
