//! A slide of a presentation: its title is a heading, its notes follow it.

use super::Result;
use super::builder::Builder;
use super::flow::Table;
use crate::passage::At;

/// What stands on a slide.
#[derive(Debug, Default)]
pub(super) struct Slide {
    pub(super) title: Option<String>,
    pub(super) blocks: Vec<SlideBlock>,
    pub(super) notes: Vec<String>,
}

/// A part of a slide.
#[derive(Debug)]
pub(super) enum SlideBlock {
    /// The paragraphs of a shape.
    Shape(Vec<String>),
    Table(Table),
}

impl Slide {
    /// Adds the slide with this number, from 1.
    pub(super) fn write(self, number: u32, builder: &mut Builder) -> Result<()> {
        let at = |notes: bool| At::Slide { number, notes };
        if let Some(title) = &self.title {
            builder.heading(1, title, Some(at(false)))?;
        }
        for block in self.blocks {
            match block {
                SlideBlock::Shape(paragraphs) => {
                    builder.begin("\n\n");
                    for text in paragraphs {
                        builder.line(&text, Some(at(false)))?;
                    }
                    builder.begin("\n\n");
                }
                SlideBlock::Table(table) => table.write(builder, |_| at(false))?,
            }
        }
        for text in self.notes {
            builder.paragraph(&text, Some(at(true)))?;
        }
        builder.begin("\n\n");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_comes_first_and_the_notes_last() {
        let slide = Slide {
            title: Some("Title\nof it".into()),
            blocks: vec![
                SlideBlock::Shape(vec!["a".into(), String::new(), "b".into()]),
                SlideBlock::Shape(vec!["c".into()]),
            ],
            notes: vec!["Say so.".into()],
        };
        let mut builder = Builder::new("test 1", 1_000);
        slide.write(3, &mut builder).unwrap();
        let (text, layout) = builder.finish();
        assert_eq!(text, "Title of it\n\na\nb\n\nc\n\nSay so.");
        assert_eq!(layout.headings.len(), 1);
        assert_eq!(layout.places.last().unwrap().at, At::Slide { number: 3, notes: true });
    }
}
