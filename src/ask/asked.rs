//! A question as it is compared with the words of passages: its concepts, its names, and the kind of answer it asks for.

use std::collections::HashSet;

use super::kind::Kind;
use super::leaning::asks_whether;
use super::names::{Name, Origin};
use super::superlative::Superlative;
use super::words::Words;
use crate::terms::{Concept, LexicalQuery, language_of_question};

/// A question taken apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Asked {
    /// Its concepts. Their shares sum to 1.
    pub(super) concepts: Vec<Asking>,
    pub(super) names: Vec<Name>,
    pub(super) kind: Kind,
    /// Whether it is to be answered with yes or no.
    pub(super) asks_whether: bool,
    /// What it wants the most or the least of.
    pub(super) superlative: Option<Superlative>,
    /// Its language as a BCP 47 tag, if that is known.
    pub(super) language: Option<String>,
}

/// A concept of a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asking {
    concept: Concept,
    /// Its share of the weight of all concepts, which is higher for rarer ones.
    pub(super) share: f32,
    /// Whether it is part of a name.
    pub(super) is_name: bool,
}

impl Asked {
    /// `question` has these concepts, of the `weights` of the lexical score, and these names.
    pub(super) fn new(question: &str, query: &LexicalQuery, weights: &[f32], names: Vec<Name>) -> Self {
        let sum: f32 = weights.iter().sum();
        let named: HashSet<&String> = names.iter().flat_map(|name| &name.alternatives).flatten().collect();
        let is_name = |concept: &Concept| {
            concept.alternatives.first().is_some_and(|own| own.iter().all(|term| named.contains(term)))
        };
        let asking = |(concept, weight): (&Concept, &f32)| Asking {
            concept: concept.clone(),
            share: weight / sum.max(f32::EPSILON),
            is_name: is_name(concept),
        };
        let concepts = query.concepts.iter().zip(weights).map(asking).collect();
        let (kind, language) = (Kind::of(question), language_of_question(question));
        let (asks_whether, superlative) = (asks_whether(question), Superlative::of(question));
        Self { concepts, names, kind, asks_whether, superlative, language }
    }

    /// The question as it is if it is not to be interpreted: it wants the most or the least of nothing.
    pub(super) fn interpreted(self, interpret: bool) -> Self {
        Self { superlative: self.superlative.filter(|_| interpret), ..self }
    }

    /// The share of the concepts that are part of no period, as far as a passage and what it inherits have them.
    pub(super) fn share_of_others(&self, words: &Words) -> f32 {
        let periods: HashSet<&String> = self
            .names
            .iter()
            .filter(|name| name.origin == Origin::Period)
            .flat_map(|name| name.alternatives.iter().flatten())
            .collect();
        let sets = || words.sentences().iter().chain([words.inherited()]);
        let has = |all: &Vec<String>| all.iter().all(|term| sets().any(|terms| terms.contains(term)));
        let of = |asking: &&Asking| {
            let own = asking.concept.alternatives.first();
            let is_period = own.is_some_and(|own| own.iter().all(|term| periods.contains(term)));
            !is_period && asking.concept.alternatives.iter().any(has)
        };
        self.concepts.iter().filter(of).map(|asking| asking.share).sum()
    }

    /// For each concept whether a text with these terms has it.
    pub(super) fn found_in(&self, terms: &HashSet<String>) -> Vec<bool> {
        let has = |all: &Vec<String>| all.iter().all(|term| terms.contains(term));
        self.concepts.iter().map(|asking| asking.concept.alternatives.iter().any(has)).collect()
    }
}
