//! Which sentences differ, and which are about other things.

use super::*;

fn of(question: &str, one: &str, other: &str) -> Option<(DisagreementKind, String, String)> {
    let lexicon = crate::lexicon::Lexicon::empty().with_bundled();
    let asked = Asked::of(question, super::super::listed_names(&lexicon, question));
    let (one, other) = (Said::new(one, &asked), Said::new(other, &asked));
    let found = difference(&one, &other, &asked);
    found.map(|(kind, one, other)| (kind, one.to_owned(), other.to_owned()))
}

#[test]
fn sentences_differ_in_numbers_dates_and_directions() {
    let number = |one: &str, other: &str| Some((DisagreementKind::Number, one.to_owned(), other.to_owned()));
    assert_eq!(
        of("How long is the bridge?", "The Tannis Bridge is 412 metres long.", "The Tannis Bridge is 421 metres long."),
        number("412 metres", "421 metres")
    );
    assert_eq!(
        of("水費每度多少元?", "青溪市自來水費今年維持每度9.2元。", "青溪市自來水費每度調為10.5元,明年1月起實施。"),
        number("9.2元", "10.5元")
    );
    assert_eq!(
        of("When will it open?", "The museum will open on 3 May 2027.", "The museum will open on 10 June 2027."),
        Some((DisagreementKind::Date, "3 May 2027".into(), "10 June 2027".into()))
    );
    assert_eq!(
        of("How did exports change?", "Exports of tea rose by 6% in October.", "Exports of tea fell by 4% in October."),
        Some((DisagreementKind::Direction, "rose".into(), "fell".into()))
    );
}

#[test]
fn sentences_about_other_periods_or_other_things_do_not_differ() {
    for (question, one, other) in [
        (
            "What was revenue?",
            "Revenue in the second quarter of 2026 was €12 million.",
            "Revenue in the third quarter of 2026 was €19 million.",
        ),
        ("What does it cost?", "Under the 2025 rules it costs £2.00.", "Under the 2026 rules it costs £2.60."),
        (
            "How long is the Tannis Bridge?",
            "The Tannis Bridge is 412 metres long.",
            "The Harbour Bridge is 1,150 metres long.",
        ),
        ("How tall is the tower?", "The Elm Tower is 330 metres tall.", "The Ash Tower is 553 metres tall."),
        (
            "How many cuts does JPMorgan expect in 2027?",
            "JPMorgan expects two cuts in 2027.",
            "UBS expects three cuts in 2027.",
        ),
        ("高盛預期降息幾次?", "高盛預期聯準會明年降息三次。", "瑞銀預期聯準會明年降息兩次。"),
        ("What does the room cost?", "Room 101 costs £20 a night.", "Room 205 costs £30 a night."),
        ("What does the model cost?", "Model A costs £20 in the shop.", "Model B costs £30 in the shop."),
        ("How did exports change?", "Exports of tea rose by 6% in October.", "Exports of tea fell by 4% in September."),
        ("How many came?", "On 3 May 412 visitors came to the fair.", "On 4 May 530 visitors came to the fair."),
        ("How long is the bridge?", "The bridge is 412 metres long.", "Repairs take 14 months."),
        ("How long is the bridge?", "The bridge is 412 metres long.", "The bridge is 412 m long."),
        ("Who leads it?", "Ruth Adeyemi leads it.", "It has 2,400 aircraft."),
    ] {
        assert_eq!(of(question, one, other), None, "{one} | {other}");
    }
}

#[test]
fn sentences_that_have_other_words_of_the_question_do_not_differ() {
    let found = |question: &str, one: &str, other: &str| of(question, one, other).is_some();
    let ticket = "How much does an adult ticket cost?";
    assert!(!found(ticket, "An adult ticket costs £12.", "A child ticket costs £6."));
    assert!(found(ticket, "An adult ticket costs £12.", "An adult ticket costs £14."));
    let bridge = "How long is the bridge?";
    assert!(!found(bridge, "The bridge is 412 m long.", "The bridge is 31 m wide."));
    assert!(found(bridge, "The bridge is 412 m long.", "The bridge is 421 m long."));
}

#[test]
fn how_many_and_what_rate_are_answered_by_numbers_of_that_kind() {
    let versions =
        ("The Tannis Bridge is 421 metres long.", "The Tannis Bridge is 412 metres long and has four lanes.");
    assert_eq!(of("How many lanes does the Tannis Bridge have?", versions.0, versions.1), None);
    assert!(of("How many metres is the Tannis Bridge long?", versions.0, versions.1).is_some());
    let prices = (
        "Strom kostet in Lindenau ab Januar 31,4 Cent je Stunde.",
        "Strom kostet in Lindenau ab Januar 29,8 Cent je Stunde.",
    );
    assert_eq!(of("Wie viele Haushalte betrifft der Strompreis in Lindenau?", prices.0, prices.1), None);
    let fees = ("青溪市自來水費每度調為10.5元。", "青溪市自來水費今年維持每度9.2元。");
    assert_eq!(of("青溪市的漏水率是多少?", fees.0, fees.1), None);
}

#[test]
fn what_holds_at_present_is_compared_across_days() {
    let rates = ("日銀は10月30日、政策金利を1.0％に引き上げた。", "日銀は7月31日、政策金利を0.75％に据え置いた。");
    assert!(of("日銀の政策金利は何％ですか", rates.0, rates.1).is_some());
    assert_eq!(of("日銀は7月31日に政策金利を何％にしましたか", rates.0, rates.1), None);
    let people = ("白砂町の人口は10月1日時点で8310人に減った。", "白砂町の人口は4月1日時点で8420人になった。");
    assert!(of("白砂町の人口は何人ですか", people.0, people.1).is_some());
}

#[test]
fn only_expectations_of_about_the_same_size_differ() {
    let (gold, oil) = (
        "Morgan Stanley expects gold at $4,600 at the end of 2027.",
        "JPMorgan expects oil at $64 at the end of 2027.",
    );
    assert_eq!(of("What gold price is expected at the end of 2027?", gold, oil), None);
    let other = "HSBC expects gold at $4,300 at the end of 2027.";
    assert!(of("What gold price is expected at the end of 2027?", gold, other).is_some());
}
