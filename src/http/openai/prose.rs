//! An answer as a chat shows it: Markdown with footnote marks and a list of what they stand for.
//!
//! A document's words are shown as they are. Where Markdown or HTML would make something else of them (an image to be
//! fetched, a tag, a link) a backslash keeps them words.

use std::fmt::Write as _;

use serde::Serialize;
use utoipa::ToSchema;

use crate::links::Links;
use crate::passage::{Answer, Citation, Mode, Span};
use crate::terms::language;

/// A link in a message, in the place where the message cites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in super::super) struct Annotation {
    #[schema(example = "url_citation")]
    r#type: &'static str,
    url_citation: UrlCitation,
}

/// What is cited, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(in super::super) struct UrlCitation {
    /// First character of the footnote mark in the message.
    start_index: usize,
    /// One past the last character of the mark.
    end_index: usize,
    /// The document's title.
    title: String,
    /// The document's own address, or its page on this server at the quote.
    url: String,
}

/// A message in pieces.
#[derive(Debug, Default)]
pub(super) struct Prose {
    /// Joined they are the message.
    pub(super) pieces: Vec<String>,
    pub(super) annotations: Vec<Annotation>,
    chars: usize,
}

impl Prose {
    /// The message that gives `answer` to `question`, in the question's language where it speaks by itself.
    pub(super) fn of(answer: &Answer, question: &str, links: &Links, collection: &str) -> Self {
        let mut prose = Self::default();
        let url = |citation: &Citation| {
            let passage = &citation.passage;
            links.document(collection, &passage.document, Some(passage.quote.location.bytes))
        };
        let cited: Vec<(&Citation, String)> =
            answer.citations.iter().map(|citation| (citation, url(citation))).collect();
        for (place, sentence) in answer.sentences.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            prose.say(format!("{space}{}", inert(&sentence.text)));
            sentence.citations.iter().filter_map(|id| cited.get(id - 1)).for_each(|(citation, url)| {
                prose.mark(citation, url);
            });
        }
        let speaks = !answer.sentences.is_empty();
        if !speaks && answer.mode == Mode::Extract {
            prose.say(not_answered(question, !cited.is_empty()).to_owned());
        }
        let used = |citation: &Citation| !speaks || answer.sentences.iter().any(|s| s.citations.contains(&citation.id));
        for (place, (citation, url)) in cited.iter().filter(|(citation, _)| used(citation)).enumerate() {
            prose.say(
                if place > 0 {
                    "\n"
                } else if prose.chars > 0 {
                    "\n\n"
                } else {
                    ""
                }
                .to_owned()
                    + "- ",
            );
            prose.mark(citation, url);
            let quote = if speaks { String::new() } else { format!(" {}", one_line(&citation.passage.quote.text)) };
            prose.say(format!("{quote} {}", reference(citation, url)));
        }
        prose
    }

    /// The message where nothing was asked.
    pub(super) fn of_nothing() -> Self {
        Self { pieces: vec!["What would you like to know?".to_owned()], ..Self::default() }
    }

    /// The message.
    pub(super) fn text(&self) -> String {
        self.pieces.concat()
    }

    fn say(&mut self, piece: String) {
        self.chars += piece.chars().count();
        self.pieces.push(piece);
    }

    /// Writes a footnote mark to the last piece, and notes where.
    fn mark(&mut self, citation: &Citation, url: &str) {
        let mark = format!("[{}]", citation.id);
        let span = Span::new(self.chars, self.chars + mark.len());
        self.chars = span.end;
        match self.pieces.last_mut() {
            Some(piece) => piece.push_str(&mark),
            None => self.pieces.push(mark),
        }
        self.annotations.push(Annotation {
            r#type: "url_citation",
            url_citation: UrlCitation {
                start_index: span.start,
                end_index: span.end,
                title: citation.passage.document.title.clone(),
                url: url.to_owned(),
            },
        });
    }
}

/// A document as a footnote names it: its title as a link, who published it, when.
fn reference(citation: &Citation, url: &str) -> String {
    let document = &citation.passage.document;
    // Parentheses in an address would end it early.
    let url = url.replace('(', "%28").replace(')', "%29");
    let mut reference = format!("[{}]({url})", title(&document.title));
    for more in [&document.source, &document.published].into_iter().flatten() {
        // Writing to a string cannot fail.
        let _ = write!(reference, ", {}", one_line(more));
    }
    reference
}

/// A title inside the brackets of a link.
fn title(title: &str) -> String {
    let escape = |text: String, c: char| match c {
        '[' | ']' | '\\' | '`' | '*' | '_' | '<' => text + "\\" + c.encode_utf8(&mut [0; 4]),
        c => text + c.encode_utf8(&mut [0; 4]),
    };
    title.split_whitespace().collect::<Vec<_>>().join(" ").chars().fold(String::new(), escape)
}

fn one_line(text: &str) -> String {
    inert(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Words in which nothing is fetched, followed or hidden when they are shown as Markdown.
pub(super) fn inert(words: &str) -> String {
    let mut inert = String::with_capacity(words.len());
    let mut before = None;
    for c in words.chars() {
        // A tag or an autolink; an image or a link; a definition of one; what is escaped already.
        let active = c == '<' || c == '\\' || matches!((before, c), (Some('!'), '[') | (Some(']'), '(' | '[' | ':'));
        if active {
            inert.push('\\');
        }
        inert.push(c);
        before = Some(c);
    }
    inert
}

/// What is said where the documents do not answer.
fn not_answered(question: &str, is_something_near: bool) -> &'static str {
    match (language::detect(question).as_deref(), is_something_near) {
        (Some("zh-Hant"), true) => "文件中沒有這個問題的答案。最接近的段落：",
        (Some("zh-Hant"), false) => "文件中沒有這個問題的答案。",
        (Some("zh-Hans"), true) => "文档中没有这个问题的答案。最接近的段落：",
        (Some("zh-Hans"), false) => "文档中没有这个问题的答案。",
        (_, true) => "The documents do not answer this. The nearest passages:",
        (_, false) => "The documents do not answer this.",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Parser, Tag};

    use super::super::super::openapi::examples;
    use super::*;

    fn links() -> Links {
        Links::below("http://localhost")
    }

    #[test]
    fn an_answer_is_followed_by_what_its_marks_stand_for() {
        let answer = examples::plain_answer();
        let prose = Prose::of(&answer, "who?", &links(), "default");
        let text = prose.text();
        let (said, list) = text.split_once("\n\n").unwrap();
        assert!(said.ends_with("[1]") && list.starts_with("- [1] ["), "{text}");
        let chars: Vec<char> = text.chars().collect();
        assert_eq!(prose.annotations.len(), 2, "one in the text, one in the list");
        for annotation in &prose.annotations {
            let UrlCitation { start_index, end_index, url, .. } = &annotation.url_citation;
            assert_eq!(chars[*start_index..*end_index].iter().collect::<String>(), "[1]");
            assert!(url.starts_with("http"), "{url}");
        }
    }

    #[test]
    fn a_question_without_an_answer_is_told_so_in_its_language_with_what_is_near() {
        let mut answer = examples::plain_answer();
        (answer.text, answer.answerable) = (String::new(), false);
        answer.sentences.clear();
        let said = |question| Prose::of(&answer, question, &links(), "default").text();
        assert!(said("What of it?").starts_with("The documents do not answer this. The nearest passages:\n\n- [1] "));
        assert!(said("這是什麼問題呢？").starts_with("文件中"));
        assert!(said("这是什么问题呢？").starts_with("文档中"));
        answer.citations.clear();
        let text = Prose::of(&answer, "What of it?", &links(), "default").text();
        assert_eq!(text, "The documents do not answer this.");
    }

    proptest! {
        #[test]
        fn no_words_of_a_document_become_markup(words in r"([\[\]()!<>:\\`a-z/ \n]|<img src=x>|!\[x\]\(y\)|https:){0,20}") {
            for event in Parser::new(&format!("x {}", inert(&words))) {
                let active = matches!(
                    event,
                    Event::Start(Tag::Image { .. } | Tag::Link { .. }) | Event::Html(_) | Event::InlineHtml(_)
                );
                prop_assert!(!active, "{:?} of {:?}", event, inert(&words));
            }
        }
    }
}
