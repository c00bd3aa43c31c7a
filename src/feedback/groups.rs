//! Groups of questions that ask the same in other words.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::record::LoggedQuestion;
use crate::terms::{question_terms, terms};

/// Wordings of a group that are shown, at most.
const MAX_WORDINGS: usize = 10;

/// Questions with nearly the same words.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct QuestionGroup {
    /// The wording that was asked most often; of several, the latest.
    pub question: String,
    /// How often it was asked.
    pub count: usize,
    /// How often it was not answered.
    pub declined: usize,
    /// When it was last asked: RFC 3339, UTC.
    pub latest: String,
    /// The highest confidence of its answers.
    pub confidence: f32,
    /// Names in it that no passage had.
    pub missing: Vec<String>,
    /// Its wordings, the most frequent first, at most ten.
    pub wordings: Vec<String>,
}

/// The words by which questions are compared.
#[derive(Debug, PartialEq, Eq)]
struct Words {
    all: BTreeSet<String>,
    /// Questions about two years ask different things.
    numbers: BTreeSet<String>,
}

impl Words {
    fn of(question: &str) -> Self {
        let mut all: BTreeSet<String> = question_terms(question).into_iter().collect();
        if all.is_empty() {
            all = terms(question).into_iter().collect();
        }
        let is_number = |term: &&String| term.starts_with(|c: char| c.is_ascii_digit());
        let numbers = all.iter().filter(is_number).cloned().collect();
        Self { all, numbers }
    }

    /// Whether two thirds of the words of both together are common to both.
    fn ask_the_same(&self, other: &Self, common: usize) -> bool {
        let of_both = self.all.len() + other.all.len() - common;
        self.numbers == other.numbers && 3 * common >= 2 * of_both
    }
}

#[derive(Default)]
struct Group {
    count: usize,
    declined: usize,
    latest: String,
    confidence: f32,
    missing: Vec<String>,
    /// How often each wording was asked, and at which place in the log it was last.
    wordings: HashMap<String, (usize, usize)>,
}

/// Groups of questions, the most frequent first, then the latest. A question joins the first group whose first question has
/// two thirds of its words and the same numbers; word order, case, question words and Chinese script make no difference.
/// `questions` are in the order in which they were asked.
pub fn grouped<'q>(questions: impl IntoIterator<Item = &'q LoggedQuestion>) -> Vec<QuestionGroup> {
    let mut groups: Vec<Group> = Vec::new();
    let mut first_words: Vec<Words> = Vec::new();
    let mut with_word: HashMap<String, Vec<usize>> = HashMap::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (place, asked) in questions.into_iter().enumerate() {
        let at = *known.entry(asked.question.as_str()).or_insert_with(|| {
            let words = Words::of(&asked.question);
            let mut common: BTreeMap<usize, usize> = BTreeMap::new();
            for group in words.all.iter().filter_map(|word| with_word.get(word)).flatten() {
                *common.entry(*group).or_default() += 1;
            }
            let same =
                |(group, common): (usize, usize)| words.ask_the_same(&first_words[group], common).then_some(group);
            common.into_iter().find_map(same).unwrap_or_else(|| {
                let group = groups.len();
                for word in &words.all {
                    with_word.entry(word.clone()).or_default().push(group);
                }
                first_words.push(words);
                groups.push(Group::default());
                group
            })
        });
        groups[at].add(asked, place);
    }
    let mut groups: Vec<QuestionGroup> = groups.into_iter().map(QuestionGroup::from).collect();
    groups.sort_by(|a, b| {
        b.count.cmp(&a.count).then_with(|| b.latest.cmp(&a.latest)).then_with(|| a.question.cmp(&b.question))
    });
    groups
}

impl Group {
    fn add(&mut self, asked: &LoggedQuestion, place: usize) {
        self.count += 1;
        self.declined += usize::from(!asked.answered);
        if asked.time > self.latest {
            self.latest.clone_from(&asked.time);
        }
        self.confidence = self.confidence.max(asked.confidence);
        for name in &asked.missing {
            if !self.missing.contains(name) {
                self.missing.push(name.clone());
            }
        }
        let (count, last) = self.wordings.entry(asked.question.clone()).or_default();
        *count += 1;
        *last = place;
    }
}

impl From<Group> for QuestionGroup {
    fn from(group: Group) -> Self {
        let Group { count, declined, latest, confidence, missing, wordings } = group;
        let mut wordings: Vec<(String, (usize, usize))> = wordings.into_iter().collect();
        wordings.sort_by_key(|(_, (count, last))| std::cmp::Reverse((*count, *last)));
        let mut wordings: Vec<String> = wordings.into_iter().map(|(wording, _)| wording).collect();
        wordings.truncate(MAX_WORDINGS);
        let question = wordings.first().cloned().unwrap_or_default();
        Self { question, count, declined, latest, confidence, missing, wordings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(question: &str, answered: bool, confidence: f32) -> LoggedQuestion {
        let time = "2026-01-01T00:00:00Z".to_owned();
        let question = question.to_owned();
        LoggedQuestion { time, question, answered, confidence, missing: Vec::new(), key: None }
    }

    fn groups_of(questions: &[&str]) -> Vec<(String, usize)> {
        let questions: Vec<_> = questions.iter().map(|question| asked(question, false, 0.1)).collect();
        grouped(&questions).into_iter().map(|group| (group.question, group.count)).collect()
    }

    #[test]
    fn questions_that_differ_in_order_case_and_small_words_are_one() {
        let groups = groups_of(&[
            "Who expects the Fed to cut?",
            "who expects a fed cut",
            "fed cut: who EXPECTS it",
            "Bakery hours?",
        ]);
        assert_eq!(groups.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [3, 1], "{groups:?}");
        let groups = groups_of(&["誰預期聯準會降息?", "谁预期联准会降息", "央行升息了嗎"]);
        assert_eq!(groups.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [2, 1], "{groups:?}");
    }

    #[test]
    fn questions_about_two_years_or_two_names_are_two() {
        assert_eq!(
            groups_of(&["TSMC revenue and profit forecast 2026", "TSMC revenue and profit forecast 2025"]).len(),
            2
        );
        assert_eq!(groups_of(&["revenue of TSMC", "revenue of Nvidia"]).len(), 2);
        assert_eq!(groups_of(&["?", "!"]).len(), 2, "what has no words is compared as it is written");
    }

    #[test]
    fn a_group_has_the_counts_the_best_confidence_and_the_names_of_all() {
        let mut first = asked("who expects a cut", true, 0.5);
        let mut second = asked("Who expects a cut?", false, 0.3);
        first.missing = vec!["高盛".into()];
        second.missing = vec!["高盛".into(), "UBS".into()];
        second.time = "2026-02-01T00:00:00Z".into();
        let groups = grouped(&[first, second.clone(), second]);
        let [group] = &groups[..] else { panic!("{groups:?}") };
        assert_eq!((group.count, group.declined, group.latest.as_str()), (3, 2, "2026-02-01T00:00:00Z"));
        assert_eq!((group.question.as_str(), group.wordings.len()), ("Who expects a cut?", 2));
        assert_eq!((group.confidence, group.missing.len()), (0.5, 2));
    }
}
