//! Names of a document for clients: the id for `fetch`, its resource URI, and a link for people.

use std::fmt;

use ::http::request::Parts;
use percent_encoding::percent_decode_str;
use rmcp::RoleServer;
use rmcp::service::RequestContext;

use crate::filter::is_of_file;
use crate::links::{Links, at_quote, segment, web_address};
use crate::passage::{DocumentInfo, FoundPassage, Span};

const SCHEME: &str = "footnote://";

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

/// Links to documents without a web address of their own.
#[derive(Debug, Clone)]
pub(super) enum Linked {
    /// Resource URIs.
    Resources,
    /// Pages of this server, at the address that the client of an HTTP request used.
    Pages(Links),
}

impl Linked {
    /// Links that the client of a request can follow.
    pub(super) fn of(context: &RequestContext<RoleServer>) -> Self {
        let links = context.extensions.get::<Parts>().and_then(|request| request.extensions.get::<Links>());
        links.map_or(Self::Resources, |links| Self::Pages(links.clone()))
    }
}

/// Names of one collection's documents.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    pub(super) links: Linked,
    pub(super) collection: String,
    /// The configured collection. Its documents are named by their bare ids.
    pub(super) configured: String,
}

impl Addresses {
    /// Names of the documents of the passage's collection.
    pub(super) fn of(&self, passage: &FoundPassage) -> Self {
        Self { collection: passage.collection_or(&self.collection).to_owned(), ..self.clone() }
    }

    /// The id for `fetch`: the document's id or, if that is not enough, its resource URI.
    pub(super) fn id(&self, document: &DocumentInfo) -> String {
        match self.collection == self.configured && !document.id.starts_with(SCHEME) {
            true => document.id.clone(),
            false => self.resource(document).to_string(),
        }
    }

    /// A document's own address. A client elsewhere does not learn where the server's files lie.
    pub(super) fn shown<'d>(&self, document: &'d DocumentInfo) -> Option<&'d str> {
        let is_elsewhere = matches!(self.links, Linked::Pages(_));
        document.uri.as_deref().filter(|uri| !is_elsewhere || !is_of_file(uri))
    }

    /// A document's web address, or else a link to this server.
    pub(super) fn url(&self, document: &DocumentInfo) -> String {
        web_address(document).map_or_else(|| self.here(document, None), str::to_owned)
    }

    /// Likewise, at the passage's quote if the link can carry its place.
    pub(super) fn url_of(&self, passage: &FoundPassage) -> String {
        let document = &passage.document;
        web_address(document).map_or_else(
            || self.here(document, Some(passage.quote.location.bytes)),
            |address| at_quote(address, passage),
        )
    }

    /// A link to this server.
    fn here(&self, document: &DocumentInfo, quote: Option<Span>) -> String {
        match &self.links {
            Linked::Pages(links) => links.page(&self.collection, &document.id, quote),
            Linked::Resources => self.resource(document).to_string(),
        }
    }

    pub(super) fn resource(&self, document: &DocumentInfo) -> ResourceUri {
        ResourceUri { collection: self.collection.clone(), id: document.id.clone() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn document(id: &str, uri: Option<&str>) -> DocumentInfo {
        DocumentInfo { id: id.into(), title: "t".into(), uri: uri.map(str::to_owned), ..DocumentInfo::default() }
    }

    fn addresses(links: Linked, is_configured: bool) -> Addresses {
        let configured = if is_configured { "news" } else { "default" };
        Addresses { links, collection: "news".into(), configured: configured.into() }
    }

    #[test]
    fn a_link_is_the_documents_own_web_address_or_one_that_this_server_answers() {
        let pages = addresses(Linked::Pages(Links::below("http://localhost:1")), true);
        let span = Some(Span::new(3, 9));
        assert_eq!(pages.url(&document("a", Some("https://example.com/a"))), "https://example.com/a");
        let page = "http://localhost:1/documents/a%2Fb%3F?collection=news#bytes=3-9";
        assert_eq!(pages.here(&document("a/b?", Some("note:1")), span), page);
        let resources = addresses(Linked::Resources, true);
        assert_eq!(resources.url(&document("a/b?", None)), "footnote://news/a%2Fb%3F");
    }

    #[test]
    fn a_document_is_named_by_its_id_if_that_is_enough() {
        assert_eq!(addresses(Linked::Resources, true).id(&document("a b", None)), "a b");
        assert_eq!(addresses(Linked::Resources, false).id(&document("a b", None)), "footnote://news/a%20b");
        let deceiving = addresses(Linked::Resources, true).id(&document("footnote://other/x", None));
        assert_eq!(ResourceUri::parse(&deceiving).unwrap().id, "footnote://other/x");
    }

    #[test]
    fn other_uris_are_not_resource_uris() {
        for uri in
            ["", "fed", "footnote://", "footnote://news", "footnote://news/", "footnote:///x", "footnote://n/%ff"]
        {
            assert_eq!(ResourceUri::parse(uri), None, "{uri}");
        }
    }

    proptest! {
        #[test]
        fn a_uri_is_parsed_to_the_id_it_was_made_from(collection in "[\\w-]{1,8}", id in "\\PC{1,20}") {
            let uri = ResourceUri { collection, id };
            let written = uri.to_string();
            prop_assert!(written.is_ascii());
            prop_assert_eq!(ResourceUri::parse(&format!("{written}#bytes=0-1")), Some(uri));
        }
    }
}
