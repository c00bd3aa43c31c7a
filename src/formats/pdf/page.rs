//! Reads a page: its characters with their boxes, and what else stands on it.

use pdfium_render::prelude::{PdfDocument, PdfPage, PdfPageAnnotationCommon, PdfPageAnnotationType, PdfPageTextChar};

use super::chars::{LINE_HYPHEN, Shown, shown};
use super::frame::Frame;
use super::hidden::Background;
use super::lines::{self, Glyph, Mark, TextLine};
use super::rules::{self, Rules};

/// What a page holds.
#[derive(Debug, Default)]
pub(super) struct ReadPage {
    /// From 1.
    pub(super) number: u32,
    pub(super) label: Option<String>,
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) lines: Vec<TextLine>,
    pub(super) rules: Rules,
    /// Characters with a glyph, without spaces.
    pub(super) characters: usize,
    /// Of these, those whose meaning the file does not say.
    pub(super) unknown: usize,
    /// Characters that no reader sees.
    pub(super) hidden: usize,
    /// Whether pictures cover most of it.
    pub(super) is_picture: bool,
    pub(super) annotations: usize,
    pub(super) fields: usize,
    /// Whether PDFium could not read it.
    pub(super) is_broken: bool,
    /// If its text was recognised from its picture.
    pub(super) recognised: Option<Recognition>,
}

/// What became of a page whose text was to be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Recognition {
    /// Lines that were too unsure and were left out.
    pub(super) left_out: usize,
}

impl ReadPage {
    /// Whether too many of its characters are unknown. The rest would be nonsense.
    pub(super) fn is_unreadable(&self) -> bool {
        self.unknown * 5 > self.characters
    }

    /// Whether it is a picture without any text of its own, such as a scan.
    pub(super) fn is_picture_only(&self) -> bool {
        self.is_picture && self.characters == 0
    }

    /// Whether its text can only be had by recognising it.
    pub(super) fn lacks_text(&self) -> bool {
        self.is_picture_only() || self.is_unreadable()
    }

    /// Whether so many are unknown that a reader misses them: symbols of formulas, one of several fonts.
    pub(super) fn has_holes(&self) -> bool {
        self.unknown * 20 > self.characters && !self.is_unreadable()
    }
}

/// The pages, one by one.
pub(super) fn pages<'a>(document: &'a PdfDocument) -> impl Iterator<Item = ReadPage> + 'a {
    (0..document.pages().len().max(0)).map(|index| {
        let number = index.unsigned_abs() + 1;
        document.pages().get(index).ok().and_then(|page| read(&page, number)).unwrap_or(ReadPage {
            number,
            is_broken: true,
            ..ReadPage::default()
        })
    })
}

fn read(page: &PdfPage, number: u32) -> Option<ReadPage> {
    let frame = Frame::of(page);
    let text = page.text().ok()?;
    let background = Background::new(page, &frame);
    let mut read = ReadPage {
        number,
        label: page.label().filter(|label| *label != number.to_string()).map(str::to_owned),
        width: frame.width(),
        height: frame.height(),
        is_picture: background.is_picture(),
        ..ReadPage::default()
    };
    let mut marks = Vec::new();
    let mut high_surrogate = None;
    let mut is_bold = FontWeight::default();
    for char in text.chars().iter() {
        let value = char.unicode_value();
        let low = high_surrogate.take();
        let c = match (value, low) {
            (0xD800..=0xDBFF, _) => {
                high_surrogate = Some(value);
                continue;
            }
            (0xDC00..=0xDFFF, Some(high)) => char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (value - 0xDC00)),
            (2, _) if char.is_hyphen().unwrap_or(false) => Some(LINE_HYPHEN),
            _ => char::from_u32(value),
        };
        let is_generated = char.is_generated().unwrap_or(false);
        if is_generated && matches!(value, 10 | 13) {
            marks.push(Mark::End);
            is_bold.forget();
            continue;
        }
        if is_generated && value == 32 {
            marks.push(Mark::Gap);
            is_bold.forget();
            continue;
        }
        let Some(glyph) = glyph(&char, &frame) else { continue };
        let c = match c.and_then(shown) {
            Some(Shown::Nothing) => continue,
            Some(Shown::One(' ')) => {
                marks.push(Mark::Glyph(Glyph { c: ' ', ..glyph }));
                is_bold.forget();
                continue;
            }
            shown => shown,
        };
        read.characters += 1;
        if background.hides(&char, &glyph) {
            read.hidden += 1;
            read.characters -= 1;
            continue;
        }
        let glyph = Glyph { is_bold: is_bold.of(&char), ..glyph };
        match c {
            Some(Shown::One(c)) => marks.push(Mark::Glyph(Glyph { c, ..glyph })),
            Some(Shown::Many(letters)) => marks.extend(glyph.split(letters).map(Mark::Glyph)),
            Some(Shown::Nothing) => {}
            None => read.unknown += 1,
        }
    }
    if !read.is_unreadable() {
        read.lines = lines::lines(&marks, number);
        read.rules = rules::of(page, &frame);
    }
    count_annotations(page, &mut read);
    Some(read)
}

fn count_annotations(page: &PdfPage, read: &mut ReadPage) {
    for annotation in page.annotations().iter() {
        match annotation.annotation_type() {
            PdfPageAnnotationType::Widget | PdfPageAnnotationType::XfaWidget => read.fields += 1,
            PdfPageAnnotationType::Text | PdfPageAnnotationType::FreeText => {
                read.annotations += usize::from(annotation.contents().is_some_and(|text| !text.trim().is_empty()));
            }
            _ => {}
        }
    }
}

/// Whether a font is bold is asked once a word, since it costs more than all else.
#[derive(Default)]
struct FontWeight {
    known: Option<bool>,
    age: usize,
}

impl FontWeight {
    fn forget(&mut self) {
        self.known = None;
    }

    fn of(&mut self, char: &PdfPageTextChar) -> bool {
        self.age += 1;
        if let Some(known) = self.known
            && self.age < 8
        {
            return known;
        }
        self.age = 0;
        let name = char.font_name().to_ascii_lowercase();
        let is_bold = ["bold", "black", "heavy", "-demi", "cmbx", "sfbx"].iter().any(|word| name.contains(word));
        self.known = Some(is_bold);
        is_bold
    }
}

fn glyph(char: &PdfPageTextChar, frame: &Frame) -> Option<Glyph> {
    let bounds = char.loose_bounds().ok()?;
    let (x0, y0, x1, y1) = frame.shown(&bounds);
    if ![x0, y0, x1, y1].iter().all(|length| length.is_finite() && length.abs() < 1e6) {
        return None;
    }
    let base =
        char.origin().ok().map(|(x, y)| frame.point(x.value, y.value)).filter(|(x, y)| x.is_finite() && y.is_finite());
    let scale = char.matrix().map_or(1.0, |m| (m.a() * m.d() - m.b() * m.c()).abs().sqrt());
    let mut size = char.unscaled_font_size().value.abs() * scale;
    if !size.is_finite() || size <= 0.0 {
        size = (y1 - y0).max(x1 - x0);
    }
    Some(Glyph { c: ' ', x0, y0, x1, y1, base: base.map_or(y1, |(_, y)| y), size, is_bold: false })
}
