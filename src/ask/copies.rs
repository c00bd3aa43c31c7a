//! Copies: passages of several documents with the same words share one place among the citations.
//!
//! Without copies nothing more is read than the documents that are cited: texts are compared only where the vectors of two
//! passages are nearly the same.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::fuse::Ranked;
use super::sentences::{is_duplicate, words_of};
use crate::error::Result;
use crate::index::{DocumentKey, PassageKey, Snapshots};
use crate::late::dot;
use crate::passage::{Document, DocumentCopy, Span};

/// The cosine of two passages from which their words are compared. The titles of their documents are part of a passage's
/// vector, so that of a copy is not the same.
const COSINE_FROM: f32 = 0.85;
/// The lengths of two copies differ by this share at most.
const LENGTH_FROM: f32 = 0.7;
/// Of two passages with the same quote that are nearly the same, the longer one has this share of its sentences in common
/// with the shorter one.
const SHARED_FROM: f32 = 0.8;
/// Copies whose scores differ by no more rank the same.
const SAME_SCORE: f32 = 1e-3;

/// Documents by their keys. Each is read once.
pub(super) struct Documents<'s, 'd> {
    index: &'s Snapshots<'d>,
    read: HashMap<DocumentKey, Option<Document>>,
    wordings: HashMap<PassageKey, Wording>,
}

/// What passages are compared by.
#[derive(Default)]
struct Wording {
    /// The words of the passage, and of what is quoted of it.
    passage: String,
    quote: String,
}

/// A passage that is shown, and the documents with copies of it.
pub(super) struct Distinct<'r> {
    pub(super) passage: &'r Ranked,
    pub(super) copies: Vec<DocumentCopy>,
}

impl<'s, 'd> Documents<'s, 'd> {
    pub(super) fn new(index: &'s Snapshots<'d>) -> Self {
        Self { index, read: HashMap::new(), wordings: HashMap::new() }
    }

    /// A document; `None` if its store does not have it.
    pub(super) fn get(&mut self, key: DocumentKey) -> Result<Option<&Document>> {
        if !self.read.contains_key(&key) {
            let document = self.index.document(key)?;
            self.read.insert(key, document);
        }
        Ok(self.known(key))
    }

    fn known(&self, key: DocumentKey) -> Option<&Document> {
        self.read.get(&key).and_then(Option::as_ref)
    }

    fn are_copies(&mut self, one: &Ranked, other: &Ranked) -> Result<bool> {
        self.read_words(one)?;
        self.read_words(other)?;
        let texts = self.in_text(one).zip(self.in_text(other));
        Ok(texts.is_some_and(|(one, other)| are_copies(one, other)))
    }

    fn in_text<'a>(&'a self, passage: &'a Ranked) -> Option<InText<'a>> {
        let document = self.known(passage.document)?;
        Some((&passage.sentences, &document.text, self.wordings.get(&passage.key)?))
    }

    /// Each passage may be compared with many others.
    fn read_words(&mut self, passage: &Ranked) -> Result<()> {
        if !self.wordings.contains_key(&passage.key) {
            let wording = self.get(passage.document)?.map(|document| Wording::of(passage, document));
            self.wordings.insert(passage.key, wording.unwrap_or_default());
        }
        Ok(())
    }

    /// Of passages with the same words, best first, the one to show: the best. Of those that rank the same, the newest, then
    /// the one with the shortest address.
    fn shown<'r>(&self, members: &[&'r Ranked]) -> Option<&'r Ranked> {
        let score = |passage: &Ranked| passage.scores.rerank.unwrap_or(passage.scores.fused);
        let best = score(members.first()?);
        let alike = members.iter().copied().filter(|passage| best - score(passage) <= SAME_SCORE);
        alike.min_by_key(|passage| {
            let info = self.known(passage.document).map(|document| &document.info);
            let address = info.map(|info| info.uri.as_deref().unwrap_or(&info.id)).unwrap_or_default();
            let published = info.and_then(|info| info.published.as_deref());
            (Reverse(published), address.chars().count(), address.to_owned())
        })
    }
}

/// The first `count` passages that are no copies of one another, each with its copies among all of `ranked`, which is best
/// first. `headings` are those above each passage, by its key. Passages whose document the store does not have are left out.
pub(super) fn distinct<'r>(
    documents: &mut Documents<'_, '_>,
    ranked: &'r [Ranked],
    headings: &HashMap<PassageKey, Vec<String>>,
    count: usize,
) -> Result<Vec<Distinct<'r>>> {
    // What is quoted of a passage depends on what else is ranked.
    documents.wordings.clear();
    let mut groups: Vec<Vec<&Ranked>> = Vec::new();
    let headings_of = |passage: &Ranked| headings.get(&passage.key).map(Vec::as_slice).unwrap_or_default();
    'passages: for passage in ranked {
        for group in &mut groups {
            if could_be_copies(group, passage)
                && are_under_the_same(headings_of(group[0]), headings_of(passage))
                && documents.are_copies(group[0], passage)?
            {
                group.push(passage);
                continue 'passages;
            }
        }
        if groups.len() < count && documents.get(passage.document)?.is_some() {
            groups.push(vec![passage]);
        }
    }
    let distinct = |group: Vec<&'r Ranked>| {
        let passage = documents.shown(&group)?;
        let others = group.iter().filter(|other| other.key != passage.key);
        let copies = others.filter_map(|other| {
            let info = &documents.known(other.document)?.info;
            let collection = documents.index.name(other.document.member).map(str::to_owned);
            Some(DocumentCopy { id: info.id.clone(), title: info.title.clone(), uri: info.uri.clone(), collection })
        });
        let mut copies: Vec<DocumentCopy> = copies.collect();
        copies.sort_by(|a, b| {
            a.title.cmp(&b.title).then_with(|| a.id.cmp(&b.id)).then_with(|| a.collection.cmp(&b.collection))
        });
        Some(Distinct { passage, copies })
    };
    Ok(groups.into_iter().filter_map(distinct).collect())
}

/// Whether a passage has to be compared with those of a group. Only copies in other documents count.
fn could_be_copies(group: &[&Ranked], passage: &Ranked) -> bool {
    let lengths = (group[0].span.len() as f32, passage.span.len() as f32);
    lengths.0.min(lengths.1) >= LENGTH_FROM * lengths.0.max(lengths.1)
        && dot(&group[0].vector, &passage.vector) >= COSINE_FROM
        && group.iter().all(|member| member.document != passage.document)
}

/// Whether two passages have the same headings, or one has none: the format of a copy may not know any.
fn are_under_the_same(one: &[String], other: &[String]) -> bool {
    one.is_empty() || other.is_empty() || is_duplicate(&one.join("\n"), &other.join("\n"))
}

impl Wording {
    fn of(passage: &Ranked, document: &Document) -> Self {
        let text = document.text.as_str();
        let quote = passage.quote(text, &document.layout.rows);
        Self { passage: words_of(slice(text, passage.span)), quote: words_of(slice(text, quote)) }
    }
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.range()).unwrap_or_default()
}

/// The sentences of a passage in the text of its document, and its words.
type InText<'a> = (&'a [Span], &'a str, &'a Wording);

/// Whether two passages have the same words, or the same quote and nearly the same words around it.
fn are_copies((one, of_one, words_of_one): InText<'_>, (other, of_other, words_of_other): InText<'_>) -> bool {
    if words_of_one.passage == words_of_other.passage {
        return true;
    }
    if words_of_one.quote != words_of_other.quote {
        return false;
    }
    let words_of_each = |sentences: &[Span], text: &str| -> HashSet<String> {
        sentences.iter().map(|sentence| words_of(slice(text, *sentence))).collect()
    };
    let (one, other) = (words_of_each(one, of_one), words_of_each(other, of_other));
    let length = |sentences: &mut dyn Iterator<Item = &String>| sentences.map(String::len).sum::<usize>() as f32;
    let shared = length(&mut one.intersection(&other));
    shared >= SHARED_FROM * length(&mut one.iter()).max(length(&mut other.iter()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::QuoteChoice;
    use crate::late::Window;
    use crate::passage::{DocumentInfo, Layout, Scores};

    /// A passage that is a whole text, of which the sentence `quoted` is the quote.
    fn passage(text: &str, quoted: usize) -> Ranked {
        let span = Span::new(0, text.len());
        let window = Window { first: quoted, count: 1, score: 0.9, matched: 0.9 };
        Ranked {
            key: PassageKey { member: 0, key: 1 },
            document: DocumentKey { member: 0, key: 1 },
            document_id: "d".into(),
            span,
            sentences: crate::ingest::sentences::sentences(text),
            vector: vec![1.0],
            window,
            nearest: Vec::new(),
            scores: Scores::default(),
            support: 0.0,
            choice: QuoteChoice::default(),
        }
    }

    fn are_copies_of((one, quoted): (&str, usize), (other, quoted_there): (&str, usize)) -> bool {
        let in_text = |text: &str, quoted| {
            let passage = passage(text, quoted);
            let document = Document { info: DocumentInfo::default(), text: text.to_owned(), layout: Layout::default() };
            let wording = Wording::of(&passage, &document);
            (passage.sentences, wording)
        };
        let ((sentences, words), (sentences_there, words_there)) = (in_text(one, quoted), in_text(other, quoted_there));
        are_copies((&sentences, one, &words), (&sentences_there, other, &words_there))
    }

    #[test]
    fn the_same_words_are_copies_however_they_are_set() {
        let text = "The lighthouse at Carn Head was automated in 1987. Its lamp is visible for twenty-one miles.";
        let wrapped = text.replace("Head was", "Head\nwas").replace("automated", "AUTOMATED");
        assert!(are_copies_of((text, 0), (&wrapped, 1)));
        assert!(!are_copies_of((text, 0), (&text.replace("1987", "1978"), 0)));
        assert!(are_copies_of(("聯準會將降息兩次。", 0), ("联准会将降息两次。", 0)));
    }

    #[test]
    fn the_same_quote_in_nearly_the_same_words_is_a_copy_and_elsewhere_it_is_not() {
        let text =
            "The ferry sails at noon. It takes forty minutes. Bicycles travel free. Dogs need a lead and a ticket.";
        let footer = format!("{text} Printed today.");
        assert!(are_copies_of((text, 0), (&footer, 0)));
        assert!(!are_copies_of((text, 0), (&footer, 1)), "other words are quoted");
        assert!(!are_copies_of((text, 0), ("The ferry sails at noon. The pier is closed for repairs until May.", 0)));
    }

    #[test]
    fn passages_under_other_headings_are_no_copies() {
        let headings = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert!(are_under_the_same(&headings(&["Report", "March"]), &headings(&["Report", "March"])));
        assert!(are_under_the_same(&headings(&["Report"]), &[]));
        assert!(!are_under_the_same(&headings(&["Report", "March"]), &headings(&["Report", "April"])));
    }

    #[test]
    fn a_passage_is_no_copy_of_one_in_its_own_document() {
        let one = passage("The ferry sails at noon.", 0);
        let elsewhere = Ranked { document: DocumentKey { member: 0, key: 2 }, ..one.clone() };
        assert!(!could_be_copies(&[&one], &one));
        assert!(could_be_copies(&[&one], &elsewhere));
        assert!(!could_be_copies(&[&one], &Ranked { vector: vec![0.8], ..elsewhere.clone() }));
        assert!(!could_be_copies(&[&one], &Ranked { span: Span::new(0, 100), ..elsewhere }));
    }
}
