//! Makes one text with places of the lines of all pages.

use super::chars::{LINE_HYPHEN, SOFT_HYPHEN};
use super::headings::{Headings, Outline};
use super::hyphens::{Hyphens, Joint};
use super::lines::{Direction, Letter, Piece, TextLine};
use super::page::ReadPage;
use super::paragraphs::{self, Block, Edges, is_marker};
use super::posture::Recognised;
use super::tables::{self, Table};
use super::{Options, Result, columns, furniture};
use crate::formats::builder::Builder;
use crate::formats::versions;
use crate::passage::{At, Confidence, Heading, Layout, Line, Page, Span};

/// A document's text.
pub(super) struct Assembled {
    pub(super) text: String,
    pub(super) layout: Layout,
    /// The largest heading of the first page that has text, else its first.
    pub(super) title: Option<String>,
}

/// Puts the pages together.
pub(super) fn assemble(mut pages: Vec<ReadPage>, outline: &Outline, options: &Options) -> Result<Assembled> {
    let mut tables = Vec::new();
    for page in &mut pages {
        page.lines = tables::take(std::mem::take(&mut page.lines), &page.rules, &mut tables);
    }
    furniture::remove(&mut pages);
    let mut hyphens = Hyphens::default();
    for page in &mut pages {
        page.lines = columns::ordered(std::mem::take(&mut page.lines));
        page.lines.iter().for_each(|line| hyphens.add(line));
    }
    tables.iter().flat_map(Table::lines).for_each(|line| hyphens.add(line));
    let edges = Edges::of(pages.iter().map(|page| page.lines.as_slice()));
    let mut builder = Builder::new(versions::PDF, options.max_text_bytes);
    let mut blocks = Vec::new();
    for page in pages {
        let ReadPage { label, width, height, lines, .. } = page;
        builder.layout_mut().pages.push(Page { label, width, height });
        for block in paragraphs::blocks(lines, &edges, |line| outline.is_title(line)) {
            add_block(block, &mut tables, &mut blocks);
        }
    }
    let headings = Headings::new(&blocks, outline);
    let blocks = paragraphs::joined(blocks, |block| headings.level(block).is_some());
    let title = title(&blocks, &headings);
    for block in &blocks {
        if let Some(table) = &block.table {
            table.write(&hyphens, &mut builder)?;
            continue;
        }
        let span = if block.is_table { rows(block, &mut builder)? } else { prose(block, &hyphens, &mut builder)? };
        if let (Some(span), Some(level)) = (span, headings.level(block)) {
            let text = builder.text().get(span.range()).unwrap_or_default().to_owned();
            builder.layout_mut().headings.push(Heading { span, level: level.clamp(1, 6), text });
        }
    }
    let (text, layout) = builder.finish();
    Ok(Assembled { text, layout, title })
}

/// What the first page shows as the title.
fn title(blocks: &[Block], headings: &Headings) -> Option<String> {
    let first_page = blocks.first()?.lines.first()?.page;
    let on_first = blocks.iter().take_while(|block| block.lines.first().is_some_and(|line| line.page == first_page));
    let titles: Vec<&Block> = on_first.filter(|block| !is_contents(&block.text())).collect();
    let large = titles.iter().filter(|block| headings.is_large(block));
    // Of equals the first.
    let largest = large.reduce(|best, block| if block.size() > best.size() + 0.5 { block } else { best });
    let title = largest.or_else(|| titles.iter().find(|block| headings.level(block).is_some()))?;
    Some(title.text())
}

/// Whether it is the heading of a table of contents.
fn is_contents(text: &str) -> bool {
    const NAMES: [&str; 9] =
        ["contents", "table of contents", "index", "目錄", "目录", "目次", "차례", "목차", "inhaltsverzeichnis"];
    NAMES.contains(&text.trim().to_lowercase().as_str())
}

fn prose(block: &Block, hyphens: &Hyphens, builder: &mut Builder) -> Result<Option<Span>> {
    builder.begin("\n\n");
    let start = builder.text().len();
    for (n, line) in block.lines.iter().enumerate() {
        let joint = block.lines.get(n + 1).map(|next| hyphens.joint(line, next));
        for piece in &line.pieces {
            let keeps_hyphen = joint != Some(Joint::WithoutHyphen);
            push_piece(line, piece, keeps_hyphen, builder)?;
        }
        if joint == Some(Joint::Space) {
            builder.push(" ", None)?;
        }
    }
    let end = builder.text().len();
    Ok((end > start).then(|| Span::new(start, end)))
}

/// Adds a block with the table that it stands for, or the rows of that to the table before it.
fn add_block(mut block: Block, tables: &mut [Table], blocks: &mut Vec<Block>) {
    let number = block.lines.first().and_then(|line| line.table);
    let Some(mut table) = number.and_then(|number| tables.get_mut(number)).map(std::mem::take) else {
        blocks.push(block);
        return;
    };
    if let Some(Block { table: Some(before), lines, .. }) = blocks.last_mut() {
        let own: Vec<TextLine> = table.lines().cloned().collect();
        match tables::continued(before, table) {
            None => return lines.extend(own),
            Some(other) => table = other,
        }
    }
    block.lines = table.lines().cloned().collect();
    block.table = Some(table);
    blocks.push(block);
}

/// Writes lines with wide gaps that are no table, `a | b | c`.
fn rows(block: &Block, builder: &mut Builder) -> Result<Option<Span>> {
    builder.begin("\n\n");
    let start = builder.text().len();
    for row in &block.lines {
        builder.begin("\n");
        // A number before a heading or an item, not a cell.
        let is_numbered =
            row.pieces.len() == 2 && row.pieces.first().is_some_and(|piece| is_number(&row.piece_text(piece)));
        for (n, piece) in row.pieces.iter().enumerate() {
            if n > 0 {
                builder.push(if is_numbered { " " } else { " | " }, None)?;
            }
            push_piece(row, piece, true, builder)?;
        }
    }
    let end = builder.text().len();
    Ok((end > start).then(|| Span::new(start, end)))
}

fn is_number(text: &str) -> bool {
    text.chars().count() <= 8
        && (is_marker(&format!("{text} ")) || text.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

pub(super) fn push_piece(line: &TextLine, piece: &Piece, keeps_hyphen: bool, builder: &mut Builder) -> Result<()> {
    let mut letters = line.letters.get(piece.letters.clone()).unwrap_or_default();
    if let [rest @ .., last] = letters
        && (last.c == SOFT_HYPHEN || (!keeps_hyphen && matches!(last.c, LINE_HYPHEN | '-' | '\u{2010}')))
    {
        letters = rest;
    }
    let shown = letters.iter().filter(|letter| letter.c != SOFT_HYPHEN);
    let hyphened = |letter: &Letter| if letter.c == LINE_HYPHEN { Letter { c: '-', ..*letter } } else { *letter };
    let letters: Vec<Letter> = shown.map(hyphened).collect();
    if let Some(recognised) = &line.recognised {
        return push_recognised(line, recognised, piece, &letters, builder);
    }
    let text: String = letters.iter().map(|letter| letter.c).collect();
    let (x0, y0, x1, y1) = line.area(piece.start, piece.end);
    // Only lines that begin at the left or at the top are measured letter by letter.
    let is_measured = matches!(line.direction, Direction::Right | Direction::Down);
    let advances = if is_measured { advances(&letters, piece) } else { Vec::new() };
    let vertical = line.direction == Direction::Down;
    builder.push(&text, Some(At::Line(Line { page: line.page, x0, y0, x1, y1, vertical, advances })))?;
    Ok(())
}

/// Writes a recognised piece. Where the page leans, it gets several boxes, each of which fits its part.
fn push_recognised(
    line: &TextLine,
    recognised: &Recognised,
    piece: &Piece,
    letters: &[Letter],
    builder: &mut Builder,
) -> Result<()> {
    let longest = recognised.posture.part(line.size);
    let is_measured = matches!(line.direction, Direction::Right | Direction::Down) && recognised.posture.is_upright();
    let mut rest = letters;
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|letter| letter.at - first.at < longest).count().max(1);
        let (part, others) = rest.split_at(count);
        rest = others;
        let end = rest.first().map_or(piece.end, |next| next.at);
        let (x0, y0, x1, y1) = line.area(first.at, end);
        let of_part = Piece { letters: 0..part.len(), start: first.at, end };
        let advances = if is_measured { advances(part, &of_part) } else { Vec::new() };
        let vertical = line.direction == Direction::Down;
        let text: String = part.iter().map(|letter| letter.c).collect();
        let place = Line { page: line.page, x0, y0, x1, y1, vertical, advances };
        builder.push(&text, Some(At::Recognised(place, Confidence::new(recognised.confidence))))?;
    }
    Ok(())
}

/// How far each letter leads, in quarters of a point; empty if they do not go forward.
fn advances(letters: &[Letter], piece: &Piece) -> Vec<u8> {
    // Rounded from the start of the piece, so that errors do not add up.
    let quarters = |at: f32| ((at - piece.start) * 4.0).round() as i32;
    let mut ends = Vec::with_capacity(letters.len());
    let mut n = 0;
    while let Some(letter) = letters.get(n) {
        // Letters of one glyph begin at the same place and share its width.
        let same = letters
            .iter()
            .skip(n)
            .take_while(|other| other.at - letter.at < 0.05 && other.at >= letter.at)
            .count()
            .max(1);
        let end = letters.get(n + same).map_or(piece.end, |next| next.at);
        for part in 1..=same {
            ends.push(quarters(letter.at + (end - letter.at) * part as f32 / same as f32));
        }
        n += same;
    }
    let mut last = 0;
    let mut advances = Vec::with_capacity(ends.len());
    for end in ends {
        // Letters may lean back over the one before, but not far.
        if end < last - 8 {
            return Vec::new();
        }
        let Ok(advance) = u8::try_from((end - last).max(0)) else { return Vec::new() };
        advances.push(advance);
        last = last.max(end);
    }
    advances
}

#[cfg(test)]
mod tests {
    use super::super::tests::line;
    use super::*;

    #[test]
    fn advances_add_up_to_the_length_of_the_line() {
        let line = line("a line of words", 50.0, 100.0);
        let advances = advances(&line.letters, &line.pieces[0]);
        assert_eq!(advances.len(), 15);
        let sum = f32::from(advances.iter().map(|advance| u16::from(*advance)).sum::<u16>()) / 4.0;
        assert!((sum - (line.end - line.start)).abs() < 0.25, "{sum}");
    }

    #[test]
    fn letters_of_one_glyph_share_its_width() {
        let letters = [(0.0, 'f'), (0.0, 'i'), (8.0, 'n')].map(|(at, c)| Letter { c, at });
        assert_eq!(advances(&letters, &Piece { letters: 0..3, start: 0.0, end: 12.0 }), [16, 16, 16]);
    }

    #[test]
    fn text_from_right_to_left_has_only_its_box() {
        let letters = [(20.0, 'א'), (10.0, 'ב'), (0.0, 'ג')].map(|(at, c)| Letter { c, at });
        assert!(advances(&letters, &Piece { letters: 0..3, start: 0.0, end: 30.0 }).is_empty());
    }
}
