//! Recognises digests: plain texts of several articles, each with its title, text and publisher.

use super::title::{MAX_TITLE_CHARS, is_title};
use crate::lines::{TextLine, lines};
use crate::terms::is_blank;

/// A longer parenthesis at the end of an article, in characters, does not name its publisher.
const MAX_PUBLISHER_CHARS: usize = 60;

/// A longer line that begins with `#`, in characters, is not a tag.
const MAX_TAG_CHARS: usize = 80;

/// An article of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Article<'a> {
    /// The last `#tag` above it.
    pub(super) tag: Option<&'a str>,
    /// `None` if the line above the text is too long for a title.
    pub(super) title: Option<&'a str>,
    /// Without the publisher; empty if a title stands alone.
    pub(super) text: &'a str,
    pub(super) publisher: Option<&'a str>,
    /// The bytes of its lines.
    span: (usize, usize),
}

/// The articles of a digest; `None` if `text` is not a digest.
///
/// Most articles of a digest name their publisher, and there is a tag or more than one article. An article that does
/// not fit (without a publisher, with a title longer than its text, without any text) does not change the others.
pub(super) fn articles(text: &str) -> Option<Vec<Article<'_>>> {
    let lines: Vec<TextLine> = lines(text).filter(|line| !is_blank(&text[line.start..line.end])).collect();
    let at = |index: usize| lines.get(index).map(|line| text[line.start..line.end].trim());
    let whole = |index: usize| &text[lines[index].start..lines[index].end];
    let mut found: Vec<Article<'_>> = Vec::new();
    let mut tag = None;
    let mut index = 0;
    while let Some(line) = at(index) {
        if line.starts_with("##") {
            // A heading of Markdown.
            return None;
        }
        if let Some(label) = tag_of(line) {
            tag = Some(label);
            index += 1;
            continue;
        }
        let next = at(index + 1).filter(|next| tag_of(next).is_none());
        let is_title_sized = line.chars().nth(MAX_TITLE_CHARS).is_none();
        let ends_article = signed(line).is_some() && next.is_none_or(|next| next.len() < line.len());
        let before = found.last_mut().filter(|before| before.publisher.is_none() && !before.text.is_empty());
        match (before, next) {
            // A further line of the article above.
            (Some(before), _) if !is_title_sized || ends_article => {
                before.span.1 = lines[index].end;
                (before.text, before.publisher) = body(&text[before.span.0..before.span.1]);
                index += 1;
            }
            (_, Some(next)) if is_title_sized && !is_title_of_next(next, at(index + 2)) => {
                let (body, publisher) = body(whole(index + 1));
                let span = (lines[index + 1].start, lines[index + 1].end);
                found.push(Article { tag, title: Some(line), text: body, publisher, span });
                index += 2;
            }
            _ => {
                let span = (lines[index].start, lines[index].end);
                let (title, (body, publisher)) =
                    if is_title_sized { (Some(line), ("", None)) } else { (None, body(whole(index))) };
                found.push(Article { tag, title, text: body, publisher, span });
                index += 1;
            }
        }
    }
    let signed = found.iter().filter(|article| article.publisher.is_some()).count();
    let unsigned = found.len() - signed;
    let is_plausible =
        found.iter().all(|a| a.publisher.is_some() || a.title.is_some_and(|title| is_title(title, None)));
    let is_digest = match tag {
        Some(_) => signed >= 1 && (signed > unsigned || signed == unsigned && is_plausible),
        None => signed > 1 && signed > unsigned,
    };
    is_digest.then_some(found)
}

/// Whether the line `line` is itself a title, whose text follows in `next`.
fn is_title_of_next(line: &str, next: Option<&str>) -> bool {
    signed(line).is_none()
        && is_title(line, None)
        && next.is_some_and(|next| tag_of(next).is_none() && signed(next).is_some() && next.len() > line.len())
}

fn tag_of(line: &str) -> Option<&str> {
    let label = line.strip_prefix('#')?.trim();
    (!label.is_empty() && !label.starts_with('#') && label.chars().count() <= MAX_TAG_CHARS).then_some(label)
}

/// A text without its publisher, and the publisher.
fn body(text: &str) -> (&str, Option<&str>) {
    match signed(text) {
        Some((text, publisher)) => (text, Some(publisher)),
        None => (text.trim_end(), None),
    }
}

/// A text and the publisher in the parentheses at its end.
fn signed(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_end();
    let inside = line.strip_suffix([')', '）'])?;
    let mut depth = 1;
    for (at, c) in inside.char_indices().rev().take(MAX_PUBLISHER_CHARS + 1) {
        match c {
            ')' | '）' => depth += 1,
            '(' | '（' => depth -= 1,
            // A whole sentence in parentheses belongs to the text.
            '。' | '！' | '？' => return None,
            _ => {}
        }
        if depth == 0 {
            let publisher = inside[at + c.len_utf8()..].trim();
            let text = line[..at].trim_end();
            return (!publisher.is_empty() && !text.is_empty()).then_some((text, publisher));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "#harbour\nCrane inspection moved\nThe crane will be inspected on the ninth of April. (Harbour Post)\n\
                          Fish hall gets a roof\nThe hall gets a roof of zinc and larch, ready in May. (Harbour Post)\n";

    /// `title | text | publisher` of each article.
    fn read(text: &str) -> Option<Vec<String>> {
        let shown = |article: &Article<'_>| {
            format!("{} | {} | {}", article.title.unwrap_or("-"), article.text, article.publisher.unwrap_or("-"))
        };
        articles(text).map(|found| found.iter().map(shown).collect())
    }

    #[test]
    fn an_article_that_does_not_fit_leaves_the_others_as_they_are() {
        let whole = read(DIGEST).unwrap();
        for (more, expected) in [
            (
                "New timetable\nThe ferry sails every forty minutes.\n",
                "New timetable | The ferry sails every forty minutes. | -",
            ),
            ("A title whose text is still to come\n", "A title whose text is still to come |  | -"),
            ("A title longer than the text\nText. (Someone)\n", "A title longer than the text | Text. | Someone"),
            (
                "Two lines\nThe first line.\nThe second line. (Someone)\n",
                "Two lines | The first line.\nThe second line. | Someone",
            ),
        ] {
            let last = read(&format!("{DIGEST}{more}")).unwrap();
            assert_eq!((&last[..2], last[2].as_str(), last.len()), (&whole[..], expected, 3));
            let first = read(&format!("#harbour\n{more}{}", &DIGEST["#harbour\n".len()..])).unwrap();
            assert_eq!((&first[1..], first[0].as_str()), (&whole[..], expected), "{more}");
        }
        let long = "t".repeat(MAX_TITLE_CHARS + 1);
        assert_eq!(read(&format!("{DIGEST}{long}\n")).unwrap()[2], format!("- | {long} | -"));
    }

    #[test]
    fn a_digest_is_read_whatever_ends_its_lines() {
        for end in ["\r", "\r\n", "\u{85}", "\u{2028}"] {
            assert_eq!(read(&DIGEST.replace('\n', end)), read(DIGEST), "{end:?}");
        }
    }

    #[test]
    fn a_text_whose_paragraphs_are_mostly_unsigned_is_not_a_digest() {
        for text in [
            "",
            "#only a tag\n",
            "Title\nA text that is signed. (Someone)\n",
            "#notes\nWe met on Monday.\nNobody objected.\nThe minutes are kept (see the folder)\nThen we left.\nIt rained.\n",
            "A letter\nIt is long (very)\nIt goes on.\nAnd on.\n",
            "## Heading\nText. (A)\nTitle\nText. (B)\n",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic_and_no_word_of_a_digest_is_lost(
            text in "(#tag\n|Title\n|T\n|A text of some length\\. ?(\\(P\\))?\n|\n|（甲）\n|字。\r){0,12}"
        ) {
            if let Some(found) = articles(&text) {
                let words = |text: &str| text.matches("length").count() + text.matches("Title").count();
                let kept: usize = found.iter().map(|a| words(a.text) + words(a.title.unwrap_or_default())).sum();
                prop_assert_eq!(kept, words(&text));
            }
        }
    }
}
