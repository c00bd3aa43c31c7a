//! Detects the language of a text as a BCP 47 tag, for Chinese with its script; classifies characters by script.

use std::sync::OnceLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use whatlang::Lang;

/// How many characters of a text are sampled, half from its start and half from its middle.
const SAMPLE_CHARS: usize = 4_000;

/// The fewest letters from which a language is detected. A Han character or a kana carries more than a letter.
const MIN_LETTERS: usize = 12;
const MIN_CJK: usize = 4;

/// The share of kana among kana and Han characters from which a text is Japanese. Japanese prose has 40 % and more;
/// Chinese prose that quotes a Japanese name has a few.
const JAPANESE_KANA_SHARE: f64 = 0.1;

/// Letters of an alphabet that carry about as much as one Han character.
pub(super) const LETTERS_PER_CJK: usize = 4;

/// The least confidence of the trigram model between the languages of one alphabet.
const MIN_CONFIDENCE: f64 = 0.5;

/// The language of `text` as a BCP 47 tag: `en`, `ja`, `zh-Hant`, `zh-Hans`, or `zh` if no character belongs to one
/// script only. `None` if the text is too short, has no letters, or two languages are about equally likely.
pub fn detect(text: &str) -> Option<String> {
    let sample = sample(text);
    let (mut han, mut kana, mut hangul, mut other) = (0, 0, 0, 0);
    for c in sample.chars().filter(|c| c.is_alphabetic()) {
        match c {
            _ if is_han(c) => han += 1,
            _ if is_kana(c) => kana += 1,
            _ if is_hangul(c) => hangul += 1,
            _ => other += 1,
        }
    }
    let cjk = han + kana + hangul;
    if cjk * LETTERS_PER_CJK > other {
        if cjk < MIN_CJK {
            return None;
        }
        return Some(if hangul > han + kana {
            "ko".to_owned()
        } else if kana as f64 >= JAPANESE_KANA_SHARE * (kana + han) as f64 {
            "ja".to_owned()
        } else {
            chinese(&sample)
        });
    }
    if other < MIN_LETTERS {
        return None;
    }
    let found = whatlang::detect(&sample)?;
    (found.confidence() >= MIN_CONFIDENCE).then(|| tag(found.lang()).to_owned())
}

/// The likeliest of the languages with these tags, however short the text.
pub(super) fn likeliest<'t>(text: &str, tags: &[&'t str]) -> Option<&'t str> {
    let languages: Vec<Lang> = Lang::all().iter().copied().filter(|language| tags.contains(&tag(*language))).collect();
    let found = whatlang::Detector::with_allowlist(languages).detect_lang(text)?;
    tags.iter().copied().find(|other| *other == tag(found))
}

/// Whether `c` is a Chinese character, wherever it is used.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{323AF}' | '々' | '〇')
}

/// Whether `c` is a hiragana or a katakana, half-width ones included.
pub(crate) fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309F}' | '\u{30A1}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}'
        | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9F}')
}

/// Whether `c` belongs to writing without spaces between words, so that a line break beside it says nothing about
/// wrapping: Han, kana, bopomofo and full-width marks.
pub(crate) fn is_unspaced(c: char) -> bool {
    is_han(c) || is_kana(c) || matches!(c, '\u{3001}'..='\u{303F}' | '\u{3105}'..='\u{312F}' | '\u{FF01}'..='\u{FF65}')
}

/// Whether `c` is a Korean letter or syllable.
pub(crate) fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}')
}

/// The first characters of `text` and, if it is long, as many from its middle: a text may open with a foreign motto.
fn sample(text: &str) -> String {
    let end_of = |from: &str, chars: usize| from.char_indices().nth(chars).map_or(from.len(), |(at, _)| at);
    let whole = end_of(text, SAMPLE_CHARS);
    if whole == text.len() {
        return text.to_owned();
    }
    let head = &text[..end_of(text, SAMPLE_CHARS / 2)];
    let rest = &text[text.floor_char_boundary(text.len() / 2).max(head.len())..];
    format!("{head}\n{}", &rest[..end_of(rest, SAMPLE_CHARS / 2)])
}

/// The tag of Chinese with its script, decided by the characters that a conversion to the other script changes.
pub(super) fn chinese(sample: &str) -> String {
    static TO_TRADITIONAL: OnceLock<Option<OpenCC>> = OnceLock::new();
    static TO_SIMPLIFIED: OnceLock<Option<OpenCC>> = OnceLock::new();
    let changed = |converter: &'static OnceLock<Option<OpenCC>>, config| {
        converter
            .get_or_init(|| OpenCC::from_config(config).ok())
            .as_ref()
            .map_or(0, |opencc| sample.chars().zip(opencc.convert(sample).chars()).filter(|(a, b)| a != b).count())
    };
    let simplified = changed(&TO_TRADITIONAL, BuiltinConfig::S2t);
    let traditional = changed(&TO_SIMPLIFIED, BuiltinConfig::T2s);
    match traditional.cmp(&simplified) {
        std::cmp::Ordering::Greater => "zh-Hant",
        std::cmp::Ordering::Less => "zh-Hans",
        std::cmp::Ordering::Equal => "zh",
    }
    .to_owned()
}

/// The shortest ISO 639 code of a language, as BCP 47 requires.
fn tag(language: Lang) -> &'static str {
    match language {
        Lang::Afr => "af",
        Lang::Aka => "ak",
        Lang::Amh => "am",
        Lang::Ara => "ar",
        Lang::Aze => "az",
        Lang::Bel => "be",
        Lang::Ben => "bn",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Cym => "cy",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Epo => "eo",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Guj => "gu",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Hye => "hy",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jav => "jv",
        Lang::Jpn => "ja",
        Lang::Kan => "kn",
        Lang::Kat => "ka",
        Lang::Khm => "km",
        Lang::Kor => "ko",
        Lang::Lat => "la",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Mal => "ml",
        Lang::Mar => "mr",
        Lang::Mkd => "mk",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Nld => "nl",
        Lang::Nob => "nb",
        Lang::Ori => "or",
        Lang::Pan => "pa",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Sin => "si",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Sna => "sn",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Tgl => "tl",
        Lang::Tha => "th",
        Lang::Tuk => "tk",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Urd => "ur",
        Lang::Uzb => "uz",
        Lang::Vie => "vi",
        Lang::Yid => "yi",
        Lang::Zul => "zu",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_sentences_are_enough_in_every_language() {
        let cases = [
            ("en", "The central bank kept its policy rate unchanged, but two of its members wanted to cut it."),
            ("de", "Die Notenbank ließ den Leitzins unverändert, doch zwei ihrer Mitglieder wollten ihn senken."),
            ("fr", "La banque centrale a maintenu son taux directeur, mais deux membres voulaient le baisser."),
            ("es", "El banco central mantuvo su tipo de interés, aunque dos de sus miembros querían bajarlo."),
            (
                "pt",
                "O banco central manteve a taxa de juros, mas dois dos seus membros queriam reduzi-la ainda este ano.",
            ),
            ("it", "La banca centrale ha lasciato invariato il tasso, ma due dei suoi membri volevano ridurlo."),
            ("pl", "Bank centralny pozostawił stopy procentowe bez zmian, choć dwóch członków chciało je obniżyć."),
            ("ru", "Центральный банк оставил ставку без изменений, хотя двое его членов хотели её снизить."),
            ("uk", "Центральний банк залишив ставку без змін, хоча двоє його членів хотіли її знизити."),
            ("el", "Η κεντρική τράπεζα διατήρησε αμετάβλητο το επιτόκιο, αλλά δύο μέλη ήθελαν μείωση."),
            ("tr", "Merkez bankası faizi değiştirmedi, ancak iki üye faizin düşürülmesini istiyordu."),
            ("vi", "Ngân hàng trung ương giữ nguyên lãi suất, nhưng hai thành viên muốn cắt giảm."),
            ("ar", "أبقى البنك المركزي سعر الفائدة دون تغيير، لكن عضوين أرادا خفضه هذا العام."),
            ("he", "הבנק המרכזי השאיר את הריבית ללא שינוי, אך שני חברים רצו להוריד אותה."),
            ("hi", "केंद्रीय बैंक ने ब्याज दर में कोई बदलाव नहीं किया, लेकिन दो सदस्य कटौती चाहते थे।"),
            ("th", "ธนาคารกลางคงอัตราดอกเบี้ยไว้ แต่สมาชิกสองคนต้องการลดอัตราดอกเบี้ย"),
            ("ko", "중앙은행은 기준금리를 동결했지만 위원 두 명은 인하를 원했다."),
            ("ja", "中央銀行は政策金利を据え置いたが、二人の委員は利下げを求めた。"),
            ("zh-Hant", "聯準會維持利率不變,但有兩位委員主張降息。"),
            ("zh-Hans", "联储维持利率不变,但有两位委员主张降息。"),
        ];
        for (tag, text) in cases {
            assert_eq!(detect(text).as_deref(), Some(tag), "{text}");
        }
    }

    #[test]
    fn chinese_stays_chinese_among_english_names_and_a_japanese_one() {
        let text = "輝達 NVIDIA 執行長 Jensen Huang 表示,Blackwell 晶片供不應求,日本的ソフトバンク也在排隊,\
                    而美國國會正在醞釀進一步收緊向其他國家出口高端晶片的法令,市場因此震盪不已。";
        assert_eq!(detect(text).as_deref(), Some("zh-Hant"));
    }

    #[test]
    fn english_stays_english_around_a_chinese_name() {
        let text = "The company, known at home as 台積電, said on Thursday that its revenue had grown by a third.";
        assert_eq!(detect(text).as_deref(), Some("en"));
    }

    #[test]
    fn chinese_without_a_character_of_one_script_only_has_no_script() {
        assert_eq!(detect("人民大會中文日月山水").as_deref(), Some("zh-Hant"), "會 is Traditional only");
        assert_eq!(detect("中文日月山水火木金土").as_deref(), Some("zh"));
    }

    #[test]
    fn the_language_of_too_short_a_text_is_unknown() {
        for text in ["", " \n", "2026-01-31 3.5 %", "OK", "中文", "—…!?"] {
            assert_eq!(detect(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_long_text_is_judged_by_its_start_and_its_middle() {
        let text = format!("Carpe diem. {}", "Die Bank ließ den Leitzins am Donnerstag unverändert. ".repeat(100_000));
        assert_eq!(detect(&text).as_deref(), Some("de"));
    }
}
