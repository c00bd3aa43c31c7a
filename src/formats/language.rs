//! Tells whether a document is in the language that its file names: programs write the language of their own settings.

/// Whether to believe that `text` is in the language of this BCP 47 tag.
///
/// Scripts must fit. English is what programs write unasked, and Chinese tags are often of the other script, so neither is
/// believed: they are easily detected.
pub(super) fn is_believable(tag: &str, text: &str) -> bool {
    let language = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let (mut letters, mut han, mut kana, mut hangul) = (0_usize, 0_usize, 0_usize, 0_usize);
    for character in text.chars().filter(|character| character.is_alphabetic()) {
        letters += 1;
        match character {
            '\u{3041}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9F}' => kana += 1,
            '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{AC00}'..='\u{D7FF}' => hangul += 1,
            '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => han += 1,
            _ => {}
        }
    }
    // A tenth is enough, since they are denser than alphabets.
    if (han + kana + hangul) * 10 <= letters {
        return !matches!(language.as_str(), "en" | "zh" | "yue" | "ja" | "ko" | "none" | "und" | "x" | "");
    }
    if hangul * 2 > han + kana { language == "ko" } else { kana * 10 > han && language == "ja" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_of_a_text_must_fit_its_language() {
        let chinese = "岳衡資本首席策略師陸以寧預期 Fed 降息三次";
        assert!(!["zh-CN", "en-US", "ja-JP"].iter().any(|tag| is_believable(tag, chinese)));
        assert!(is_believable("ja", "金利は三回下がる") && !is_believable("zh-TW", "金利は三回下がる"));
        assert!(is_believable("ko-KR", "금리는 세 번 내린다"));
        assert!(is_believable("de-DE", "Die Zinsen sinken.") && !is_believable("en-US", "Die Zinsen sinken."));
        assert!(!is_believable("zh-TW", "Rates fall.") && !is_believable("", ""));
    }
}
