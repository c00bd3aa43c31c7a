//! The records of a collection, on a real disk.

use super::*;
use crate::keys::Holder;

fn question(text: &str, key: Option<&str>) -> LoggedQuestion {
    LoggedQuestion::now(text, false, 0.2, &["高盛".to_owned()], key.map(holder).as_ref())
}

fn holder(name: &str) -> Holder {
    Holder { name: name.into(), id: format!("{name}-id") }
}

fn feedback(question: &str, document: Option<&str>, comment: Option<&str>) -> Feedback {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let new = NewFeedback {
        question: question.into(),
        judgement: Judgement::HasAnswer,
        document: owned(document),
        comment: owned(comment),
        ..NewFeedback::default()
    };
    Feedback::of(new, None).unwrap()
}

#[test]
fn questions_are_read_in_order_and_removed_one_by_one() {
    let dir = tempfile::tempdir().unwrap();
    let records = Records::of(dir.path());
    assert_eq!(records.questions().unwrap(), []);
    assert_eq!(records.remove_questions(&mut |_| true).unwrap(), 0);
    let all = [question("誰?\n(2)", None), question("who?", Some("phone"))];
    all.iter().for_each(|question| records.log(question).unwrap());
    assert_eq!(records.questions().unwrap(), all);
    assert_eq!(records.remove_questions(&mut |question| question.key.is_some()).unwrap(), 1);
    assert_eq!(records.questions().unwrap(), all[..1]);
}

#[test]
fn nothing_is_logged_beside_a_collection_that_does_not_exist() {
    let dir = tempfile::tempdir().unwrap();
    let gone = dir.path().join("gone");
    Records::of(&gone).log(&question("who?", None)).unwrap();
    assert!(!gone.exists());
    assert!(Records::of(&gone).add(&feedback("who?", None, None)).is_err(), "feedback is not lost without a word");
}

#[test]
fn what_many_write_at_once_is_all_there() {
    let dir = tempfile::tempdir().unwrap();
    let records = Records::of(dir.path());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let records = &records;
            scope.spawn(move || {
                for number in 0..25 {
                    records.log(&question(&format!("{thread} {number} {}", "字".repeat(2_000)), None)).unwrap();
                    records.add(&feedback(&format!("{thread} {number}"), None, None)).unwrap();
                }
            });
        }
    });
    assert_eq!(records.feedback().unwrap().len(), 200);
    let logged = records.questions().unwrap();
    assert_eq!(logged.len(), 200);
    assert!(logged.iter().all(|question| question.question.ends_with('字')));
}

#[test]
fn a_question_does_not_wait_for_whoever_rewrites_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let records = Records::of(dir.path());
    records.log(&question("before", None)).unwrap();
    let locked = records.folder.lock(LOG).unwrap();
    records.log(&question("meanwhile", None)).unwrap();
    drop(locked);
    records.log(&question("after", None)).unwrap();
    let texts: Vec<String> = records.questions().unwrap().into_iter().map(|question| question.question).collect();
    assert_eq!(texts, ["before", "after"]);
}

#[test]
fn the_log_has_a_largest_size_and_keeps_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let records = Records::of(dir.path());
    let long = "字".repeat(8_000);
    for number in 0..300 {
        records.log(&question(&format!("{number} {long}"), None)).unwrap();
    }
    let bytes: u64 =
        [LOG, EARLIER_LOG].iter().filter_map(|name| records.folder.file(name).metadata().ok()).map(|m| m.len()).sum();
    assert!(bytes < 2 * MAX_LOG_BYTES + 100_000, "{bytes}");
    let numbers: Vec<usize> =
        records.questions().unwrap().iter().map(|q| q.question.split(' ').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers.last(), Some(&299));
    assert!(numbers.len() > 80 && numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{numbers:?}");
}

#[test]
fn of_too_much_feedback_the_oldest_leaves() {
    let dir = tempfile::tempdir().unwrap();
    let records = Records::of(dir.path());
    records.add(&feedback("first", None, None)).unwrap();
    let lines: Vec<String> = (1..MAX_FEEDBACK).map(|n| line(&feedback(&n.to_string(), None, None))).collect();
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    let mut file = std::fs::File::options().append(true).open(records.folder.file(FEEDBACK)).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    records.add(&feedback("last", None, None)).unwrap();
    let kept = records.feedback().unwrap();
    assert_eq!(kept.len(), MAX_FEEDBACK * 9 / 10 + 1);
    assert_eq!((kept[0].question.as_str(), kept[kept.len() - 1].question.as_str()), ("1000", "last"));
}

#[test]
fn of_too_much_feedback_that_of_the_key_with_most_leaves() {
    let dir = tempfile::tempdir().unwrap();
    let records = Records::of(dir.path());
    let of = |key: Option<&str>, question: &str| {
        let new = NewFeedback { question: question.into(), key: key.map(holder), ..NewFeedback::default() };
        line(&Feedback::of(new, None).unwrap())
    };
    records.add(&feedback("mine", None, None)).unwrap();
    let few = (0..100).map(|number| of(Some("few"), &format!("few {number}")));
    let many = (0..MAX_FEEDBACK).map(|number| of(Some("many"), &format!("many {number}")));
    let text: String = few.chain(["half a line".to_owned()]).chain(many).flat_map(|line| [line, "\n".into()]).collect();
    let mut file = std::fs::File::options().append(true).open(records.folder.file(FEEDBACK)).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    records.add(&feedback("last", None, None)).unwrap();
    let kept = records.feedback().unwrap();
    assert_eq!(kept.len(), MAX_FEEDBACK * 9 / 10 + 1);
    let of_key = |id: &str| kept.iter().filter(|feedback| feedback.key_id.as_deref() == Some(id)).count();
    assert_eq!((kept[0].question.as_str(), of_key("few-id")), ("mine", 100));
    assert_eq!(kept[kept.len() - 2].question, format!("many {}", MAX_FEEDBACK - 1), "the oldest left");
    let long: Vec<String> = [("rare", 1), ("many", 40)]
        .iter()
        .flat_map(|(key, count)| (0..*count).map(|_| of(Some(key), &"字".repeat(200))))
        .collect();
    let kept = shortened(&long, String::len, long[0].len() * 10);
    assert!(kept.len() == 10 && kept[0].contains("rare-id"), "bytes are shared, too");
}

#[test]
fn half_a_line_that_a_crash_left_costs_only_itself() {
    let dir = tempfile::tempdir().unwrap();
    let records = Records::of(dir.path());
    records.log(&question("one", None)).unwrap();
    let path = records.folder.file(LOG);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, [&whole[..], &whole[..20]].concat()).unwrap();
    records.log(&question("two", None)).unwrap();
    let texts: Vec<String> = records.questions().unwrap().into_iter().map(|question| question.question).collect();
    assert_eq!(texts, ["one", "two"]);
    assert_eq!(records.remove_questions(&mut |question| question.question == "one").unwrap(), 1);
    assert_eq!(records.folder.lines(LOG).unwrap().len(), 2, "whoever removes some leaves what cannot be read");
    let unfinished = records.folder.file("questions.jsonl.tmp-new");
    std::fs::write(&unfinished, "one").unwrap();
    assert_eq!(records.clear_questions().unwrap(), 1);
    assert!(!path.exists() && !unfinished.exists(), "whoever clears all leaves nothing");
    records.log(&question("three", None)).unwrap();
    assert_eq!(records.questions().unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_what_was_asked() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let records = Records::of(dir.path());
    records.log(&question("who?", None)).unwrap();
    records.add(&feedback("who?", None, None)).unwrap();
    records.remove_questions(&mut |_| true).unwrap();
    for entry in std::fs::read_dir(records.folder.path()).unwrap().flatten() {
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_not_followed() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let records = Records::of(dir.path());
    records.log(&question("who?", None)).unwrap();
    let target = elsewhere.path().join("theirs");
    std::fs::write(&target, "theirs").unwrap();
    std::fs::remove_file(records.folder.file(LOG)).unwrap();
    std::os::unix::fs::symlink(&target, records.folder.file(LOG)).unwrap();
    assert!(records.log(&question("who?", None)).is_err());
    assert!(records.questions().is_err());
    std::fs::write(&target, line(&feedback("theirs", None, None))).unwrap();
    std::os::unix::fs::symlink(&target, records.folder.file(FEEDBACK)).unwrap();
    assert!(records.feedback().is_err() && records.add(&feedback("who?", None, None)).is_err());
    let copy = tempfile::tempdir().unwrap();
    assert!(records.copy_feedback_to(copy.path()).is_err());
    assert_eq!(std::fs::read_dir(copy.path()).unwrap().count(), 0);
    assert!(std::fs::read_to_string(&target).unwrap().contains("theirs"));
    let linked = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), linked.path().join("feedback")).unwrap();
    std::fs::rename(&target, elsewhere.path().join(FEEDBACK)).unwrap();
    assert!(Records::of(linked.path()).log(&question("who?", None)).is_err());
    assert_eq!(Records::of(linked.path()).feedback().unwrap(), []);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}

#[test]
fn an_erasure_leaves_nothing_of_a_document_that_is_gone_and_no_comment_that_may_quote_one() {
    let dir = tempfile::tempdir().unwrap();
    let records = Records::of(dir.path());
    let add = |judgement, document: Option<&str>, comment: &str| {
        let (document, comment) = (document.map(str::to_owned), Some(comment.to_owned()));
        let new = NewFeedback { question: "who?".into(), judgement, document, comment, ..NewFeedback::default() };
        records.add(&Feedback::of(new, None).unwrap()).unwrap();
    };
    add(Judgement::Right, Some("ledger"), "of the ledger");
    add(Judgement::Right, Some("bakery"), "of the bakery");
    // The answer was from the ledger.
    add(Judgement::WrongSentence, Some("bakery"), "the ledger says nine");
    add(Judgement::WrongDocument, Some("bakery"), "not the ledger");
    add(Judgement::HasAnswer, None, "of who knows what");
    add(Judgement::Right, None, "as who knows what says");
    // As a crash leaves them.
    std::fs::write(records.folder.file("feedback.jsonl.tmp-new"), "of the ledger").unwrap();
    assert!(records.names_any(&["ledger".to_owned()]).unwrap());
    records.erase(&mut |document| Ok(document == "bakery")).unwrap();
    let kept = records.feedback().unwrap();
    let comments: Vec<Option<&str>> = kept.iter().map(|feedback| feedback.comment.as_deref()).collect();
    assert_eq!(comments, [Some("of the bakery"), None, None, None, None]);
    assert!(!records.names_any(&["ledger".to_owned()]).unwrap());
    for entry in std::fs::read_dir(records.folder.path()).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        assert!(!text.contains("ledger") && !text.contains("who knows"), "{:?}", entry.path());
    }
}

#[test]
fn a_copy_has_the_feedback_and_not_the_questions() {
    let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let records = Records::of(dir.path());
    records.copy_feedback_to(copy.path()).unwrap();
    assert_eq!(std::fs::read_dir(copy.path()).unwrap().count(), 0, "nothing makes no folder");
    records.log(&question("who?", None)).unwrap();
    records.add(&feedback("who?", Some("a"), None)).unwrap();
    // As a crash leaves it, or somebody who is not Footnote.
    std::fs::File::options()
        .append(true)
        .open(records.folder.file(FEEDBACK))
        .and_then(|mut file| std::io::Write::write_all(&mut file, b"half a line"))
        .unwrap();
    records.copy_feedback_to(copy.path()).unwrap();
    let copied = Records::of(copy.path());
    assert_eq!(copied.folder.lines(FEEDBACK).unwrap().len(), 1, "what is no feedback is not copied");
    assert_eq!(copied.feedback().unwrap(), records.feedback().unwrap());
    assert_eq!(copied.questions().unwrap(), []);
}

#[test]
fn reading_creates_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let records = Records::of(dir.path());
    std::fs::create_dir(records.folder.path()).unwrap();
    std::fs::write(records.folder.file(FEEDBACK), line(&feedback("who?", Some("a"), None))).unwrap();
    assert!(records.names_any(&["a".into()]).unwrap() && records.questions().unwrap().is_empty());
    assert_eq!(std::fs::read_dir(records.folder.path()).unwrap().count(), 1);
}

#[test]
fn the_words_of_feedback_are_found_again_where_a_new_version_has_them() {
    let text = "甲說會降息。乙說不會。";
    let quote = PlacedQuote::of(text, [18, 33]).unwrap();
    assert_eq!(quote.find(text), Some(([18, 33], "乙說不會。")));
    assert_eq!(quote.find("前言。甲說會降息。乙說不會。").unwrap().1, "乙說不會。");
    assert_eq!(quote.find("乙說不會"), None);
    let same_sum = "會不說乙。";
    assert_eq!(quote.find(&format!("{same_sum}{}乙說不會。", "前".repeat(9_000))).unwrap().0, [27_015, 27_030]);
    assert_eq!(quote.find(same_sum), None);
    assert!(!line(&quote).contains('乙'), "a record has none of the words");
    for outside in [[0, 34], [1, 3], [3, 3], [6, 3], [usize::MAX, usize::MAX]] {
        assert_eq!(PlacedQuote::of(text, outside), None, "{outside:?}");
    }
}

#[test]
fn feedback_that_contradicts_itself_is_refused() {
    let of = |judgement, answered, document: Option<&str>| {
        let document = document.map(str::to_owned);
        Feedback::of(NewFeedback { judgement, answered, document, ..NewFeedback::default() }, None)
    };
    assert!(of(Judgement::HasAnswer, Some(true), None).is_err());
    assert!(of(Judgement::WrongSentence, Some(false), None).is_err());
    assert!(of(Judgement::NoAnswer, None, Some("a")).is_err());
    assert!(of(Judgement::Right, Some(false), Some("a")).is_err());
    assert!(of(Judgement::Right, None, Some("a")).unwrap().answered);
    assert!(!of(Judgement::Right, Some(false), None).unwrap().answered);
    assert!(!of(Judgement::HasAnswer, None, Some("a")).unwrap().answered);
}

#[test]
fn a_day_is_its_beginning_and_times_sort_like_text() {
    assert_eq!(since("2026-01-31").unwrap(), "2026-01-31T00:00:00Z");
    assert_eq!(since("2026-01-31T01:30:00+08:00").unwrap(), "2026-01-30T17:30:00Z");
    assert!(since("2026-01").is_err() && since("yesterday").is_err());
    assert!(question("who?", None).time > since("2026-01-01").unwrap());
}
