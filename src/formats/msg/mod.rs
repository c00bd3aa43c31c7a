//! Messages of Outlook (MSG).

mod lzfu;
mod properties;
#[cfg(test)]
mod tests;

pub(super) use lzfu::unpack;

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Map, Value};

use super::builder::Builder;
use super::mail::{MAX_FILES, READER, add_html, add_plain, file_name, unique};
use super::{Contents, Extracted, Failure, InnerFile, Options, Result, html, rtf};
use crate::passage::Format;
use properties::{CodePages, File, Properties};

/// Messages in messages that lie deeper are left out.
const MAX_DEPTH: usize = 5;
/// The most recipients that are told.
const MAX_RECIPIENTS: usize = 100;

/// Where the list of values starts: in the message itself, in one inside it, in a recipient or an attachment.
const HEADER: usize = 32;
const INNER_HEADER: usize = 24;
const PART_HEADER: usize = 8;

/// The numbers of properties (MS-OXPROPS).
mod property {
    pub(super) const MESSAGE_CLASS: u16 = 0x001A;
    pub(super) const SUBJECT: u16 = 0x0037;
    pub(super) const SUBMITTED: u16 = 0x0039;
    pub(super) const REPRESENTED_NAME: u16 = 0x0042;
    pub(super) const RECIPIENT_TYPE: u16 = 0x0C15;
    pub(super) const SENDER_NAME: u16 = 0x0C1A;
    pub(super) const SENDER_ADDRESS: u16 = 0x0C1F;
    pub(super) const DELIVERED: u16 = 0x0E06;
    pub(super) const BODY: u16 = 0x1000;
    pub(super) const RTF: u16 = 0x1009;
    pub(super) const HTML: u16 = 0x1013;
    pub(super) const MESSAGE_ID: u16 = 0x1035;
    pub(super) const IN_REPLY_TO: u16 = 0x1042;
    pub(super) const DISPLAY_NAME: u16 = 0x3001;
    pub(super) const ADDRESS: u16 = 0x3003;
    pub(super) const DATA: u16 = 0x3701;
    pub(super) const SHORT_FILE_NAME: u16 = 0x3704;
    pub(super) const FILE_NAME: u16 = 0x3707;
    pub(super) const MIME_TYPE: u16 = 0x370E;
    pub(super) const CONTENT_ID: u16 = 0x3712;
    pub(super) const SMTP_ADDRESS: u16 = 0x39FE;
    pub(super) const INTERNET_CODE_PAGE: u16 = 0x3FDE;
    pub(super) const MESSAGE_CODE_PAGE: u16 = 0x3FFD;
    pub(super) const SENDER_SMTP_ADDRESS: u16 = 0x5D01;
}

/// Reads a file.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Contents> {
    let mut file = File::open(bytes).ok_or_else(|| {
        Failure::new("is not an Outlook message (no compound file)", "check that its extension fits its content")
    })?;
    let properties = Properties::read(&mut file, Path::new("/"), HEADER).ok_or_else(|| {
        Failure::new("is not an Outlook message (no properties)", "check that its extension fits its content")
    })?;
    let mut reader = Reader { file, options, contents: Contents::default() };
    reader.message(&properties, "", 0)?;
    Ok(reader.contents)
}

struct Reader<'a> {
    file: File<'a>,
    options: &'a Options,
    contents: Contents,
}

impl Reader<'_> {
    /// Reads a message and those inside it.
    fn message(&mut self, properties: &Properties, part: &str, depth: usize) -> Result<()> {
        let pages = CodePages {
            internet: properties.number(property::INTERNET_CODE_PAGE),
            message: properties.number(property::MESSAGE_CODE_PAGE),
        };
        let mut text = |number| properties.text(&mut self.file, number, pages);
        let class = text(property::MESSAGE_CLASS).unwrap_or_default().to_ascii_lowercase();
        let name = text(property::REPRESENTED_NAME).or_else(|| text(property::SENDER_NAME));
        let address = text(property::SENDER_SMTP_ADDRESS)
            .or_else(|| text(property::SENDER_ADDRESS))
            .filter(|address| address.contains('@'));
        let title = text(property::SUBJECT);
        let mut metadata = Map::new();
        if let Some(from) = person(name.as_deref(), address.as_deref()) {
            metadata.insert("from".to_owned(), from.into());
        }
        self.recipients(properties, pages, &mut metadata);
        for (key, number) in [("message_id", property::MESSAGE_ID), ("in_reply_to", property::IN_REPLY_TO)] {
            if let Some(id) = properties.text(&mut self.file, number, pages) {
                metadata.insert(key.to_owned(), id.trim_matches(['<', '>']).into());
            }
        }
        let mut builder = Builder::new(READER, self.options.max_text_bytes);
        let mut notes = Vec::new();
        self.body(properties, pages, &mut builder, &mut notes)?;
        let (text, layout) = builder.finish();
        if text.is_empty() && class.contains(".smime") && !class.contains("multipartsigned") {
            if depth == 0 {
                return Err(Failure::new("is encrypted", "save it in Outlook without encryption"));
            }
            notes.push("is encrypted, so its text is missing".to_owned());
        }
        let published = properties.time(property::SUBMITTED).or_else(|| properties.time(property::DELIVERED));
        let at = self.contents.documents.len();
        self.contents.documents.push(Extracted {
            part: part.to_owned(),
            format: Format::Msg,
            text,
            layout,
            title,
            author: name.or(address),
            published,
            metadata,
            notes,
            ..Extracted::default()
        });
        let note = self.attachments(properties, pages, part, depth)?;
        if let Some(document) = self.contents.documents.get_mut(at) {
            document.notes.extend(note);
        }
        Ok(())
    }

    /// Adds the text in the form that says most about it: plain, HTML, RTF.
    fn body(
        &mut self,
        properties: &Properties,
        pages: CodePages,
        builder: &mut Builder,
        notes: &mut Vec<String>,
    ) -> Result<()> {
        if let Some(plain) = properties.text(&mut self.file, property::BODY, pages) {
            return add_plain(builder, &without_targets(&plain), "1", None);
        }
        let html = match properties.bytes(&mut self.file, property::HTML) {
            Some(bytes) => html::decode(&bytes, pages.label().as_deref()).ok().map(|decoded| decoded.text),
            None => properties.text(&mut self.file, property::HTML, pages),
        };
        if let Some(html) = html {
            notes.extend(html::hidden_note(add_html(builder, &html, "1")?));
        }
        if !builder.text().is_empty() {
            return Ok(());
        }
        let Some(rtf) = properties.bytes(&mut self.file, property::RTF).and_then(|packed| lzfu::unpack(&packed)) else {
            return Ok(());
        };
        match rtf::read(&rtf, self.options) {
            Ok(contents) => contents.documents.iter().try_for_each(|document| {
                notes.extend(document.notes.iter().cloned());
                add_plain(builder, &document.text, "1", None)
            }),
            Err(failure) => {
                notes.push(format!("has a text in RTF, which {}", failure.reason));
                Ok(())
            }
        }
    }

    fn recipients(&mut self, properties: &Properties, pages: CodePages, metadata: &mut Map<String, Value>) {
        let (mut to, mut cc) = (Vec::new(), Vec::new());
        for path in properties.storages_of("__recip_version1.0_").iter().take(MAX_RECIPIENTS) {
            let Some(recipient) = Properties::read(&mut self.file, path, PART_HEADER) else { continue };
            let mut text = |number| recipient.text(&mut self.file, number, pages);
            let name = text(property::DISPLAY_NAME);
            let address = text(property::SMTP_ADDRESS).or_else(|| text(property::ADDRESS));
            let person = person(name.as_deref(), address.filter(|address| address.contains('@')).as_deref());
            match recipient.number(property::RECIPIENT_TYPE) {
                Some(1) | None => to.extend(person),
                Some(2) => cc.extend(person),
                Some(_) => {}
            }
        }
        for (name, people) in [("to", to), ("cc", cc)] {
            if !people.is_empty() {
                metadata.insert(name.to_owned(), people.into());
            }
        }
    }

    /// Reads the attachments. Returns a note if some are left out.
    fn attachments(
        &mut self,
        properties: &Properties,
        pages: CodePages,
        part: &str,
        depth: usize,
    ) -> Result<Option<String>> {
        let paths = properties.storages_of("__attach_version1.0_");
        let left_out = paths.len().saturating_sub(MAX_FILES);
        let mut names = HashSet::new();
        for (number, path) in (1_usize..).zip(paths.iter().take(MAX_FILES)) {
            let Some(attachment) = Properties::read(&mut self.file, path, PART_HEADER) else { continue };
            let mut text = |number| attachment.text(&mut self.file, number, pages);
            let name = text(property::FILE_NAME).or_else(|| text(property::SHORT_FILE_NAME));
            let display_name = text(property::DISPLAY_NAME);
            let is_image = text(property::MIME_TYPE).is_some_and(|kind| kind.starts_with("image/"));
            // An image that the text shows, a logo say.
            if is_image && text(property::CONTENT_ID).is_some() {
                continue;
            }
            let name = name.or(display_name).unwrap_or_default();
            let name = unique(&mut names, &file_name(&name, || format!("attachment-{number}")));
            let name = if part.is_empty() { name } else { format!("{part}/{name}") };
            if let Some(inner) = attachment.object(property::DATA) {
                if depth + 1 < MAX_DEPTH
                    && let Some(inner) = Properties::read(&mut self.file, &inner, INNER_HEADER)
                {
                    self.message(&inner, &name, depth + 1)?;
                }
            } else if let Some(bytes) = attachment.bytes(&mut self.file, property::DATA).filter(|it| !it.is_empty()) {
                self.contents.files.push(InnerFile { name, bytes });
            }
        }
        let note = format!("has more than {MAX_FILES} attachments; {left_out} were not read");
        Ok((left_out > 0).then_some(note))
    }
}

/// Plain text that Outlook made of HTML, without the addresses that it puts behind each link: `here <https://example.com>`.
fn without_targets(plain: &str) -> String {
    const SCHEMES: [&str; 5] = ["http://", "https://", "mailto:", "tel:", "cid:"];
    let mut text = String::with_capacity(plain.len());
    let mut rest = plain;
    while let Some((before, after)) = rest.split_once('<') {
        let target = after.get(..after.find(['>', '<']).unwrap_or(0)).unwrap_or_default();
        let is_target = SCHEMES.iter().any(|scheme| target.starts_with(scheme));
        if is_target
            && !target.contains(char::is_whitespace)
            && after.get(target.len()..).is_some_and(|it| it.starts_with('>'))
        {
            text.push_str(before.strip_suffix(' ').unwrap_or(before));
            rest = after.get(target.len() + 1..).unwrap_or_default();
        } else {
            text.push_str(before);
            text.push('<');
            rest = after;
        }
    }
    text + rest
}

/// `Name <address>`.
fn person(name: Option<&str>, address: Option<&str>) -> Option<String> {
    match (name, address) {
        (Some(name), Some(address)) if name != address => Some(format!("{name} <{address}>")),
        (name, address) => address.or(name).map(str::to_owned),
    }
}
