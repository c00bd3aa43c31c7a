//! Language tags (BCP 47) from what people and programs write for a language: `en_US.UTF-8`, `English`, `zh-TW`, 繁體中文.

/// Names of languages as people write them, folded to lower case, each group with its tag.
const NAMES: &[(&str, &[&str])] = &[
    (
        "zh",
        &["chinese", "中文", "漢語", "汉语", "華語", "华语", "國語", "国语", "普通话", "普通話", "mandarin", "中国語"],
    ),
    (
        "zh-Hant",
        &[
            "traditional chinese",
            "chinese (traditional)",
            "chinese traditional",
            "繁體中文",
            "繁体中文",
            "正體中文",
            "繁體",
            "繁中",
        ],
    ),
    (
        "zh-Hans",
        &["simplified chinese", "chinese (simplified)", "chinese simplified", "简体中文", "簡體中文", "简体", "简中"],
    ),
    ("en", &["english", "英文", "英語", "英语", "anglais", "englisch", "inglés"]),
    ("ja", &["japanese", "日本語", "日文", "日語", "日语"]),
    ("ko", &["korean", "한국어", "韓文", "韓語", "韩语"]),
    ("de", &["german", "deutsch", "德文", "德語", "德语"]),
    ("fr", &["french", "français", "francais", "法文", "法語", "法语"]),
    ("es", &["spanish", "español", "espanol", "castellano", "西班牙文", "西班牙語"]),
    ("pt", &["portuguese", "português", "portugues"]),
    ("it", &["italian", "italiano"]),
    ("nl", &["dutch", "nederlands"]),
    ("ru", &["russian", "русский"]),
    ("uk", &["ukrainian", "українська"]),
    ("pl", &["polish", "polski"]),
    ("cs", &["czech", "čeština"]),
    ("sk", &["slovak", "slovenčina"]),
    ("sv", &["swedish", "svenska"]),
    ("da", &["danish", "dansk"]),
    ("nb", &["norwegian", "norsk", "bokmål"]),
    ("fi", &["finnish", "suomi"]),
    ("hu", &["hungarian", "magyar"]),
    ("ro", &["romanian", "română"]),
    ("bg", &["bulgarian", "български"]),
    ("el", &["greek", "ελληνικά"]),
    ("tr", &["turkish", "türkçe"]),
    ("ar", &["arabic", "العربية"]),
    ("he", &["hebrew", "עברית"]),
    ("fa", &["persian", "farsi", "فارسی"]),
    ("hi", &["hindi", "हिन्दी"]),
    ("th", &["thai", "ไทย", "ภาษาไทย"]),
    ("vi", &["vietnamese", "tiếng việt"]),
    ("id", &["indonesian", "bahasa indonesia"]),
    ("ms", &["malay", "bahasa melayu"]),
];

/// Three-letter codes (ISO 639-2 and 639-3) of languages that have one of two letters, which BCP 47 requires.
const SHORTER: &[(&str, &str)] = &[
    ("eng", "en"),
    ("zho", "zh"),
    ("chi", "zh"),
    ("cmn", "zh"),
    ("jpn", "ja"),
    ("kor", "ko"),
    ("deu", "de"),
    ("ger", "de"),
    ("fra", "fr"),
    ("fre", "fr"),
    ("spa", "es"),
    ("por", "pt"),
    ("ita", "it"),
    ("nld", "nl"),
    ("dut", "nl"),
    ("rus", "ru"),
    ("ukr", "uk"),
    ("pol", "pl"),
    ("ces", "cs"),
    ("cze", "cs"),
    ("slk", "sk"),
    ("slo", "sk"),
    ("swe", "sv"),
    ("dan", "da"),
    ("nob", "nb"),
    ("fin", "fi"),
    ("hun", "hu"),
    ("ron", "ro"),
    ("rum", "ro"),
    ("bul", "bg"),
    ("ell", "el"),
    ("gre", "el"),
    ("tur", "tr"),
    ("ara", "ar"),
    ("heb", "he"),
    ("fas", "fa"),
    ("per", "fa"),
    ("hin", "hi"),
    ("tha", "th"),
    ("vie", "vi"),
    ("ind", "id"),
    ("msa", "ms"),
    ("may", "ms"),
];

/// The codes that stand for no language.
const NONE: [&str; 5] = ["und", "mul", "zxx", "mis", "posix"];

/// The BCP 47 tag of a language: `en` for `English`, `en-US` for `en_US.UTF-8`, `zh-Hant-TW` for `zh-TW`, since a tag of
/// Chinese has its script. `None` if `written` names no language.
pub(crate) fn language_tag(written: &str) -> Option<String> {
    let written = written.trim();
    let folded = written.to_lowercase();
    if let Some((tag, _)) = NAMES.iter().find(|(_, names)| names.contains(&folded.as_str())) {
        return Some((*tag).to_owned());
    }
    // A locale of the system has an encoding or a modifier behind its language.
    let locale = written.split(['.', '@']).next().unwrap_or_default();
    let mut parts = locale.split(['-', '_']);
    let language = parts.next()?.to_ascii_lowercase();
    let is_code = matches!(language.len(), 2 | 3) && language.bytes().all(|byte| byte.is_ascii_lowercase());
    if !is_code || NONE.contains(&language.as_str()) {
        return None;
    }
    let shorter = SHORTER.iter().find(|(long, _)| *long == language).map(|(_, short)| (*short).to_owned());
    let mut tag = vec![shorter.unwrap_or(language)];
    for part in parts {
        if part.is_empty() || part.len() > 8 || !part.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        tag.push(cased(part));
    }
    if tag[0] == "zh" {
        add_script(&mut tag);
    }
    Some(tag.join("-"))
}

/// The language ranges (RFC 4647) that a person means who looks for documents in a language, in lower case: as it is written, and
/// its tag. A tag whose script was only inferred from its region also means documents of which only the script is known.
pub(crate) struct Ranges {
    /// A document's tag is one of these, or begins with one and a hyphen.
    pub(crate) prefixes: Vec<String>,
    /// Or it is this one.
    pub(crate) exactly: Option<String>,
}

impl Ranges {
    pub(crate) fn of(written: &str) -> Self {
        let mut prefixes = vec![written.trim().to_lowercase()];
        let tag = language_tag(written);
        prefixes.extend(tag.iter().map(|tag| tag.to_lowercase()).filter(|tag| *tag != prefixes[0]).collect::<Vec<_>>());
        let is_inferred =
            |tag: &&String| tag.starts_with("zh-") && tag.matches('-').count() > written.matches(['-', '_']).count();
        let exactly = tag
            .as_ref()
            .filter(is_inferred)
            .and_then(|tag| tag.rsplit_once('-'))
            .map(|(script, _)| script.to_lowercase());
        Self { prefixes, exactly }
    }

    /// Whether a document with this tag is meant.
    #[cfg(feature = "cli")]
    pub(crate) fn have(&self, tag: &str) -> bool {
        let tag = tag.to_lowercase();
        let is_in = |prefix: &String| {
            tag == *prefix || tag.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.starts_with('-'))
        };
        self.prefixes.iter().any(is_in) || self.exactly.as_ref() == Some(&tag)
    }
}

/// A part of a tag as it is usually written: scripts in title case, regions in capitals.
fn cased(part: &str) -> String {
    let lower = part.to_ascii_lowercase();
    let is_alphabetic = part.bytes().all(|byte| byte.is_ascii_alphabetic());
    match lower.len() {
        4 if is_alphabetic => lower[..1].to_ascii_uppercase() + &lower[1..],
        2 if is_alphabetic => lower.to_ascii_uppercase(),
        _ => lower,
    }
}

/// Adds the script that is usual in the region of a tag of Chinese, unless the tag has one.
fn add_script(tag: &mut Vec<String>) {
    let script = match tag.get(1).map(String::as_str) {
        Some("TW" | "HK" | "MO") => "Hant",
        Some("CN" | "SG" | "MY") => "Hans",
        Some("cht") => return "Hant".clone_into(&mut tag[1]),
        Some("chs") => return "Hans".clone_into(&mut tag[1]),
        _ => return,
    };
    tag.insert(1, script.to_owned());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_and_programs_write_for_a_language_gives_its_tag() {
        for (written, tag) in [
            ("en", "en"),
            (" EN ", "en"),
            ("english", "en"),
            ("English", "en"),
            ("eng", "en"),
            ("en_US.UTF-8", "en-US"),
            ("de_DE@euro", "de-DE"),
            ("Deutsch", "de"),
            ("zh-TW", "zh-Hant-TW"),
            ("zh_hk", "zh-Hant-HK"),
            ("zh-cn", "zh-Hans-CN"),
            ("zh-CHT", "zh-Hant"),
            ("zh-hant", "zh-Hant"),
            ("zh-Hant-TW", "zh-Hant-TW"),
            ("Chinese", "zh"),
            ("繁體中文", "zh-Hant"),
            ("Traditional Chinese", "zh-Hant"),
            ("chi", "zh"),
            ("sr-latn", "sr-Latn"),
            ("es-419", "es-419"),
            ("ca-valencia", "ca-valencia"),
            ("yue", "yue"),
        ] {
            assert_eq!(language_tag(written).as_deref(), Some(tag), "{written}");
        }
    }

    #[test]
    fn what_names_no_language_gives_no_tag() {
        for written in
            ["", "klingon", "C", "POSIX", "und", "1", "e", "en US", "en-", "english please", "zh--TW", "火星文"]
        {
            assert_eq!(language_tag(written), None, "{written}");
        }
    }

    #[cfg(feature = "cli")]
    #[test]
    fn a_range_means_what_is_written_and_its_tag() {
        for (written, meant, others) in [
            ("zh", &["zh", "zh-Hant", "zh-TW", "zh-Hant-TW"][..], &["en"][..]),
            ("zh-TW", &["zh-TW", "zh-Hant-TW", "zh-Hant"], &["zh-Hant-HK", "zh-Hans", "zh"]),
            ("English", &["en", "en-US"], &["eo"]),
            ("zh-Hant", &["zh-Hant", "zh-Hant-TW"], &["zh-TW", "zh"]),
            ("en_US", &["en-US"], &["en", "en-GB"]),
            ("klingon", &["klingon"], &["kl"]),
        ] {
            let ranges = Ranges::of(written);
            assert!(meant.iter().all(|tag| ranges.have(tag)), "{written}");
            assert!(!others.iter().any(|tag| ranges.have(tag)), "{written}");
        }
    }

    proptest! {
        #[test]
        fn a_tag_is_its_own_tag(written in "[a-zA-Z]{2,3}([-_][a-zA-Z0-9]{2,8}){0,2}") {
            if let Some(tag) = language_tag(&written) {
                prop_assert_eq!(language_tag(&tag), Some(tag.clone()));
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(written: String) {
            let _ = language_tag(&written);
        }
    }
}
