//! Whether a message asks anything. Greetings, thanks, marks alone and random letters would otherwise be answered with
//! whatever passage happens to be nearest.

mod orders;
mod random;
mod small_talk;

use crate::passage::FoundPassage;
use crate::terms::language::is_unspaced;
use crate::terms::{Script, ascii_digit, fold, is_invisible, is_question_word, runs};
use random::looks_random;

/// Digits from which a number alone may be a code or a year that the documents have.
const MIN_CODE_DIGITS: usize = 2;

/// Words with which one asks about nothing but a name: "what is …?", "tell me about …".
const NAMING: &[&str] = &["a", "about", "an", "are", "is", "me", "tell", "the", "what", "who"];

/// Where a greeting ends, or thanks begin.
const PAUSES: [char; 13] = ['.', '!', '?', ',', ';', '…', '\n', '。', '！', '？', '，', '；', '、'];
const ENDS: [char; 7] = ['.', '!', '?', '\n', '。', '！', '？'];
/// A question without its greeting has so many words, or characters in writing without spaces, or a question mark: "Hello,
/// World" is a name.
const MIN_WORDS: usize = 3;

/// What a message asks, as far as its words show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Something.
    Question,
    /// A single word of an alphabet, alone or as in "what is …?". A name that no passage has is as near to every passage as to any other.
    Word,
    /// Something only if a passage has one of its words: a number, or letters that look random.
    IfKnown,
    /// Nothing: it is an order that is not followed, such as to write a poem.
    Order,
    /// Nothing. The language of its words as a BCP 47 tag without a script, if they have one.
    Nothing(Option<&'static str>),
}

/// Whether a message asks anything.
pub fn content(text: &str) -> Content {
    let is_word = |c: char| c.is_alphanumeric() && !is_invisible(c);
    if !text.contains(is_word) {
        return Content::Nothing(None);
    }
    if let Some(small_talk) = small_talk::small_talk(text) {
        return Content::Nothing(small_talk.language);
    }
    if orders::is_order(text) {
        return Content::Order;
    }
    let folded = fold(text);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_number = |word: &&str| word.chars().all(|c| ascii_digit(c).is_some() || c.is_numeric());
    if words.iter().all(is_number) {
        let digits: usize = words.iter().map(|word| word.chars().count()).sum();
        return if digits < MIN_CODE_DIGITS { Content::Nothing(None) } else { Content::IfKnown };
    }
    // A single letter of an alphabet. A single Chinese character can be a word.
    if let [word] = words[..]
        && let Some(letter) = single(word)
        && (letter.is_lowercase()
            || matches!(letter, '\u{3041}'..='\u{30FF}' | '\u{1100}'..='\u{11FF}' | '\u{3131}'..='\u{318E}'))
    {
        return Content::Nothing(None);
    }
    if looks_random(text) {
        return Content::IfKnown;
    }
    let mut asked = runs(&folded).filter(|run| !NAMING.contains(&run.text));
    match (asked.next(), asked.next()) {
        (Some(run), None) if run.script == Script::Alphabetic && !is_question_word(run.text) => Content::Word,
        _ => Content::Question,
    }
}

/// A question without the greetings before it and the thanks behind it: they would be searched for, too. What is left asks
/// something.
pub(super) fn without_small_talk(question: &str) -> &str {
    let is_small_talk = |part: &str| small_talk::small_talk(part).is_some();
    let mut left = question.trim();
    while let Some(end) = left.find(PAUSES) {
        let behind = left[end..].trim_start_matches(PAUSES).trim_start();
        // "Hello, Dolly!" is a name: behind a comma, something is asked.
        let is_name = !left[end..].starts_with(ENDS) && !asks(behind);
        if behind.is_empty() || is_name || !is_small_talk(&left[..end]) || left[..end].contains(is_quote) {
            break;
        }
        left = behind;
    }
    loop {
        let said = left.trim_end_matches(|c: char| PAUSES.contains(&c) || c.is_whitespace());
        // "Who sings Hello, Goodbye?"
        let Some(at) = said.rfind(ENDS) else { break };
        let before = &left[..at + said[at..].chars().next().map_or(0, char::len_utf8)];
        if !is_small_talk(&said[at..]) || before.trim_matches(PAUSES).trim().is_empty() {
            break;
        }
        left = before.trim_end();
    }
    let words = left.split_whitespace().count();
    let is_whole = words >= MIN_WORDS
        || left.ends_with(['?', '？'])
        || left.chars().filter(|c| is_unspaced(*c)).count() >= MIN_WORDS;
    if is_whole && content(left) == Content::Question { left } else { question.trim() }
}

/// Whether a text has a question mark, or a word that asks.
fn asks(text: &str) -> bool {
    text.contains(['?', '？', '؟'])
        || text.chars().filter(|c| is_unspaced(*c)).count() >= MIN_WORDS
        || fold(text).split(|c: char| !c.is_alphanumeric()).any(|word| ASKING.contains(&word))
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '「' | '『' | '《')
}

/// Words that ask, folded.
const ASKING: &[&str] = &[
    "who", "what", "when", "where", "why", "how", "which", "is", "are", "do", "does", "did", "can", "could", "will",
    "would", "wer", "was", "wann", "wo", "warum", "wie", "welche", "ist", "sind", "kann", "qui", "que", "quoi",
    "quand", "ou", "pourquoi", "comment", "combien", "quel", "quelle", "est", "quien", "cuando", "donde", "como",
    "cuanto", "cual", "es",
];

/// Whether a message asks nothing, given the passages that were found for it.
pub(super) fn asks_nothing(text: &str, passages: &[FoundPassage]) -> bool {
    match content(text) {
        Content::Question | Content::Word | Content::Order => false,
        // A passage with one of the words would be among the best.
        Content::IfKnown => passages.iter().all(|passage| passage.scores.lexical == 0.0),
        Content::Nothing(_) => true,
    }
}

fn single(word: &str) -> Option<char> {
    let mut chars = word.chars();
    chars.next().filter(|_| chars.next().is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_emoji_and_single_letters_ask_nothing() {
        for text in ["?", "。", "...", "…", "？！", "👍", "🙏🏽", "\u{200b}", "1", "٣", "a", "B?", "ㅋ", "あ", "-", "$ 5"]
        {
            assert_eq!(content(text), Content::Nothing(None), "{text:?}");
        }
    }

    #[test]
    fn greetings_thanks_and_tests_ask_nothing_and_have_a_language() {
        for (language, texts) in [
            (
                "en",
                vec![
                    "Hello",
                    "hi there!",
                    "Hiiii",
                    "Thanks!",
                    "THANK YOU so much 🙏",
                    "Hello, thanks a lot",
                    "Bye",
                    "Got it, thanks.",
                ],
            ),
            (
                "zh",
                vec!["謝謝", "你好", "您好，謝謝您", "好的，謝謝！", "測試", "测试", "谢谢你的帮忙", "哈哈哈", "好"],
            ),
            ("ja", vec!["ありがとう", "こんにちは！", "本当にありがとうございます", "テスト", "了解です"]),
            ("ko", vec!["안녕하세요", "정말 감사합니다!", "테스트입니다"]),
            ("de", vec!["Danke", "Guten Tag zusammen", "Vielen Dank für die Hilfe!", "Tschüss", "Dankeschön, danke"]),
            ("fr", vec!["Bonjour", "Merci beaucoup !", "D'accord, merci", "Qui êtes-vous ?"]),
            ("es", vec!["¡Hola!", "Muchas gracias por tu ayuda", "Buenos dias a todos"]),
            ("pt", vec!["Olá", "Muito obrigado!", "Bom dia pessoal"]),
            ("it", vec!["Buongiorno a tutti", "Grazie mille"]),
            ("ru", vec!["Привет", "Спасибо большое!"]),
            ("vi", vec!["Xin chào", "Cảm ơn bạn nhiều"]),
            ("id", vec!["Terima kasih banyak", "Selamat pagi semua"]),
            ("th", vec!["สวัสดีครับ", "ขอบคุณมากค่ะ"]),
            ("ar", vec!["شكرا جزيلا", "مرحبا"]),
            ("tr", vec!["Teşekkürler", "Merhaba arkadaşlar"]),
            ("hi", vec!["नमस्ते", "बहुत धन्यवाद"]),
        ] {
            for text in texts {
                assert_eq!(content(text), Content::Nothing(Some(language)), "{text}");
            }
        }
        for text in [
            "ok",
            "OK.",
            "Okay!!",
            "test 123",
            "Lorem ipsum",
            "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
            "lol",
        ] {
            assert_eq!(content(text), Content::Nothing(None), "{text}");
        }
    }

    #[test]
    fn letters_at_random_and_long_numbers_ask_something_only_if_the_documents_have_them() {
        for text in [
            "asdfgh",
            "asdfgh qwerty",
            "xkqjz",
            "sdfsdf",
            "qwertyuiop",
            "hjkl",
            "aaaaaa",
            "2330",
            "42",
            "1.4",
            "2026-01-08",
            "vfgbnhj",
            "zxcvbnm!",
            "Fjdksl",
        ] {
            assert_eq!(content(text), Content::IfKnown, "{text}");
        }
    }

    #[test]
    fn greetings_before_a_question_and_thanks_behind_it_are_left_out() {
        for (message, question) in [
            ("Hi there! Is the filter holder dishwasher safe? Thanks!", "Is the filter holder dishwasher safe?"),
            ("Hello, who expects the Fed to cut in 2026", "who expects the Fed to cut in 2026"),
            ("您好，請問圖書館幾點關門？謝謝", "請問圖書館幾點關門？"),
            ("こんにちは。自転車は持ち込めますか？ありがとうございます。", "自転車は持ち込めますか？"),
            ("Guten Tag, wann darf ich joggen? Vielen Dank.", "wann darf ich joggen?"),
        ] {
            assert_eq!(without_small_talk(message), question);
        }
        for message in [
            "Hello, World",
            "Hello",
            "Thanks!",
            "Who sings Hello, Goodbye?",
            "Is it open, and when?",
            "謝謝",
            "",
            "?",
            "a. b",
        ] {
            assert_eq!(without_small_talk(message), message);
        }
    }

    #[test]
    fn names_codes_and_single_words_are_questions() {
        for text in [
            "TSMC",
            "ECB",
            "GB300",
            "BOJ?",
            "inflation?",
            "通膨",
            "金",
            "Foxconn",
            "Nvidia",
            "H20",
            "5G",
            "Zinssenkung?",
            "Wert",
            "Deutschland",
            "Rechtsschutz",
            "Angstschweiß",
            "Wirtschaftsprüfer",
            "Krk",
            "Nguyen",
            "Brzezinski",
            "Schwartz",
            "rhythm",
            "strengths",
            "Przemysl",
            "Hrvatska",
            "Ljubljana",
            "Szczecin",
            "Tschechien",
            "Mbappé",
            "Ng",
            "Hsinchu",
            "Xinjiang",
            "Qatar",
            "Iraq",
            "Zhejiang",
            "Kyrgyzstan",
            "Dvořák",
            "Wroclaw",
            "gdp",
            "llm",
            "css",
            "html",
            "Hello Kitty",
            "Hey Jude lyrics",
            "thanks, and the BOJ?",
            "test results",
            "Who expects a cut?",
            "測試結果",
            "謝謝你的小說在講什麼",
            "好市多",
            "早餐店",
            "對沖基金",
            "行政院",
            "感謝祭",
            "テスト結果は？",
            "안녕동물병원",
            "help desk hours",
            "What can you do about inflation?",
            "no deal Brexit",
            "你好",
            "2026 Q3",
            "第3條",
            "C++ 20",
            "Cooper",
            "Power",
            "property",
            "europe",
            "мвд",
            "США",
            "tomorrow",
            "youtube",
            "banana",
            "Mississippi",
            "Tallinn",
            "Oulu",
            "Aaa bonds",
            "cocoa",
            "Rhein",
            "Pflicht",
            "Strumpf",
            "Sphinx",
            "Chhattisgarh",
            "mutual funds",
        ] {
            let is_greeting = text == "你好";
            assert_eq!(matches!(content(text), Content::Question | Content::Word), !is_greeting, "{text}");
        }
        for text in ["When was it painted?", "How much is it worth?", "Who are you with?", "what", "where is it?"] {
            assert_eq!(content(text), Content::Question, "{text}");
        }
        for text in ["Foxconn", "inflation?", "GB300", "what about Nvidia?", "Who is Nvidia", "Москва"] {
            assert_eq!(content(text), Content::Word, "{text}");
        }
        for text in ["通膨", "rate cuts", "Who expects a cut?", "GB300 出貨"] {
            assert_eq!(content(text), Content::Question, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(text in "\\PC{0,60}|[a-z0-9 ?!好謝]{0,40}|(hello|thanks|ok|謝謝|好| |,){0,9}") {
            content(&text);
            let left = without_small_talk(&text);
            prop_assert!(text.contains(left) && left.is_empty() == text.trim().is_empty());
        }
    }
}
