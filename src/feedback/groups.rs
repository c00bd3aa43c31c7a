//! Groups of questions that ask the same in other words.

use std::collections::{BTreeSet, HashMap};

use super::record::LoggedQuestion;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::terms::{question_terms, terms};

/// Wordings of a group that are shown, at most.
const MAX_WORDINGS: usize = 10;
/// Groups with which a question is compared, at most, so that the time does not grow with the square of the questions.
const MAX_COMPARED: usize = 200;

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

/// The words by which questions are compared, as numbers, in order.
#[derive(Debug, PartialEq, Eq)]
struct Words {
    all: Vec<usize>,
    /// Those that are numbers: questions about two years ask different things.
    numbers: Vec<usize>,
}

impl Words {
    /// Whether two thirds of the words of both together are common to both.
    fn ask_the_same(&self, other: &Self) -> bool {
        let (one, two) = (self.all.len(), other.all.len());
        // Of sets of such different sizes not enough can be common.
        if self.numbers != other.numbers || 3 * one.min(two) < 2 * one.max(two) {
            return false;
        }
        let common = self.all.iter().filter(|word| other.all.binary_search(word).is_ok()).count();
        3 * common >= 2 * (one + two - common)
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
/// two thirds of its words and the same numbers; word order, case, question words and Chinese script make no difference. Of
/// many groups that share its rarest words, only the latest are compared. `questions` are in the order in which they were
/// asked.
///
/// # Errors
///
/// [`Error::Cancelled`](crate::Error::Cancelled).
pub fn grouped<'q>(
    questions: impl IntoIterator<Item = &'q LoggedQuestion>,
    cancel: &Cancel,
) -> Result<Vec<QuestionGroup>> {
    let mut grouping = Grouping::default();
    for (place, asked) in questions.into_iter().enumerate() {
        cancel.check()?;
        let at = grouping.place_of(&asked.question);
        grouping.groups[at].add(asked, place);
    }
    let mut groups: Vec<QuestionGroup> = grouping.groups.into_iter().map(QuestionGroup::from).collect();
    groups.sort_by(|a, b| {
        b.count.cmp(&a.count).then_with(|| b.latest.cmp(&a.latest)).then_with(|| a.question.cmp(&b.question))
    });
    Ok(groups)
}

/// Groups that are being made.
#[derive(Default)]
struct Grouping<'q> {
    groups: Vec<Group>,
    /// The words of each group's first question.
    first_words: Vec<Words>,
    /// The number of each word.
    numbered: HashMap<String, usize>,
    /// The groups whose first question has a word, by its number.
    with_word: Vec<Vec<usize>>,
    /// The group of each wording.
    known: HashMap<&'q str, usize>,
    /// How often two questions were compared.
    compared: usize,
}

impl<'q> Grouping<'q> {
    /// The group of a question, which is made if there is none.
    fn place_of(&mut self, question: &'q str) -> usize {
        if let Some(group) = self.known.get(question) {
            return *group;
        }
        let words = self.words(question);
        let group = self.find(&words).unwrap_or_else(|| {
            let group = self.groups.len();
            words.all.iter().for_each(|word| self.with_word[*word].push(group));
            self.first_words.push(words);
            self.groups.push(Group::default());
            group
        });
        self.known.insert(question, group);
        group
    }

    fn words(&mut self, question: &str) -> Words {
        let mut all: BTreeSet<String> = question_terms(question).into_iter().collect();
        if all.is_empty() {
            all = terms(question).into_iter().collect();
        }
        let mut words = Words { all: Vec::new(), numbers: Vec::new() };
        for term in all {
            let is_number = term.starts_with(|c: char| c.is_ascii_digit());
            let word = *self.numbered.entry(term).or_insert(self.with_word.len());
            if word == self.with_word.len() {
                self.with_word.push(Vec::new());
            }
            words.all.push(word);
            if is_number {
                words.numbers.push(word);
            }
        }
        words.all.sort_unstable();
        words.numbers.sort_unstable();
        words
    }

    /// The first group that asks the same as these words.
    fn find(&mut self, words: &Words) -> Option<usize> {
        // Whoever has two thirds of the words has one of any that are more than a third.
        let mut rarest: Vec<&Vec<usize>> = words.all.iter().map(|word| &self.with_word[*word]).collect();
        rarest.sort_by_key(|groups| groups.len());
        rarest.truncate(words.all.len() / 3 + 1);
        let shared = rarest.into_iter().flat_map(|groups| groups.iter().rev()).copied();
        let candidates: BTreeSet<usize> = shared.take(MAX_COMPARED).collect();
        candidates.into_iter().find(|group| {
            self.compared += 1;
            words.ask_the_same(&self.first_words[*group])
        })
    }
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
        LoggedQuestion { time, question, answered, confidence, missing: Vec::new(), key: None, key_id: None }
    }

    fn groups_of(questions: &[&str]) -> Vec<(String, usize)> {
        let questions: Vec<_> = questions.iter().map(|question| asked(question, false, 0.1)).collect();
        grouped(&questions, &Cancel::default())
            .unwrap()
            .into_iter()
            .map(|group| (group.question, group.count))
            .collect()
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
        let groups = grouped(&[first, second.clone(), second], &Cancel::default()).unwrap();
        let [group] = &groups[..] else { panic!("{groups:?}") };
        assert_eq!((group.count, group.declined, group.latest.as_str()), (3, 2, "2026-02-01T00:00:00Z"));
        assert_eq!((group.question.as_str(), group.wordings.len()), ("Who expects a cut?", 2));
        assert_eq!((group.confidence, group.missing.len()), (0.5, 2));
    }

    #[test]
    fn many_questions_that_share_words_are_not_all_compared_with_each_other() {
        // Words without digits: numbers are compared for themselves.
        let word = |start: &str, number: usize| -> String {
            let digits = number.to_string();
            start
                .chars()
                .chain(digits.bytes().map(|digit| char::from(b"bcdfghjkmp"[usize::from(digit - b'0')])))
                .collect()
        };
        // Every one has a word that all have, and two of its own; every second is the one before it in other words.
        let questions: Vec<String> = (0..40_000)
            .map(|number| {
                let own = format!("{} {}", word("bank", number / 2), word("quiz", number / 2));
                if number % 2 == 0 { format!("outlook {own}") } else { format!("{own} Outlook?") }
            })
            .collect();
        let mut grouping = Grouping::default();
        let places: Vec<usize> = questions.iter().map(|question| grouping.place_of(question)).collect();
        assert!((0..40_000).all(|number| places[number] == number / 2));
        assert!(grouping.compared < 10 * questions.len(), "{}", grouping.compared);
        // Where no word is rare, the latest groups are compared.
        let words: Vec<String> = (0..2_000)
            .map(|number| format!("alpha beta gamma delta epsilon {} {}", word("bank", number), word("quiz", number)))
            .collect();
        let mut grouping = Grouping::default();
        words.iter().for_each(|question| _ = grouping.place_of(question));
        assert_eq!(grouping.groups.len(), words.len());
        assert!(grouping.compared <= MAX_COMPARED * words.len(), "{}", grouping.compared);
    }

    #[test]
    fn grouping_ends_when_it_is_cancelled() {
        let cancel = Cancel::default();
        cancel.cancel();
        assert!(grouped(&[asked("who", true, 0.5)], &cancel).is_err());
    }
}
