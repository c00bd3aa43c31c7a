//! Documents as resources: those of the configured collection can be listed, those of every collection can be read.

use rmcp::ErrorData;
use rmcp::model::{ListResourcesResult, ReadResourceResult, Resource, ResourceContents, ResourceTemplate};

use super::Server;
use super::address::{Addresses, Linked, ResourceUri};
use super::failure::{Failure, unknown_resource};
use crate::display::{clean, one_line};
use crate::error::Error;
use crate::passage::{DocumentInfo, Format};

const PAGE: usize = 100;

/// A page of resources. The cursor is the id of the previous page's last document.
pub(super) async fn list(server: &Server, cursor: Option<String>) -> Result<ListResourcesResult, ErrorData> {
    let listed = server.run(move |library, _cancel| {
        let footnote = library.collection(None)?;
        let addresses = Addresses {
            links: Linked::Resources,
            collection: footnote.name().to_owned(),
            configured: footnote.name().to_owned(),
        };
        Ok((footnote.documents(cursor.as_deref(), PAGE + 1)?, addresses))
    });
    let (mut documents, addresses) = listed.await.map_err(|failure| match failure {
        Failure::Of(Error::NotFound { .. }) => {
            ErrorData::invalid_params("the cursor is not valid; list from the start", None)
        }
        failure => failure.of_resource("footnote://"),
    })?;
    let more = documents.len() > PAGE;
    documents.truncate(PAGE);
    let next = documents.last().filter(|_| more).map(|last| last.id.clone());
    let mut page = ListResourcesResult::with_all_items(
        documents.into_iter().map(|document| resource(document, &addresses)).collect(),
    );
    page.next_cursor = next;
    Ok(page)
}

/// The text of one resource.
pub(super) async fn read(server: &Server, uri: String) -> Result<ReadResourceResult, ErrorData> {
    let Some(ResourceUri { collection, id }) = ResourceUri::parse(&uri) else { return Err(unknown_resource(&uri)) };
    let read = server.run(move |library, _cancel| library.collection(Some(&collection))?.document(&id));
    let document = read.await.map_err(|failure| failure.of_resource(&uri))?;
    // For reading; spans refer to the text that `fetch` gives, which is verbatim.
    let text = clean(&document.text).into_owned();
    let text = ResourceContents::text(text, uri).with_mime_type(media_type(document.info.format));
    Ok(ReadResourceResult::new(vec![text]))
}

/// The form of their URIs.
pub(super) fn template() -> ResourceTemplate {
    ResourceTemplate::new("footnote://{collection}/{id}", "document")
        .with_title("A document")
        .with_description("The full text of a document. Collection and id are percent-encoded.")
}

fn resource(document: DocumentInfo, addresses: &Addresses) -> Resource {
    let about = [document.source.as_deref(), document.published.as_deref(), document.language.as_deref()];
    let about: Vec<&str> = about.into_iter().flatten().collect();
    let resource = Resource::new(addresses.resource(&document).to_string(), document.id)
        .with_mime_type(media_type(document.format))
        .with_size(document.size_bytes as u64)
        .with_title(one_line(&document.title));
    match about.is_empty() {
        true => resource,
        false => resource.with_description(one_line(&about.join(", "))),
    }
}

fn media_type(format: Format) -> &'static str {
    match format {
        Format::Markdown => "text/markdown",
        _ => "text/plain",
    }
}
