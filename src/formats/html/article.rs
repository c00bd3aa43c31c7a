//! The article of a page, without what surrounds it.

use std::collections::HashMap;

use super::metadata::Facts;
use super::walk::Walked;
use super::{Block, Kind, chars, is_unspaced, tokenize, walk};

/// A tree of deeper elements takes quadratic time to build.
const MAX_DEPTH: usize = 512;
/// A tree builder copies the open formatting elements into each block.
const MAX_OPEN_FORMATTING: usize = 64;
/// Larger pages are no articles.
const MAX_BYTES: usize = 8 * 1024 * 1024;
const MAX_ELEMENTS: usize = 200_000;
/// Shorter texts, in characters, are taken for articles only if there is nothing longer. Chinese says much in few.
const CHAR_THRESHOLD: usize = 250;
/// An article with less than this part of the page's running text is not what the page is about.
const MIN_SHARE: f64 = 0.7;
/// The same for a page that marks its main content but not that it is an article: a page of documentation, say.
const MIN_SHARE_OF_MAIN: f64 = 0.9;

/// Shorter blocks, in columns of a terminal, may be links and labels.
const MIN_COLUMNS: usize = 80;

/// An article.
#[derive(Debug)]
pub(super) struct Article {
    pub(super) title: String,
    pub(super) byline: Option<String>,
    pub(super) blocks: Vec<Block>,
}

/// The article of a page, if it is one and most of the page.
pub(super) fn extract(html: &str, page: &Walked, facts: &Facts) -> Option<Article> {
    if page.depth > MAX_DEPTH || page.open_formatting > MAX_OPEN_FORMATTING || html.len() > MAX_BYTES {
        return None;
    }
    let document = legible::Document::new(html);
    if !facts.is_article && !document.is_probably_readerable(None) {
        return None;
    }
    let options =
        legible::Options::new().max_elems_to_parse(MAX_ELEMENTS).char_threshold(CHAR_THRESHOLD).keep_classes(true);
    let found = document.parse(None, Some(options)).ok()?;
    let mut blocks = walk(&tokenize(&found.content, false).ok()?, true, &page.hidden_classes).blocks;
    let share = prose(&blocks) as f64;
    if share < MIN_SHARE * prose(&page.blocks) as f64 {
        return None;
    }
    let main = page.main.clone().and_then(|main| page.blocks.get(main)).map(chars);
    if !facts.is_article && main.is_some_and(|main| (chars(&blocks) as f64) < MIN_SHARE_OF_MAIN * main as f64) {
        return None;
    }
    restore_headings(&mut blocks, page, &found.title);
    let byline = found.byline.as_deref().map(str::trim).map(|byline| {
        let name = byline.get(..3).filter(|start| start.eq_ignore_ascii_case("by ")).and(byline.get(3..));
        name.unwrap_or(byline).trim().to_owned()
    });
    Some(Article { title: found.title, byline: byline.filter(|byline| !byline.is_empty()), blocks })
}

/// Characters in blocks that are long enough to be running text, not links and labels.
fn prose(blocks: &[Block]) -> usize {
    let columns = |text: &str| text.chars().map(|character| 1 + usize::from(is_unspaced(character))).sum::<usize>();
    let long = blocks.iter().filter(|block| block.kind == Kind::Paragraph && columns(&block.text) >= MIN_COLUMNS);
    long.map(|block| block.text.chars().count()).sum()
}

/// Gives headings the levels that they have on the page, and puts the page's heading back where readers see it: it is
/// taken out as the title.
fn restore_headings(blocks: &mut Vec<Block>, page: &Walked, title: &str) {
    let mut levels: HashMap<&str, usize> = HashMap::new();
    for block in &page.blocks {
        if let Kind::Heading(level) = block.kind {
            levels.entry(&block.text).or_insert(level);
        }
    }
    for block in blocks.iter_mut() {
        if let Kind::Heading(level) = &mut block.kind {
            *level = levels.get(block.text.as_str()).copied().unwrap_or(*level);
        }
    }
    let is_title = |block: &&Block| {
        matches!(block.kind, Kind::Heading(1 | 2)) && (title.contains(&*block.text) || block.text.contains(title))
    };
    if let Some(heading) = page.blocks.iter().find(is_title)
        && !blocks.iter().take(3).any(|block| block.text == heading.text)
    {
        blocks.insert(0, Block { kind: Kind::Heading(1), ..heading.clone() });
    }
}
