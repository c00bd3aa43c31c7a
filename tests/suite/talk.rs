//! How Footnote talks with people: messages that ask nothing, notices in the language of the question, and follow-ups.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::harness::{Server, Workspace};

const ECB: &str =
    "# 歐洲央行利率\n\n歐洲央行把存款利率維持在百分之二。多數委員認為明年春天前不需要再動。會後歐元小幅升值。";
const FERRY: &str = "新渡輪「浪白號」六月十日從基隆試航到北竿,航程八小時四十分。船上可載四百二十名旅客與三十輛小客車。\
    船長林可薇說,冬季東北季風強的時候,航程會多一個半小時。";
const CHIPS: &str =
    "TSMC will ship the GB300 module in March. Its contract number is 2330. Inflation has not slowed the work.";

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[("ecb", ECB), ("ferry", FERRY), ("chips", CHIPS)]))
}

/// A server over the same documents that finds no question answered.
fn strict() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start_with("[ask]\nanswerable_from = 1.0\n", &[("ecb", ECB), ("chips", CHIPS)]))
}

fn ask(question: &str) -> Value {
    server().post("/v1/ask", &json!({"question": question})).json()
}

/// What a chat says to the last of these messages of a user.
fn chat(server: &Server, messages: &[&str]) -> String {
    let messages: Vec<Value> = messages.iter().map(|text| json!({"role": "user", "content": text})).collect();
    let reply = server.post("/v1/chat/completions", &json!({"model": "footnote", "messages": messages})).json();
    reply["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
}

#[test]
fn a_message_that_asks_nothing_is_not_answered_and_hears_what_footnote_is_for() {
    for (message, language) in [
        ("?", "en"),
        ("。", "en"),
        ("👍", "en"),
        ("\u{200b}", "en"),
        ("1", "en"),
        ("ok", "en"),
        ("hi there", "en"),
        ("Lorem ipsum dolor sit amet", "en"),
        ("asdfgh", "en"),
        ("xkqjz", "en"),
        ("7777", "en"),
        ("謝謝", "zh-Hant"),
        ("谢谢", "zh-Hans"),
        ("你好", "zh-Hant"),
        ("ありがとう", "ja"),
        ("안녕하세요", "ko"),
        ("Vielen Dank!", "de"),
        ("Merci beaucoup", "fr"),
        ("Buenos días", "es"),
        ("Спасибо", "ru"),
    ] {
        let reply = ask(message);
        let answer = &reply["answer"];
        let facts = (&answer["answerable"], &answer["confidence"], &answer["text"], &answer["sentences"]);
        assert_eq!(facts, (&json!(false), &json!(0.0), &json!(""), &json!([])), "{message:?}");
        assert_eq!(reply["citations"], json!([]), "{message:?}");
        let notice = &answer["notice"];
        assert_eq!((&notice["reason"], &notice["language"]), (&json!("no_question"), &json!(language)), "{message:?}");
        assert!(notice["text"].as_str().unwrap().contains('3'), "the number of documents: {notice}");
        assert_eq!(chat(server(), &[message]), notice["text"].as_str().unwrap());
    }
}

#[test]
fn names_numbers_and_codes_that_the_documents_have_are_answered() {
    for (question, part) in
        [("GB300", "GB300"), ("TSMC?", "TSMC"), ("2330", "2330"), ("inflation?", "Inflation"), ("航程", "航程")]
    {
        let answer = &ask(question)["answer"];
        assert!(answer["text"].as_str().unwrap().contains(part), "{question}: {answer}");
        assert!(answer.get("notice").is_none(), "{question}");
    }
    let unknown = &ask("Foxconn")["answer"];
    assert_eq!((&unknown["answerable"], &unknown["notice"]["reason"]), (&json!(false), &json!("unanswered")));
}

#[test]
fn a_message_that_asks_nothing_gets_the_language_of_the_conversation() {
    let said = chat(server(), &["Wie hoch ist der Einlagensatz?", "ok"]);
    assert!(said.starts_with("Footnote beantwortet Fragen"), "{said}");
    assert!(chat(server(), &["航程多久?", "…"]).starts_with("Footnote 會從這個文件集"));
    assert!(chat(server(), &["航程多久?", "Thanks!"]).starts_with("Footnote answers questions"));
}

#[test]
fn an_unanswered_question_is_declined_in_its_language_everywhere() {
    for (question, said) in [
        ("How do I descale an espresso machine?", "The documents do not answer this. The nearest passages:\n\n- [1] "),
        ("紅樓夢的作者幾歲?", "文件中沒有這個問題的答案。最接近的段落：\n\n- [1] "),
        ("金星有多大？", "文件中沒有這個問題的答案。最接近的段落：\n\n- [1] "),
        (
            "エスプレッソマシンの掃除方法は？",
            "文書の中に、この質問への答えは見つかりませんでした。最も近い箇所：\n\n- [1] ",
        ),
        ("Wie entkalke ich eine Espressomaschine?", "Die Dokumente beantworten diese Frage nicht. Die nächstliegenden"),
    ] {
        let content = chat(strict(), &[question]);
        assert!(content.starts_with(said), "{content}");
    }
    let passages = json!({"model": "footnote:passages", "messages": [{"role": "user", "content": "謝謝"}]});
    let content = server().post("/v1/chat/completions", &passages).json()["choices"][0]["message"]["content"].clone();
    assert!(content.as_str().unwrap().starts_with("Footnote 會從"), "{content}");
    let call = |question: &str| {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "ask", "arguments": {"question": question}}});
        server().post("/mcp", &call).json()["result"].clone()
    };
    let greeted = call("Bonjour");
    assert!(greeted["content"][0]["text"].as_str().unwrap().starts_with("Footnote répond"), "{greeted}");
    assert_eq!(greeted["structuredContent"]["notice"], greeted["content"][0]["text"]);
}

#[test]
fn the_command_line_says_the_same_and_exits_with_1() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run_with_input(&["ingest", "-"], CHIPS.as_bytes()).code, 0);
    let greeted = workspace.run(&["ask", "Bonjour"]);
    assert_eq!((greeted.code, greeted.stderr.contains("Nothing was found")), (1, false), "{}", greeted.stderr);
    assert!(greeted.stdout.starts_with("Footnote répond aux questions"), "{}", greeted.stdout);
    let markdown = workspace.run(&["ask", "--format", "md", "Bonjour"]);
    assert!(markdown.stdout.starts_with("Footnote répond aux questions"), "{}", markdown.stdout);
    let config = workspace.write("strict.toml", "[ask]\nanswerable_from = 1.0\n");
    let declined = workspace.run(&["--config", config.to_str().unwrap(), "ask", "¿Cuál es la capital de Mongolia?"]);
    assert_eq!(declined.code, 1);
    assert!(
        declined.stdout.starts_with("Los documentos no responden a esta pregunta (confidence "),
        "{}",
        declined.stdout
    );
}

/// A server that answers whatever it finds, so that only the conversation decides.
fn lenient() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let documents = [
        ("ecb", ECB),
        ("ferry", FERRY),
        (
            "boj",
            "# 日銀會議\n\n日銀把存款利率維持在百分之零點五,下次會議在一月二十三日。多數經濟學家預期那天會升息一碼。",
        ),
        (
            "honhai",
            "鴻海(2317)七月營收為6,210億元,其中伺服器占比首度超過消費電子。墨西哥新廠年底前可達每週2,000櫃的產能。",
        ),
        ("mediatek", "聯發科(2454)第二季營收為1,520億元,年減3.5%。新一代旗艦手機晶片的出貨時間由九月改到十一月。"),
        (
            "battery",
            "環境部駁回了彰濱電池回收廠的擴建申請,理由是廢水中鎳的濃度超過標準3.5倍。業者表示不服,將提出訴願。\
            當地漁會支持環境部的決定。",
        ),
        (
            "mill",
            "Harlow Mill earned 31 million euros in 2025. Its gross margin was 12 %. Ada Brink has run it since 2019.",
        ),
        (
            "quay",
            "Quay Works earned 52 million euros in 2025. Its gross margin was 9 %. Tom Vale has run it since 2021.",
        ),
    ];
    SERVER.get_or_init(|| Server::start_with("[ask]\nanswerable_from = 0.0\n", &documents))
}

/// The answers to questions that follow one another: the first paragraph of each message, which has the quotes.
fn converse(questions: &[&str]) -> Vec<String> {
    let mut messages: Vec<Value> = Vec::new();
    let mut answers = Vec::new();
    for question in questions {
        messages.push(json!({"role": "user", "content": question}));
        let body = json!({"model": "footnote", "messages": messages});
        let reply = lenient().post("/v1/chat/completions", &body).json();
        let message = &reply["choices"][0]["message"];
        messages.push(json!({"role": "assistant", "content": message["content"]}));
        answers.push(message["content"].as_str().unwrap().split("\n\n").next().unwrap().to_owned());
    }
    answers
}

#[test]
fn a_follow_up_about_something_else_is_answered_about_that() {
    for (before, question, part) in [
        ("歐洲央行的存款利率是多少?", "日銀呢?", "零點五"),
        ("聯發科第二季營收多少?", "那鴻海七月呢?", "6,210"),
        ("新渡輪航程多久?", "船長是誰?", "林可薇"),
        ("為什麼電池廠擴建被駁回?", "誰支持這個決定?", "漁會"),
        ("How much did Harlow Mill earn in 2025?", "What about Quay Works?", "52 million"),
        ("How much did Quay Works earn in 2025?", "And Harlow Mill?", "31 million"),
        ("Wie viel verdiente Harlow Mill 2025?", "Und Quay Works?", "52 million"),
    ] {
        let answers = converse(&[before, question]);
        assert!(answers[1].contains(part), "{before} {question}: {answers:?}");
        let first_quote = answers[0].split('[').next().unwrap();
        assert!(!answers[1].contains(first_quote), "{before} {question}: {answers:?}");
    }
    let answers = converse(&["How much did Harlow Mill earn in 2025?", "And the gross margin?"]);
    assert!(answers[1].contains("12 %"), "of the same subject: {answers:?}");
}

#[test]
fn a_follow_up_to_a_misspelt_question_continues_what_was_searched_for() {
    let before = "What was the gross magrin of Harlow Mill?";
    let first = chat(lenient(), &[before]);
    assert!(first.contains("12 %") && first.contains("“margin”"), "{first}");
    let second = chat(lenient(), &[before, "What about Quay Works?"]);
    assert!(second.contains("9 %") && !second.contains("magrin"), "nothing in it is misspelt: {second}");
}

#[test]
fn a_follow_up_about_what_no_document_has_does_not_get_the_answer_before() {
    for (before, question) in [
        ("歐洲央行的存款利率是多少?", "那聯準會呢?"),
        ("新渡輪航程多久?", "那高鐵呢?"),
        ("How much did Harlow Mill earn in 2025?", "What about Brightwater Tools?"),
    ] {
        let answers = converse(&[before, question]);
        let first_quote = answers[0].split('[').next().unwrap();
        assert!(!first_quote.is_empty() && !answers[1].contains(first_quote), "{before} {question}: {answers:?}");
    }
}

#[test]
fn the_same_question_again_gets_the_same_answer() {
    let answers = converse(&["新渡輪航程多久?", "新渡輪航程多久?"]);
    assert_eq!(answers[0], answers[1]);
    let answers = converse(&["歐洲央行的存款利率是多少?", "謝謝", "歐洲央行的存款利率是多少?"]);
    assert_eq!(answers[0], answers[2]);
}
