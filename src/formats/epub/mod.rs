//! Electronic books (EPUB).

mod contents;
mod opf;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::builder::Builder;
use super::html::{self, Block, Kind};
use super::package::{Package, resolve};
use super::xml::{Node, Part};
use super::{Contents, Extracted, Failure, Options, Result};
use crate::passage::{At, Format};

const READER: &str = super::versions::EPUB;

/// The only encryption that is no protection: it mangles fonts.
const OF_FONTS: [&str; 2] = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

/// Reads a file.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Contents> {
    let mut package = Package::open(bytes)?;
    let main = main_part(&mut package)?;
    let book = opf::read(&package.required(&main, "an EPUB book")?, &main)?;
    let encrypted = encrypted_files(&mut package)?;
    if book.chapters.iter().any(|href| encrypted.iter().any(|file| file == href)) {
        return Err(Failure::new(
            "is protected against copying (DRM)",
            "get an edition without protection from its publisher",
        ));
    }
    let mut hidden_classes = html::HiddenClasses::new();
    for sheet in &book.styles {
        if let Some(css) = package.bytes(sheet)? {
            html::add_hidden_classes(&mut hidden_classes, &String::from_utf8_lossy(&css));
        }
    }
    let titles = contents::titles(&mut package, &book);
    let mut builder = Builder::new(READER, options.max_text_bytes);
    let (mut hidden, mut missing, mut notes) = (0, 0, Vec::new());
    for (number, href) in (1..).zip(&book.chapters) {
        let Some(bytes) = package.bytes(href)? else {
            missing += 1;
            continue;
        };
        let decoded = html::decode(&bytes, None)?;
        let walked = html::walk(&html::tokenize(&decoded.text, true)?, true, &hidden_classes);
        hidden += walked.hidden_chars;
        let blocks = with_title(walked.blocks, titles.get(href).map(String::as_str));
        for block in &blocks {
            html::add(&mut builder, block, || At::Chapter { number, href: href.clone() })?;
        }
    }
    match missing {
        0 => {}
        1 => notes.push("has a chapter whose file is missing".to_owned()),
        _ => notes.push(format!("has {missing} chapters whose files are missing")),
    }
    notes.extend(html::hidden_note(hidden));
    let (text, layout) = builder.finish();
    Ok(Contents::one(Extracted {
        format: Format::Epub,
        text,
        layout,
        title: book.title,
        author: book.author,
        published: book.published,
        language: book.language,
        tags: book.subjects,
        metadata: book.other,
        notes,
        ..Extracted::default()
    }))
}

/// The name of the part that describes the book.
fn main_part(package: &mut Package) -> Result<String> {
    let container = package.required("META-INF/container.xml", "an EPUB book")?;
    let mut xml = container.xml();
    while let Some(node) = xml.next()? {
        if let Node::Start(element) = node
            && element.name() == "rootfile"
            && let Some(path) = element.attribute("full-path")
        {
            return Ok(resolve("", &path));
        }
    }
    Err(Failure::new("is not an EPUB book (META-INF/container.xml names no book)", "check its format"))
}

/// The files that are encrypted, fonts apart.
fn encrypted_files(package: &mut Package) -> Result<Vec<String>> {
    let Some(part) = package.part("META-INF/encryption.xml")? else { return Ok(Vec::new()) };
    let mut files = Vec::new();
    let mut is_font = false;
    let mut xml = part.xml();
    while let Some(node) = xml.next()? {
        let Node::Start(element) = node else { continue };
        match element.name() {
            "EncryptedData" => is_font = false,
            "EncryptionMethod" => {
                is_font = element.attribute("Algorithm").is_some_and(|method| OF_FONTS.contains(&method.as_str()));
            }
            "CipherReference" if !is_font => files.extend(element.attribute("URI").map(|uri| resolve("", &uri))),
            _ => {}
        }
    }
    Ok(files)
}

/// The blocks of a chapter below its title: its own headings come one level below, unless one is the title.
fn with_title(mut blocks: Vec<Block>, title: Option<&str>) -> Vec<Block> {
    let Some(title) = title else { return blocks };
    let plain =
        |text: &str| text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect::<String>();
    let wanted = plain(title);
    // Some books do not mark the title as a heading.
    let own = blocks.iter().take(3).position(|block| plain(&block.text) == wanted);
    let highest = blocks.iter().enumerate().filter(|(at, _)| Some(*at) != own);
    let highest = highest.filter_map(|(_, block)| level(block)).min().unwrap_or(1);
    for block in &mut blocks {
        if let Kind::Heading(level) = &mut block.kind {
            *level = *level - highest.min(*level) + 2;
        }
    }
    match own.and_then(|own| blocks.get_mut(own)) {
        Some(own) => own.kind = Kind::Heading(1),
        None => blocks.insert(0, Block { kind: Kind::Heading(1), text: title.to_owned(), quoted: false }),
    }
    blocks
}

fn level(block: &Block) -> Option<usize> {
    if let Kind::Heading(level) = block.kind { Some(level) } else { None }
}

/// A map from the files of a book to the titles of their chapters.
type Titles = HashMap<String, String>;

/// The XML of an optional part. One that is damaged is as good as missing.
fn optional(package: &mut Package, name: &str) -> Option<Part> {
    package.part(name).ok().flatten()
}
