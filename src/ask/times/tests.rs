//! Which words of a question are the time of documents.

use proptest::prelude::*;

use super::*;

fn today() -> Date {
    Date::constant(2026, 11, 27)
}

fn shown(question: &str) -> String {
    let Some(time) = asked(question, today()) else { return String::new() };
    let bound = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    let reach = match time.reach {
        Reach::Newest => "newest",
        Reach::Preferred => "first ",
        Reach::Required => "only ",
    };
    let window = if time.reach == Reach::Newest {
        String::new()
    } else {
        format!("{}..{}", bound(time.window.since), bound(time.window.until))
    };
    format!("{reach}{window}")
}

#[test]
fn a_time_is_counted_from_today_in_each_language() {
    for (expected, questions) in [
        (
            "newest",
            vec![
                "What is the latest fare?",
                "What does a ticket cost now?",
                "最新的水費是多少?",
                "最新的水费是多少?",
                "現在の人口は何人ですか",
                "Wie hoch ist der aktuelle Zins?",
                "Quel est le taux actuel ?",
                "¿Cuál es el tipo actual?",
                "현재 금리는 얼마인가요?",
            ],
        ),
        (
            "only 2026-11-16..2026-11-22",
            vec![
                "What did the ECB decide last week?",
                "上週央行決定了什麼?",
                "上周央行决定了什么?",
                "先週、日銀は何を決めましたか",
                "Was hat die EZB letzte Woche beschlossen?",
                "Qu'a décidé la BCE la semaine dernière ?",
                "¿Qué decidió el BCE la semana pasada?",
                "지난주 한국은행은 무엇을 결정했나요?",
            ],
        ),
        (
            "only 2026-11-23..",
            vec![
                "What happened this week?",
                "What did the ECB decide this week?",
                "今週は何がありましたか",
                "本週有什麼新聞?",
            ],
        ),
        ("only 2026-07-01..2026-09-30", vec!["What was revenue last quarter?", "上個季度的營收是多少?"]),
        ("only 2025-01-01..2025-12-31", vec!["What did it cost last year?", "去年的票價是多少?", "昨年の人口は?"]),
        (
            "only 2026-03-01..",
            vec!["What has changed since March?", "三月以來有什麼改變?", "Was hat sich seit März geändert?"],
        ),
        ("only 2025-01-01..", vec!["What has changed since 2025?", "2025年以来有什么变化?", "2025年以降の変化は?"]),
        (
            "only 2026-11-24..",
            vec!["What was said in the past three days?", "過去三天有什麼消息?", "近三天有什麼消息?"],
        ),
        (
            "first 2025-01-01..2025-12-31",
            vec!["What did it cost in 2025?", "民國114年的票價是多少?", "令和7年の人口は?"],
        ),
        ("first 2026-05-01..2026-05-31", vec!["Which decision did the ECB take in May?"]),
        ("first 2026-03-01..", vec!["What does the ferry cost since March?"]),
        ("first 2026-11-23..", vec!["Which concerts are there this week?"]),
        ("first 2026-09-01..2026-09-30", vec!["Which decision did the ECB take in September?", "央行9月做了什麼決定?"]),
        ("first 2026-01-01..", vec!["今年有多少人參觀?", "How many came this year?"]),
    ] {
        for question in questions {
            assert_eq!(shown(question), expected, "{question}");
        }
    }
}

#[test]
fn a_time_that_the_question_is_about_is_no_time_of_documents() {
    for question in [
        "Who expects the Fed to cut in 2027?",
        "GDP forecast for 2027",
        "誰預期聯準會2026年會降息?",
        "Will the BOJ raise rates this month?",
        "Wird die EZB ihre Zinsen im Jahr 2026 ändern?",
        "How large is the current account deficit?",
        "Who is the captain?",
        "What caused INC-1874?",
        "Who closed ticket #2025?",
        "",
    ] {
        assert_eq!(shown(question), "", "{question}");
    }
}

#[test]
fn plain_questions_stay_plain() {
    for question in [
        "Does the battery last 3 days?",
        "How far past 30 days may I return it?",
        "Que couvrent les 12 mois de garantie ?",
        "會員前三個月要付多少?",
        "前三季的營收是多少?",
        "這三天的行程是什麼?",
        "Who owns USA Today?",
        "Who hosts Last Week Tonight?",
        "Last Week Tonight is hosted by whom?",
        "Who wrote Yesterday?",
        "Who directed Apocalypse Now?",
        "Who sings \"all I did last week\"?",
        "誰寫了《去年夏天》?",
        "What happened in the last week of the war?",
        "Who was president during last year of the war?",
        "How strong is the current in the strait?",
        "Is the software up to date?",
        "離車站最近的旅館是哪一家?",
        "금주하면 무엇이 좋아지나요?",
        "4月から水道料金はいくらですか",
        "9月起票價是多少?",
        "How much has the climate warmed since 1850?",
        "How many people have moved there since 1950?",
        "去年度的預算是多少?",
        "昨年度の予算はいくらですか",
        "上週五開會的地點在哪裡?",
        "去年底有多少人?",
        "前期の売上はいくらですか",
        "今期の売上はいくらですか",
        "營收比去年成長多少?",
        "Is the fare higher than last year?",
        "How do last week and last month differ?",
        "誰第一個登上月球?",
        "線上週年慶有哪些優惠?",
        "日本日銀決定了什麼?",
        "日本週刊文春報導了什麼?",
        "基本月租費是多少?",
        "日本年假有幾天?",
        "這個月餅多少錢?",
        "二戰爆發前一年發生了什麼?",
        "Was geschah im letzten Jahr seiner Amtszeit?",
        "What is the maximum current of the fuse?",
        "What is the latest check-in time?",
    ] {
        assert_eq!(shown(question), "", "{question}");
    }
}

#[test]
fn nowadays_is_no_day() {
    for question in [
        "Wie viele Menschen leben heute in Berlin?",
        "How many people live there today?",
        "Combien de personnes y vivent aujourd'hui ?",
        "¿Cuántas personas viven hoy en Madrid?",
        "今日の人口は何人ですか",
        "今天有多少人住在那裡?",
        "오늘 인구는 얼마인가요?",
        "Can I change my booking today?",
        "How did Berlin become what it is today?",
        "What did the Romans invent that we still use today?",
        "今天最暢銷的小說是哪一本?",
    ] {
        let time = asked(question, today()).unwrap();
        assert_eq!((shown(question).as_str(), time.text.as_str()), ("newest", question));
    }
}

#[test]
fn today_is_a_day_in_a_question_for_what_happened() {
    for question in ["What did the ECB decide today?", "今天日銀宣布了什麼?", "Was hat die EZB heute beschlossen?"]
    {
        let time = asked(question, today()).unwrap();
        assert_eq!((time.reach, time.window.since), (Reach::Required, Some(today())), "{question}");
    }
}

#[test]
fn a_part_has_the_time_of_its_question() {
    let part = |whole: &str, part: &str| part_in_time(whole, part, today());
    let whole = "Last week, what did the ECB decide and what did the BOJ decide?";
    assert_eq!(part(whole, "what did the BOJ decide?"), "what did the BOJ decide last week?");
    assert_eq!(part("上週高盛和摩根說了什麼?", "摩根說了什麼?"), "上週摩根說了什麼?");
    assert_eq!(part("When was it built? What does it cost?", "What does it cost?"), "What does it cost?");
}

#[test]
fn the_words_are_left_out_of_what_is_searched_for() {
    for (question, searched) in [
        ("What is the latest fare for the ferry?", "What is the latest fare for the ferry?"),
        ("What did the ECB decide last week?", "What did the ECB decide?"),
        ("最新的青溪市自來水費是多少?", "最新的青溪市自來水費是多少?"),
        ("What has changed on the ferry since March?", "What has changed on the ferry?"),
        ("民國114年的票價是多少?", "2025年的票價是多少?"),
        ("What did it cost in 2025?", "What did it cost in 2025?"),
        ("latest", "latest"),
    ] {
        assert_eq!(asked(question, today()).unwrap().text, searched, "{question}");
    }
}

#[test]
fn a_text_names_a_time_by_its_own_date() {
    let window = asked("What was revenue last quarter?", today()).unwrap().window;
    let names = |text: &str, published: &str| names_time(text, Some("en"), Some(published), &window);
    assert!(names("Revenue in the third quarter of 2026 was €19 million.", "2026-10-28"));
    assert!(names("Revenue last quarter was €19 million.", "2026-10-28"));
    assert!(!names("Revenue last quarter was €19 million.", "2026-07-28"));
    assert!(!names("Revenue in the second quarter of 2026 was €12 million.", "2026-10-28"));
    let window = asked("How much was exported in 2025?", today()).unwrap().window;
    assert!(names_time("In 2025 it exported 64 tons.", Some("en"), None, &window));
    assert!(!names_time("Last year it exported 64 tons.", Some("en"), None, &window));
    let window = asked("What was revenue last quarter?", today()).unwrap().window;
    let names = |text: &str, published: &str| names_time(text, Some("en"), Some(published), &window);
    // A month without a year may be still to come, and so may the end of a year.
    assert!(!names("A ticket costs £14.00 from September.", "2026-08-28"));
    let window = asked("What was said in the last three days?", today()).unwrap().window;
    assert!(!names_time("It sees oil at $71 at the end of 2030.", Some("en"), Some("2026-01-05"), &window));
}

proptest! {
    #[test]
    fn any_question_is_read(question in "\\PC{0,50}|(since |last |week |2025|年|去年|March |past | 9999 days|in ){0,8}") {
        if let Some(time) = asked(&question, today()) {
            prop_assert!(question.contains(time.words.as_str()));
        }
    }
}
