//! Finds headings: those that the file's outline names, else those that are clear by their size or weight.

use std::collections::HashMap;

use pdfium_render::prelude::{PdfBookmark, PdfDocument};
use unicode_normalization::UnicodeNormalization;

use super::lines::{Direction, TextLine};
use super::paragraphs::{Block, is_bullet};
use super::sizes::{Sizes, are_equal};

/// More bookmarks than this are not read.
const MAX_BOOKMARKS: usize = 20_000;
/// Deeper bookmarks are not read.
const MAX_DEPTH: usize = 16;

/// The titles of an outline with their depths, by page and bare text.
#[derive(Debug, Default)]
pub(super) struct Outline(HashMap<(u32, String), usize>);

impl Outline {
    pub(super) fn add(&mut self, page: u32, title: &str, depth: usize) {
        let bare = bare(title);
        if !bare.is_empty() {
            self.0.entry((page, bare)).or_insert(depth);
        }
    }

    fn depth(&self, page: u32, text: &str) -> Option<usize> {
        self.0.get(&(page, bare(text))).copied()
    }

    /// Whether the line alone is a title.
    pub(super) fn is_title(&self, line: &TextLine) -> bool {
        !self.0.is_empty() && line.letters.len() <= MAX_LETTERS && self.depth(line.page, &line.text()).is_some()
    }
}

/// The outline of a document.
pub(super) fn outline(document: &PdfDocument) -> Outline {
    let mut outline = Outline::default();
    // Not by `iter`, which says nothing of depths. PDFium looks into actions for destinations too.
    let mut open: Vec<(PdfBookmark, usize)> = document.bookmarks().root().map(|root| (root, 1)).into_iter().collect();
    let mut count = 0;
    while let Some((bookmark, depth)) = open.pop() {
        count += 1;
        if count > MAX_BOOKMARKS {
            break;
        }
        let page = bookmark.destination().and_then(|destination| destination.page_index().ok());
        if let (Some(page), Some(title)) = (page, bookmark.title()) {
            outline.add(page.max(0).unsigned_abs() + 1, &title, depth);
        }
        open.extend(bookmark.next_sibling().map(|next| (next, depth)));
        if depth < MAX_DEPTH {
            open.extend(bookmark.first_child().map(|child| (child, depth + 1)));
        }
    }
    outline
}

/// The text's letters and digits without a number before them, since outlines and pages differ in numbers and spaces.
fn bare(text: &str) -> String {
    let bare: String = text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let unnumbered = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    if unnumbered.is_empty() { bare } else { unnumbered.to_owned() }
}

/// A heading is at most so many times the body's size without being one.
const LARGER: f32 = 1.15;
/// The most characters of a heading.
const MAX_LETTERS: usize = 200;
/// The most lines of a heading.
const MAX_LINES: usize = 3;
/// Fewer titles of an outline on the pages than this say nothing about the other headings.
const MIN_OUTLINE: usize = 3;

/// What tells the headings of a document.
pub(super) struct Headings<'a> {
    outline: &'a Outline,
    body: f32,
    /// Whether bold type is rare enough to mean something.
    is_bold_rare: bool,
    /// The sizes of headings, the largest first.
    sizes: Vec<f32>,
    /// Whether the outline has the document's headings.
    is_outlined: bool,
    /// The largest size of a heading that the outline names.
    largest: Option<f32>,
}

impl<'a> Headings<'a> {
    pub(super) fn new(blocks: &[Block], outline: &'a Outline) -> Self {
        let mut sizes = Sizes::default();
        let (mut letters, mut bold) = (0, 0);
        for line in blocks.iter().flat_map(|block| &block.lines) {
            sizes.add_many(line.size, line.letters.len());
            letters += line.letters.len();
            bold += if line.is_bold { line.letters.len() } else { 0 };
        }
        let body = sizes.most().unwrap_or(0.0);
        let is_bold_rare = bold * 4 < letters;
        let mut headings = Self { outline, body, is_bold_rare, sizes: Vec::new(), is_outlined: false, largest: None };
        let outlined: Vec<f32> =
            blocks.iter().filter(|block| headings.outlined(block).is_some()).map(Block::size).collect();
        headings.is_outlined = outlined.len() >= MIN_OUTLINE;
        headings.largest = outlined.into_iter().max_by(f32::total_cmp);
        let mut large: Vec<f32> = blocks.iter().filter(|block| headings.is_large(block)).map(Block::size).collect();
        large.sort_by(|a, b| b.total_cmp(a));
        large.dedup_by(|a, b| are_equal(*a, *b));
        headings.sizes = large;
        headings
    }

    /// The level of a heading, from 1; `None` for other blocks.
    pub(super) fn level(&self, block: &Block) -> Option<usize> {
        if let Some(depth) = self.outlined(block) {
            return Some(depth);
        }
        if self.is_outlined {
            // Outlines often leave out the document's title.
            let is_title = self.is_large(block) && self.largest.is_some_and(|largest| block.size() > largest + 0.5);
            return is_title.then_some(1);
        }
        if self.is_large(block) {
            let rank = self.sizes.iter().position(|size| block.size() >= size - 0.5);
            return Some(rank.unwrap_or(self.sizes.len()) + 1);
        }
        let is_bold = self.is_bold_rare && block.is_bold() && block.size() >= self.body - 0.5 && is_short(block, 100);
        is_bold.then_some(self.sizes.len() + 1)
    }

    /// Whether the block is clearly larger than the text: the title of the document, if it is the largest.
    pub(super) fn is_large(&self, block: &Block) -> bool {
        block.size() >= self.body * LARGER && is_short(block, MAX_LETTERS)
    }

    fn outlined(&self, block: &Block) -> Option<usize> {
        let page = block.lines.first()?.page;
        let is_long = block.lines.len() > MAX_LINES || block.lines.iter().any(|line| line.letters.len() > MAX_LETTERS);
        if block.is_table || is_long || self.outline.0.is_empty() {
            return None;
        }
        self.outline.depth(page, &block.text())
    }
}

/// Whether the block has the form of a heading: short, with letters, no sentence.
fn is_short(block: &Block, max_letters: usize) -> bool {
    let letters = block.lines.iter().map(|line| line.letters.len()).sum::<usize>();
    // Text that runs upwards stands in a margin.
    let is_turned = block.lines.iter().any(|line| line.direction == Direction::Up);
    if block.is_table || is_turned || block.lines.len() > MAX_LINES || letters > max_letters {
        return false;
    }
    let text = block.text();
    text.chars().filter(|c| c.is_alphabetic()).count() >= 2
        && !text.ends_with(['.', '。', '．', ',', '，', ';', '；', ':', '：', '、'])
        && !is_bullet(&text)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{block, sized};
    use super::*;

    fn levels(blocks: &[Block], outline: &Outline) -> Vec<Option<usize>> {
        let headings = Headings::new(blocks, outline);
        blocks.iter().map(|block| headings.level(block)).collect()
    }

    #[test]
    fn larger_short_lines_are_headings_by_size() {
        let body = "a long line of the text that has a full stop at its end.";
        let blocks = [("A Title", 20.0), (body, 10.0), ("A Section", 14.0), (body, 10.0), ("A large sentence.", 14.0)]
            .map(|(text, size)| block(vec![sized(text, 50.0, 100.0, size)]));
        assert_eq!(levels(&blocks, &Outline::default()), [Some(1), None, Some(2), None, None]);
    }

    #[test]
    fn titles_of_the_outline_are_headings_whatever_their_size() {
        let mut outline = Outline::default();
        for title in ["1. Start", "Middle", "結論"] {
            outline.add(1, title, 2);
        }
        let texts = ["Start", "2 Middle", "結 論", "Other", "text and more text and more text"];
        let sizes = [10.0, 10.0, 10.0, 20.0, 10.0];
        let blocks: Vec<_> =
            texts.iter().zip(sizes).map(|(text, size)| block(vec![sized(text, 50.0, 100.0, size)])).collect();
        assert_eq!(levels(&blocks, &outline), [Some(2), Some(2), Some(2), Some(1), None]);
    }
}
