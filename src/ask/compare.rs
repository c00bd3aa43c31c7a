//! Puts the statements of several things side by side, and the items of a list first.

use std::collections::HashSet;

use super::listed_names;
use super::nearness::Nearness;
use super::periods::periods;
use super::versions::words_without_quantities;
use crate::lexicon::Lexicon;
use crate::passage::{AnswerPart, AnswerSentence, Comparison, FoundPassage};
use crate::terms::terms;

/// Items of a list, at most.
pub(crate) const MOST_ITEMS: usize = 12;
/// The late-interaction score of an item, which is about 0.64 for an unrelated passage. One with the names of the question
/// may have a lower one.
const ITEM_FROM: f32 = 0.69;
const NAMED_ITEM_FROM: f32 = 0.665;
/// The share of the words of the shorter statement that two have in common that stand in one row.
const SAME_ROW_FROM: f32 = 0.3;

/// The statements of each part in a column of its own, those about the same in one row.
pub(crate) fn compared(parts: &[AnswerPart], sentences: &[AnswerSentence]) -> Comparison {
    let columns = parts.iter().map(|part| part.label.clone()).collect();
    let mut rows: Vec<Vec<Option<usize>>> = Vec::new();
    for (column, part) in parts.iter().enumerate() {
        for place in part.sentences.0..part.sentences.1 {
            let words = words_without_quantities(&sentences[place].text);
            let share = |row: &Vec<Option<usize>>| {
                let other = row.iter().flatten().next().map(|other| words_without_quantities(&sentences[*other].text));
                other.map_or(0.0, |other| {
                    words.intersection(&other).count() as f32 / words.len().min(other.len()).max(1) as f32
                })
            };
            let is_first = place == part.sentences.0;
            let free = rows.iter_mut().filter(|row| row[column].is_none());
            let best = free.max_by(|one, other| share(one).total_cmp(&share(other)));
            match best {
                // The best statement of each is what they are compared by.
                Some(row) if share(row) >= SAME_ROW_FROM || is_first => row[column] = Some(place),
                _ => {
                    let mut row = vec![None; parts.len()];
                    row[column] = Some(place);
                    rows.push(row);
                }
            }
        }
    }
    Comparison { columns, rows }
}

/// Puts the passages that answer `question` about as well as the best one before the others, and leaves `count` in all. A
/// passage that names other years than the question is no item, nor is one that is hardly nearer than an unrelated one.
/// Returns how many are items.
pub(crate) fn items_first(lexicon: &Lexicon, question: &str, passages: &mut Vec<FoundPassage>, count: usize) -> usize {
    let nearness = Nearness::new(question, passages);
    let names = listed_names(lexicon, question);
    let is_item = |passage: &FoundPassage| {
        let has_names = || {
            let terms: HashSet<String> = terms(&passage.text).into_iter().collect();
            names.iter().all(|name| name.is_in(&terms))
        };
        // What has the names of the question may be a little further.
        match names.is_empty() {
            true => nearness.is_nearest(passage) && passage.scores.late >= ITEM_FROM,
            false => nearness.is_near(passage) && passage.scores.late >= NAMED_ITEM_FROM && has_names(),
        }
    };
    let periods = periods(question);
    let is_of_period = |passage: &FoundPassage| {
        let terms: HashSet<String> = terms(&passage.quote.text).into_iter().collect();
        periods.iter().all(|period| period.is_in(&terms) || !period.has_rival_in(&terms))
    };
    let (items, others): (Vec<_>, Vec<_>) =
        passages.drain(..).enumerate().partition(|(at, passage)| *at == 0 || is_item(passage) && is_of_period(passage));
    let found = items.len().min(count);
    passages.extend(items.into_iter().chain(others).take(count).map(|(_, passage)| passage));
    found
}
