//! What a document is called from outside: the id that `fetch` takes, its resource URI, and a link for people.

use std::fmt;

use axum::http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rmcp::RoleServer;
use rmcp::service::RequestContext;

use crate::passage::{DocumentInfo, Span};

const SCHEME: &str = "footnote://";

/// All but the unreserved characters of RFC 3986, so that an id is one segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A document of a collection as a resource: `footnote://COLLECTION/ID`, both percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResourceUri {
    pub(super) collection: String,
    pub(super) id: String,
}

impl ResourceUri {
    pub(super) fn parse(uri: &str) -> Option<Self> {
        // A fragment names a part of the document, not another one.
        let uri = uri.split_once('#').map_or(uri, |(uri, _part)| uri);
        let (collection, id) = uri.strip_prefix(SCHEME)?.split_once('/')?;
        let decoded = |text| percent_decode_str(text).decode_utf8().ok().map(String::from);
        let (collection, id) = (decoded(collection)?, decoded(id)?);
        (!collection.is_empty() && !id.is_empty()).then_some(Self { collection, id })
    }
}

impl fmt::Display for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", segment(&self.collection), segment(&self.id))
    }
}

fn segment(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, SEGMENT)
}

/// Where this server's pages are, as the client of an HTTP request sees it: `http://localhost:8642`. Among the
/// request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct Base(pub(crate) String);

/// How a document without a web address of its own is linked to.
#[derive(Debug, Clone)]
pub(super) enum Links {
    /// As a resource.
    Resources,
    /// As a page of this server.
    Pages(Base),
}

impl Links {
    /// Those that the client of a request can follow.
    pub(super) fn of(context: &RequestContext<RoleServer>) -> Self {
        let base = context.extensions.get::<Parts>().and_then(|request| request.extensions.get::<Base>());
        base.map_or(Self::Resources, |base| Self::Pages(base.clone()))
    }
}

/// What the documents of one collection are called.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    pub(super) links: Links,
    pub(super) collection: String,
    /// Whether it is the configured collection, whose documents go by their bare ids.
    pub(super) is_configured: bool,
}

impl Addresses {
    /// What `fetch` takes: the document's id or, where that would not do, its resource URI.
    pub(super) fn id(&self, document: &DocumentInfo) -> String {
        match self.is_configured && !document.id.starts_with(SCHEME) {
            true => document.id.clone(),
            false => self.resource(document).to_string(),
        }
    }

    /// Its web address, or else a link that this server answers; with the place of `span` where the link can have it.
    pub(super) fn url(&self, document: &DocumentInfo, span: Option<Span>) -> String {
        if let Some(uri) = document.uri.as_deref().filter(|uri| is_web_address(uri)) {
            return uri.to_owned();
        }
        let Links::Pages(Base(base)) = &self.links else { return self.resource(document).to_string() };
        let part = span.map(|span| format!("#bytes={}-{}", span.start, span.end)).unwrap_or_default();
        format!("{base}/documents/{}?collection={}{part}", segment(&document.id), segment(&self.collection))
    }

    pub(super) fn resource(&self, document: &DocumentInfo) -> ResourceUri {
        ResourceUri { collection: self.collection.clone(), id: document.id.clone() }
    }
}

fn is_web_address(uri: &str) -> bool {
    let scheme = uri.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::passage::Format;

    fn document(id: &str, uri: Option<&str>) -> DocumentInfo {
        DocumentInfo {
            id: id.into(),
            title: "t".into(),
            source: None,
            uri: uri.map(str::to_owned),
            published: None,
            language: None,
            tags: Vec::new(),
            metadata: serde_json::Map::new(),
            format: Format::Plain,
            size_bytes: 0,
            passages: 0,
            ingested: String::new(),
        }
    }

    fn addresses(links: Links, is_configured: bool) -> Addresses {
        Addresses { links, collection: "news".into(), is_configured }
    }

    #[test]
    fn a_link_is_the_documents_own_web_address_or_one_that_this_server_answers() {
        let pages = addresses(Links::Pages(Base("http://localhost:1".into())), true);
        let span = Some(Span::new(3, 9));
        assert_eq!(pages.url(&document("a", Some("https://example.com/a")), span), "https://example.com/a");
        let page = "http://localhost:1/documents/a%2Fb%3F?collection=news#bytes=3-9";
        assert_eq!(pages.url(&document("a/b?", Some("note:1")), span), page);
        let resources = addresses(Links::Resources, true);
        assert_eq!(resources.url(&document("a/b?", None), span), "footnote://news/a%2Fb%3F");
    }

    #[test]
    fn a_document_goes_by_its_id_where_that_says_which_one_it_is() {
        assert_eq!(addresses(Links::Resources, true).id(&document("a b", None)), "a b");
        assert_eq!(addresses(Links::Resources, false).id(&document("a b", None)), "footnote://news/a%20b");
        let deceiving = addresses(Links::Resources, true).id(&document("footnote://other/x", None));
        assert_eq!(ResourceUri::parse(&deceiving).unwrap().id, "footnote://other/x");
    }

    #[test]
    fn what_is_no_resource_uri_is_none() {
        for uri in
            ["", "fed", "footnote://", "footnote://news", "footnote://news/", "footnote:///x", "footnote://n/%ff"]
        {
            assert_eq!(ResourceUri::parse(uri), None, "{uri}");
        }
    }

    proptest! {
        #[test]
        fn every_id_survives_the_way_there_and_back(collection in "[\\w-]{1,8}", id in "\\PC{1,20}") {
            let uri = ResourceUri { collection, id };
            let written = uri.to_string();
            prop_assert!(written.is_ascii());
            prop_assert_eq!(ResourceUri::parse(&format!("{written}#bytes=0-1")), Some(uri));
        }
    }
}
