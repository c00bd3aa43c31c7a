//! Chooses what to quote from a passage: the run of sentences that answers best by its vectors and by its words.
//!
//! ```text
//! quote score = late interaction of the run + QUOTE_LEXICAL · the run's share of the question's terms
//!             + QUOTE_KIND, if the run has a thing of the kind that is asked for
//! ```
//!
//! Vectors alone prefer the sentence that is most like the question, and the model does not know that TSMC is 台積電. "How
//! long is it?" is answered by the sentence with a length, not by the one that names it. The rank of the passage does not
//! depend on the choice.

use super::asked::{Asked, Asking};
use super::leaning::{asks_something, is_label, leaves_open, refers_to_the_one_before, restricts_the_one_before};
use super::words::Words;
use crate::late::{Window, best_window};
use crate::passage::{Row, Span, row_at};
use crate::tables::RowFinder;

/// The weight of the share. From 0.05 to 0.3 the right quotes differ by one or two in a hundred.
const QUOTE_LEXICAL: f32 = 0.1;
/// What a run gains that has a thing of the kind that the question asks for.
const QUOTE_KIND: f32 = 0.05;
/// What a row of a table loses that lacks a name of the question which another row has: it is about another thing.
const OTHER_ROW: f32 = 1.0;

/// The runs of a passage's sentences, of which one is quoted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuoteChoice {
    windows: Vec<Window>,
    /// The run that was chosen by the words too, if they were read.
    chosen: Option<Window>,
    /// See [`Kind::loss`](super::kind::Kind::loss).
    loss: f32,
    /// Whether the question is to be answered with yes or no.
    asks_whether: bool,
}

impl QuoteChoice {
    /// `windows` have their late-interaction scores.
    pub(super) fn new(windows: Vec<Window>) -> Self {
        Self { windows, ..Self::default() }
    }

    /// Keeps a choice, and the logits that the confidence loses if it is the answer to a question that `asks_whether` something
    /// holds.
    pub(super) fn choose(&mut self, window: Option<Window>, loss: f32, asks_whether: bool) {
        (self.chosen, self.loss, self.asks_whether) = (window, loss, asks_whether);
    }

    /// Chooses one sentence, whatever its score.
    pub(super) fn choose_sentence(&mut self, at: usize) {
        let window = self.windows.iter().find(|window| window.first == at && window.count == 1);
        self.chosen = window.copied().or(self.chosen);
    }

    /// The span of the run with what it needs to be understood; see [`quoted`].
    pub(super) fn span(&self, text: &str, rows: &[Row], sentences: &[Span], otherwise: Window) -> Option<Span> {
        let window = self.window(text, rows, sentences).unwrap_or(otherwise);
        quoted(text, sentences, window, self.asks_whether)
    }

    /// The logits that the confidence loses if the choice is the answer, since it has no number.
    pub(super) fn loss(&self) -> f32 {
        self.loss
    }

    /// The run to quote of the passage with these `sentences` in `text`: the chosen one, or else the best by its vectors. `rows`
    /// are those that the document's reader marked.
    pub(super) fn window(&self, text: &str, rows: &[Row], sentences: &[Span]) -> Option<Window> {
        let eligible = || self.eligible(&Tabled::of(text, rows, sentences), sentences);
        self.chosen.or_else(|| best_window(&eligible(), |window| window.score))
    }

    /// The run that answers `asked` best by its vectors, its terms and its kind; `None` if there are no runs. `words` are
    /// those of the passage, and `kinds` tell for each sentence whether it has what is asked for.
    pub(super) fn best(
        &self,
        tabled: &Tabled<'_>,
        sentences: &[Span],
        asked: &Asked,
        words: &Words,
        kinds: &[Option<bool>],
    ) -> Option<Window> {
        let windows = self.eligible(tabled, sentences);
        if windows.len() < 2 {
            return windows.first().copied();
        }
        let found: Vec<Vec<bool>> = words.sentences().iter().map(|terms| asked.found_in(terms)).collect();
        let inherited = asked.found_in(words.inherited());
        let in_rows = |n: usize, is: &dyn Fn(Row) -> bool| {
            found.iter().enumerate().any(|(at, found)| found[n] && tabled.row_of(at).is_some_and(is))
        };
        best_window(&windows, |window| {
            let run = found.iter().skip(window.first).take(window.count);
            let before = found.iter().take(window.first);
            let row = tabled.row_of(window.first);
            // What was named is not named again: "It is 540 kilometres long." A row names its own thing.
            let is_subject = |n: usize| {
                asked.concepts[n].is_name && (inherited[n] || row.is_none() && before.clone().any(|found| found[n]))
            };
            let is_other_row = row.is_some_and(|row| {
                (0..asked.concepts.len())
                    .any(|n| asked.concepts[n].is_name && in_rows(n, &|_| true) && !in_rows(n, &|other| other == row))
            });
            let share = |(n, asking): (usize, &Asking)| {
                if run.clone().any(|found| found[n]) || is_subject(n) { asking.share } else { 0.0 }
            };
            let has_kind = kinds.iter().skip(window.first).take(window.count).any(|has| *has == Some(true));
            let terms: f32 = asked.concepts.iter().enumerate().map(share).sum();
            window.score + QUOTE_LEXICAL * terms + if has_kind { QUOTE_KIND } else { 0.0 }
                - if is_other_row { OTHER_ROW } else { 0.0 }
        })
    }

    /// The runs that may be quoted.
    fn eligible(&self, tabled: &Tabled<'_>, sentences: &[Span]) -> Vec<Window> {
        let gap = |at: usize| {
            let gap = sentences.get(at).zip(sentences.get(at + 1)).map(|(sentence, next)| sentence.end..next.start);
            gap.and_then(|gap| tabled.text.get(gap)).unwrap_or_default()
        };
        let is_row = |at: usize| tabled.row_of(at).is_some();
        let is_marked =
            |at: usize| sentences.get(at).is_some_and(|sentence| row_at(tabled.marked, sentence.start).is_some());
        let is_one_row = |window: &Window| {
            let row = tabled.row_of(window.first);
            row.is_some() && (window.first..window.first + window.count).all(|at| tabled.row_of(at) == row)
        };
        let stands_apart = |window: &&Window| {
            let mut all = window.first..window.first + window.count;
            window.count > 1
                && !is_one_row(window)
                // Two rows of a table are two answers: one of them is the answer to this question.
                && (all.clone().all(is_row)
                    // A row that a reader marked says all by itself, or with its header.
                    || all.clone().any(is_marked)
                    || all.any(|at| at + 1 < window.first + window.count && divides(gap(at))))
        };
        self.windows.iter().filter(|window| !stands_apart(window)).copied().collect()
    }
}

/// A document's text, and the rows of tables that a passage's sentences are in.
pub(super) struct Tabled<'t> {
    text: &'t str,
    /// Those that the document's reader marked.
    marked: &'t [Row],
    row_of: Vec<Option<Row>>,
}

impl<'t> Tabled<'t> {
    pub(super) fn of(text: &'t str, marked: &'t [Row], sentences: &[Span]) -> Self {
        let mut finder = RowFinder::default();
        let row_of = sentences.iter().map(|sentence| finder.row(text, marked, *sentence)).collect();
        Self { text, marked, row_of }
    }

    /// The row that a sentence is in.
    pub(super) fn row_of(&self, sentence: usize) -> Option<Row> {
        self.row_of.get(sentence).copied().flatten()
    }

    /// The first row that any sentence is in.
    pub(super) fn first_row(&self) -> Option<Row> {
        self.row_of.iter().flatten().next().copied()
    }
}

/// Whether what stands between two sentences divides them: a heading, the end of a paragraph, the mark of a list's item.
fn divides(gap: &str) -> bool {
    let mut lines = gap.split('\n').skip(1);
    gap.contains(char::is_alphanumeric)
        || gap.matches('\n').count() > 1
        || lines.any(|line| line.trim_start().starts_with(['-', '*', '+', '•', '・', '‧']))
}

/// The span of a window, extended to the sentence before it if it refers to that one, and to the sentence after it if it
/// ends with a question, which that one answers, or with a label, or if that one restricts what it says: a rule is quoted with
/// its exception. If the question `asks_whether` something holds, a contrast is an exception, too. `None` if the window is
/// outside the sentences.
pub(super) fn quoted(text: &str, sentences: &[Span], window: Window, asks_whether: bool) -> Option<Span> {
    let first = sentences.get(window.first)?;
    let last = sentences.get(window.first + window.count - 1)?;
    let before = window.first.checked_sub(1).and_then(|before| sentences.get(before));
    let leans = text.get(first.range()).is_some_and(refers_to_the_one_before);
    let first = before.filter(|_| leans).unwrap_or(first);
    let needs_more = |after: &&Span| {
        let (said, next) = (text.get(last.range()).unwrap_or_default(), text.get(after.range()).unwrap_or_default());
        let gap = text.get(last.end..after.start).unwrap_or_default();
        let is_apart = divides(gap) || said.contains('|') && next.contains('|');
        asks_something(said)
            || is_label(said)
            || !is_apart && (leaves_open(said) || restricts_the_one_before(next, asks_whether))
    };
    let last = sentences.get(window.first + window.count).filter(needs_more).unwrap_or(last);
    Some(Span::new(first.start, last.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::kind::Kind;
    use crate::ask::names::names;
    use crate::ingest::sentences::sentences;
    use crate::lexicon::{Lexicon, Synonyms};
    use crate::terms::{self, Concept, LexicalQuery};

    const TEXT: &str = "台積電召開法說會。第三季營收為一兆元。分析師看好後市。";

    /// What is quoted from `TEXT` when the windows of one sentence have these late-interaction scores.
    fn chosen(scores: [f32; 3], concepts: &[&[&str]]) -> &'static str {
        let of_concept = |alternatives: &&[&str]| Concept {
            alternatives: alternatives.iter().map(|text| terms::terms(text)).collect(),
        };
        let query = LexicalQuery { concepts: concepts.iter().map(of_concept).collect() };
        let asked = Asked::new("", &query, &vec![2.0; concepts.len()], Vec::new());
        let window = |(first, score)| Window { first, count: 1, score, matched: score };
        let choice = QuoteChoice::new(scores.into_iter().enumerate().map(window).collect());
        let sentences = sentences(TEXT);
        let window = choice
            .best(&Tabled::of(TEXT, &[], &sentences), &sentences, &asked, &Words::plain(TEXT, &sentences), &[None; 3])
            .unwrap();
        &TEXT[quoted(TEXT, &sentences, window, false).unwrap().range()]
    }

    #[test]
    fn of_sentences_that_are_about_equally_near_the_one_with_the_terms_is_quoted() {
        let revenue: &[&[&str]] = &[&["revenue", "營收"], &["third quarter", "第三季"], &["dividend"]];
        assert_eq!(chosen([0.80, 0.80, 0.81], &[]), "分析師看好後市。");
        assert_eq!(chosen([0.80, 0.80, 0.81], revenue), "第三季營收為一兆元。");
        assert_eq!(chosen([0.80, 0.70, 0.81], revenue), "分析師看好後市。", "vectors weigh more than terms");
    }

    #[test]
    fn an_alternative_of_several_terms_needs_all_of_them_in_one_sentence() {
        assert_eq!(chosen([0.81, 0.80, 0.80], &[&["台積電營收"]]), "台積電召開法說會。");
        assert_eq!(chosen([0.80, 0.80, 0.81], &[&["台積電"]]), "台積電召開法說會。");
    }

    #[test]
    fn of_sentences_that_are_about_equally_near_the_one_that_has_what_is_asked_for_is_quoted() {
        let text = "The Skerry Link ran all night. It is 540 kilometres long.";
        let sentences = sentences(text);
        let quoted = |question: &str, scores: [f32; 2]| {
            let window = |(first, score)| Window { first, count: 1, score, matched: score };
            let choice = QuoteChoice::new(scores.into_iter().enumerate().map(window).collect());
            let kind = Kind::of(question);
            let kinds: Vec<Option<bool>> = sentences.iter().map(|span| kind.is_in(&text[span.range()])).collect();
            let names = names(question, &Lexicon::empty(), &Synonyms::default());
            let query = LexicalQuery::literal(question);
            let even = vec![1.0; query.concepts.len()];
            let asked = Asked::new(question, &query, &even, names);
            choice
                .best(&Tabled::of(text, &[], &sentences), &sentences, &asked, &Words::plain(text, &sentences), &kinds)
                .unwrap()
                .first
        };
        assert_eq!(quoted("How long is the Skerry Link?", [0.81, 0.80]), 1);
        assert_eq!(quoted("What is the Skerry Link?", [0.81, 0.80]), 0);
        assert_eq!(quoted("How long is the Skerry Link?", [0.95, 0.80]), 0, "vectors weigh more than the kind");
    }

    #[test]
    fn of_two_rows_of_a_table_one_is_quoted() {
        let text = "| Berth | Depth |\n|---|---|\n| South | 11 |\n| North | 7 |\nThe port is deep.";
        let window = |(first, count, score)| Window { first, count, score, matched: score };
        let choice = |windows: &[(usize, usize, f32)]| {
            let windows = windows.iter().copied().map(window).collect();
            let rows: Vec<Span> = sentences(text).split_off(2);
            QuoteChoice::new(windows).window(text, &[], &rows).unwrap()
        };
        let best = choice(&[(0, 1, 0.7), (0, 2, 0.9), (1, 1, 0.8), (1, 2, 0.75), (2, 1, 0.5)]);
        assert_eq!((best.first, best.count), (1, 1));
        let best = choice(&[(0, 1, 0.7), (0, 2, 0.9), (1, 1, 0.7), (1, 2, 0.75), (2, 1, 0.5)]);
        assert_eq!((best.first, best.count), (1, 2), "prose may say more about a row");
    }

    /// How many sentences are quoted of two that are better together, if the reader marked these rows.
    fn quoted_of_two(text: &str, rows: &[(usize, usize)], spans: [(usize, usize); 2]) -> usize {
        let span = |(start, end)| Span::new(start, end);
        let window = |(first, count, score)| Window { first, count, score, matched: score };
        let windows = [(0, 1, 0.7), (0, 2, 0.9), (1, 1, 0.6)].map(window).to_vec();
        let rows: Vec<Row> = rows.iter().map(|row| Row { span: span(*row), header: None }).collect();
        QuoteChoice::new(windows).window(text, &rows, &spans.map(span)).unwrap().count
    }

    #[test]
    fn a_row_that_a_reader_marked_is_quoted_alone_and_prose_of_its_form_is_not() {
        let text = "It is a valve.\nItem: valve; Price: 320";
        let spans = [(0, 14), (15, text.len())];
        assert_eq!(quoted_of_two(text, &[spans[1]], spans), 1);
        assert_eq!(quoted_of_two(text, &[], spans), 2);
    }

    #[test]
    fn two_parts_of_one_row_are_quoted_together() {
        let text = "Item: valve. Price: 320";
        assert_eq!(quoted_of_two(text, &[(0, 23)], [(0, 12), (13, 23)]), 2);
        assert_eq!(quoted_of_two(text, &[(0, 12), (13, 23)], [(0, 12), (13, 23)]), 1);
    }

    #[test]
    fn what_a_heading_divides_is_quoted_alone() {
        assert_eq!(quoted_of_two("It rose.\n\nRisks\n\nIt fell.", &[], [(0, 8), (17, 25)]), 1);
        assert_eq!(quoted_of_two("It rose.\nIt fell.", &[], [(0, 8), (9, 17)]), 2);
    }

    #[test]
    fn what_is_of_two_paragraphs_or_items_is_quoted_alone() {
        assert_eq!(quoted_of_two("It rose.\n\nIt fell.", &[], [(0, 8), (10, 18)]), 1);
        assert_eq!(quoted_of_two("It rose.\n- It fell.", &[], [(0, 8), (11, 19)]), 1);
        assert_eq!(quoted_of_two("It rose -\nit fell.", &[], [(0, 7), (10, 18)]), 2);
    }

    #[test]
    fn of_rows_the_one_that_has_the_name_is_quoted_however_near_another_is() {
        let text = "sku: SKU-108; price: 12\nsku: SKU-109; price: 14\nsku: SKU-110; price: 17";
        let spans: Vec<Span> = [(0, 23), (24, 47), (48, 71)].map(|(start, end)| Span::new(start, end)).to_vec();
        let rows: Vec<Row> = spans.iter().map(|span| Row { span: *span, header: None }).collect();
        let question = "SKU-108 price";
        let query = LexicalQuery::literal(question);
        let even = vec![1.0; query.concepts.len()];
        let asked = Asked::new(question, &query, &even, names(question, &Lexicon::empty(), &Synonyms::default()));
        let windows = [0.7, 0.8, 0.9].into_iter().enumerate();
        let choice =
            QuoteChoice::new(windows.map(|(first, score)| Window { first, count: 1, score, matched: score }).collect());
        let best =
            choice.best(&Tabled::of(text, &rows, &spans), &spans, &asked, &Words::plain(text, &spans), &[None; 3]);
        assert_eq!(best.unwrap().first, 0);
    }

    #[test]
    fn a_label_is_quoted_with_what_it_names() {
        let text = "§ 4 Deposit. The tenants pay 2,940 euros. It is returned.";
        let sentences = sentences(text);
        let labels = sentences.iter().take_while(|span| span.start < 13).count();
        let window = Window { first: labels - 1, count: 1, score: 0.8, matched: 0.8 };
        assert!(text[quoted(text, &sentences, window, false).unwrap().range()].ends_with("2,940 euros."));
    }

    #[test]
    fn a_rule_is_quoted_with_its_exception_and_a_reported_question_with_its_answer() {
        let quote = |text: &str, asks_whether: bool| {
            let window = Window { first: 0, count: 1, score: 0.8, matched: 0.8 };
            text[quoted(text, &sentences(text), window, asks_whether).unwrap().range()].to_owned()
        };
        for text in [
            "Staff may work from home. Laboratory staff cannot.",
            "公司應於五日內申報。但經核准者，不在此限。",
            "The board discussed whether to sell. It decided not to.",
        ] {
            assert_eq!(quote(text, false), text);
        }
        let contrast = "Dogs are allowed. However, they need a permit.";
        assert_eq!((quote(contrast, true).as_str(), quote(contrast, false).as_str()), (contrast, "Dogs are allowed."));
        assert_eq!(quote("Staff may work from home.\n\nExceptions\n\nNone.", true), "Staff may work from home.");
    }

    #[test]
    fn a_window_outside_the_sentences_has_no_quote() {
        let window = Window { first: 3, count: 1, score: 0.8, matched: 0.8 };
        assert_eq!(quoted(TEXT, &sentences(TEXT), window, false), None);
        assert_eq!(QuoteChoice::default().window(TEXT, &[], &sentences(TEXT)), None);
    }
}
