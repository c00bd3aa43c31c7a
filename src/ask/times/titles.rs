//! Quotations and names in a question, whose words are no times: “Apocalypse Now”, USA Today, 《昨日》.

use std::ops::Range;

/// Where a question quotes, and how it is written.
pub(in crate::ask) struct Titles<'t> {
    question: &'t str,
    quotations: Vec<Range<usize>>,
}

impl<'t> Titles<'t> {
    /// Those of a question.
    pub(in crate::ask) fn of(question: &'t str) -> Self {
        Self { question, quotations: quotations(question) }
    }

    /// Whether the words at `place`, in bytes, are of a quotation or, if they are a phrase of ordinary words, of a name.
    pub(in crate::ask) fn has(&self, place: Range<usize>, is_phrase: bool) -> bool {
        let is_quoted = self.quotations.iter().any(|quoted| quoted.start < place.start && place.end <= quoted.end);
        is_quoted || is_phrase && self.is_name(place)
    }

    /// A phrase with a capital letter is a name, but for one with which the question starts in front of another word.
    fn is_name(&self, place: Range<usize>) -> bool {
        let is_capital = |text: &str| text.chars().next().is_some_and(char::is_uppercase);
        let is_first = !self.question[..place.start].contains(char::is_alphanumeric);
        is_capital(&self.question[place.start..]) && (!is_first || is_capital(self.question[place.end..].trim_start()))
    }
}

/// The quotations of a text from their first mark to their last, in bytes.
fn quotations(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &str)> = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let next = text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        match open {
            Some((start, closing)) if closing.contains(c) && !(is_apostrophe(c) && next.is_alphanumeric()) => {
                found.push(start..at);
                open = None;
            }
            Some(_) => {}
            None => open = closing(c).filter(|_| !(is_apostrophe(c) && before.is_alphanumeric())).map(|c| (at, c)),
        }
        before = c;
    }
    found
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// The marks that end a quotation which starts with `c`.
fn closing(c: char) -> Option<&'static str> {
    Some(match c {
        '"' => "\"",
        '\'' => "'",
        '‘' => "’",
        '“' => "”",
        '„' => "“”",
        '«' => "»",
        '»' => "«",
        '「' => "」",
        '『' => "』",
        '《' => "》",
        '〈' => "〉",
        _ => return None,
    })
}
