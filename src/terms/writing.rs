//! The script that a text or a language is written in. Chinese characters and kana count as one script, since Japanese
//! mixes them and Chinese and Japanese share most of their terms.

use whatlang::Script as Writing;

/// Whether two texts are in the same script, given one of them and the language of the other as a BCP 47 tag; `None` if that
/// cannot be told.
pub(crate) fn same_script(text: &str, language: &str) -> Option<bool> {
    Some(of_text(text)? == of_language(language)?)
}

/// The script of most letters of `text`; `None` if it has none.
fn of_text(text: &str) -> Option<Writing> {
    whatlang::detect_script(text).map(|script| match script {
        Writing::Hiragana | Writing::Katakana => Writing::Mandarin,
        script => script,
    })
}

/// The script that a language is usually written in.
fn of_language(tag: &str) -> Option<Writing> {
    let primary = tag.split(['-', '_']).next()?.to_ascii_lowercase();
    Some(match primary.as_str() {
        "" | "und" | "zxx" | "mul" => return None,
        "zh" | "ja" | "yue" | "nan" | "wuu" | "hak" => Writing::Mandarin,
        "ko" => Writing::Hangul,
        "ru" | "uk" | "be" | "bg" | "mk" | "sr" | "kk" | "ky" | "mn" | "tg" => Writing::Cyrillic,
        "ar" | "fa" | "ur" | "ps" | "ug" | "sd" => Writing::Arabic,
        "he" | "yi" => Writing::Hebrew,
        "el" => Writing::Greek,
        "th" => Writing::Thai,
        "hi" | "mr" | "ne" | "sa" => Writing::Devanagari,
        "bn" | "as" => Writing::Bengali,
        "ta" => Writing::Tamil,
        "te" => Writing::Telugu,
        "kn" => Writing::Kannada,
        "ml" => Writing::Malayalam,
        "gu" => Writing::Gujarati,
        "pa" => Writing::Gurmukhi,
        "or" => Writing::Oriya,
        "si" => Writing::Sinhala,
        "km" => Writing::Khmer,
        "my" => Writing::Myanmar,
        "am" | "ti" => Writing::Ethiopic,
        "hy" => Writing::Armenian,
        "ka" => Writing::Georgian,
        _ => Writing::Latin,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_compared_with_a_document_by_script() {
        for (question, language, same) in [
            ("Who expects the Fed to cut?", "en", Some(true)),
            ("Wer erwartet Zinssenkungen?", "fr", Some(true)),
            ("Who expects the Fed to cut?", "zh-Hant", Some(false)),
            ("誰預期聯準會降息?", "zh-Hans", Some(true)),
            ("台積電 TSMC 第三季營收", "en-US", Some(false)),
            ("だれが金利を下げると思いますか", "zh-TW", Some(true)),
            ("금리를 누가 내리나?", "ko", Some(true)),
            ("Кто ждёт снижения ставки?", "en", Some(false)),
            ("2026?", "en", None),
            ("rates?", "und", None),
        ] {
            assert_eq!(same_script(question, language), same, "{question} and {language}");
        }
    }
}
