//! The language of a question, which is often too short for the statistics of [`detect`]: by its script, by letters of one
//! language, and by its function words.

use std::cmp::Reverse;

use super::language::{LETTERS_PER_CJK, chinese, detect, is_han, is_hangul, is_kana, likeliest};

/// The share of kana among kana and Han characters from which a question is Japanese.
const JAPANESE_KANA_SHARE: usize = 10;

/// Characters that only Japanese writes this way.
const JAPANESE: &str = "総価円経済気対発駅転図売続応効広権検験険訳覧読変辺滝沢働込畑枠鉄囲実帰戻収";
/// Characters of Chinese function words, in a question that quotes a Japanese name.
const CHINESE: &str = "的是在哪麼么誰谁嗎吗呢為为多幾几";

/// Languages of the Latin script: their own letters, and their function words in lower case. A word of several languages is
/// listed in each.
const LATIN: &[(&str, &str, &str)] = &[
    (
        "en",
        "",
        "the what who whom whose when where why how which is are was were does did do of and to for much many it that this \
         about with from has have had will would can could should tell me my your there they he she his her an by any",
    ),
    (
        "de",
        "ßäöü",
        "der die das den dem des ein eine einen einem einer wer wen wem was wann wo wohin warum wieso wie welche welcher \
         welches welchen ist sind war waren hat haben wird werden und nicht über von vom für mit auf zu zum zur wieviel viel \
         viele im am bei nach aus kann gibt es ich sie wir um beim",
    ),
    (
        "fr",
        "œêëîïûùèàç",
        "le la les des du un une qui que quoi quand où pourquoi comment combien quel quelle quels quelles est sont était a \
         et pas de dans pour sur au aux ce cette ces il elle ils elles qu'est est-ce y t on par avec en",
    ),
    (
        "es",
        "ñ¿¡",
        "el la los las un una quién quien quiénes qué que cuándo cuando dónde donde por cómo como cuánto cuánta cuántos \
         cuántas cuanto cuál cuáles cual es son fue está están y de del en para con se su al hay",
    ),
    (
        "pt",
        "ãõ",
        "o a os as um uma quem que quando onde por porque como quanto quanta quantos quantas qual quais é são foi está e de \
         do da dos das em no na nos nas para com não se ao há",
    ),
    (
        "it",
        "ìò",
        "il lo la gli le un uno una chi che cosa cos'è quando dove perché come quanto quanta quanti quante quale quali qual \
         è sono era e di del dello della dei delle degli nel nella per con non si al alla a c'è in",
    ),
    (
        "vi",
        "ơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
        "là của và có không gì ai khi nào đâu bao nhiêu sao thế vì",
    ),
    (
        "id",
        "",
        "apa siapa kapan mana mengapa kenapa bagaimana berapa apakah yang dan adalah itu ini di dari ke untuk dengan pada \
         tidak oleh akan sudah",
    ),
    (
        "tr",
        "ğşıöüç",
        "ne kim kimin nerede nereye neden niçin niye nasıl kaç hangi mi mı mu mü bir ve için bu şu o ile kadar zaman var yok \
         da de",
    ),
];
/// What a letter of one language counts, in function words.
const LETTER: usize = 2;

/// The language of a question as a BCP 47 tag, for Chinese with its script, or `zh` if none of its characters belongs to one
/// script only. `None` if nothing tells it.
pub(crate) fn language_of_question(text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    let count = |is: &dyn Fn(char) -> bool| letters.iter().filter(|c| is(**c)).count();
    let (han, kana, hangul) = (count(&is_han), count(&is_kana), count(&is_hangul));
    if (han + kana + hangul) * LETTERS_PER_CJK > letters.len() - han - kana - hangul {
        return Some(if hangul > han + kana {
            "ko".into()
        } else if (kana > 0 && kana * JAPANESE_KANA_SHARE >= kana + han)
            || (text.contains(|c| JAPANESE.contains(c)) && !text.contains(|c| CHINESE.contains(c)))
        {
            "ja".into()
        } else {
            chinese(text)
        });
    }
    let is_mostly = |is: &dyn Fn(char) -> bool| 2 * count(is) > letters.len();
    if is_mostly(&|c| matches!(c, '\u{E01}'..='\u{E4E}')) {
        return Some("th".into());
    }
    if is_mostly(&|c| matches!(c, '\u{900}'..='\u{97F}')) {
        return Some("hi".into());
    }
    if is_mostly(&|c| matches!(c, '\u{600}'..='\u{6FF}')) {
        // Letters of Persian and Urdu.
        return (!text.contains(['پ', 'چ', 'ژ', 'گ', 'ٹ', 'ڈ', 'ے'])).then(|| "ar".into());
    }
    if is_mostly(&|c| matches!(c, '\u{400}'..='\u{4FF}')) {
        // Letters of Ukrainian, Belarusian, Serbian, Macedonian and Kazakh.
        return (!text.contains(['і', 'ї', 'є', 'ґ', 'ў', 'ј', 'љ', 'њ', 'ћ', 'ђ', 'қ', 'ғ', 'ұ']))
            .then(|| "ru".into());
    }
    if !is_mostly(&|c| c.is_ascii() || matches!(c, '\u{80}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}')) {
        return detect(text);
    }
    by_function_words(text).map(str::to_owned).or_else(|| detect(text))
}

/// The language of the Latin script with most function words and letters of its own, the likeliest if several have
/// equally many.
fn by_function_words(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase().replace('’', "'");
    let is_apart = |c: char| !c.is_alphanumeric() && c != '\'' && c != '-';
    // A name keeps the letters of its own language in a question of another: "Who is François Hollande?"
    let is_name = |word: &str| word.starts_with(char::is_uppercase);
    let small: String = text
        .split_inclusive(is_apart)
        .flat_map(|word| word.chars().filter(move |c| !is_name(word) || is_apart(*c)))
        .flat_map(char::to_lowercase)
        .collect();
    let words: Vec<&str> = lower
        .split(is_apart)
        // French elision: "l'inflation", "qu'est".
        .flat_map(|word| [word, word.rsplit('\'').next().filter(|rest| *rest != word).unwrap_or_default()])
        .filter(|word| !word.is_empty())
        .collect();
    let scores = |letters: &str| {
        let score = |(_, own, function): &(&str, &str, &str)| {
            let listed = |word: &&&str| function.split_whitespace().any(|other| other == **word);
            words.iter().filter(listed).count() + LETTER * letters.chars().filter(|c| own.contains(*c)).count()
        };
        let mut scores: Vec<(usize, &str)> = LATIN.iter().map(|language| (score(language), language.0)).collect();
        scores.sort_by_key(|(score, _)| Reverse(*score));
        scores
    };
    let told = |scores: &Vec<(usize, &str)>| scores.first().is_some_and(|(score, _)| *score > 0);
    let scores = [&small, &lower].into_iter().map(|letters| scores(letters)).find(told)?;
    let best = scores.first()?.0;
    let tied: Vec<&str> =
        scores.iter().take_while(|(score, _)| *score == best).map(|(_, language)| *language).collect();
    match tied[..] {
        [language] => Some(language),
        // Pairs and triples of letters, which alone are too weak for a short text, decide between them.
        _ => likeliest(text, &tied),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_question_has_the_language_of_its_script_its_letters_or_its_function_words() {
        for (tag, questions) in [
            (
                "en",
                vec![
                    "Who?",
                    "What of it?",
                    "How tall is Mount Kenya?",
                    "When was the Treaty of Utrecht signed?",
                    "Who is François Hollande?",
                    "Does Jürgen live in Zürich?",
                    "What does the São Paulo office cost?",
                ],
            ),
            ("de", vec!["Warum?", "Wie hoch ist der Leitzins?", "Wer leitet Siemens?", "Höhe der Miete"]),
            ("fr", vec!["Pourquoi ?", "Quel est le taux ?", "Qu'est-ce que l'inflation ?", "Qui dirige Renault ?"]),
            ("es", vec!["¿Por qué?", "¿Cuál es la tasa?", "¿Quién dirige Iberia?", "Cuánto cuesta el pasaje"]),
            ("pt", vec!["Quem é o presidente?", "Quanto custa a passagem?", "Qual a taxa de inflação?"]),
            ("it", vec!["Chi è il presidente?", "Quanto costa il biglietto?", "Perché?", "Dove sono i giardini?"]),
            ("vi", vec!["Thủ đô của Mông Cổ là gì?", "Ai là giám đốc?"]),
            ("id", vec!["Siapa presiden Indonesia?", "Berapa harga tiket?", "Apa ibu kota Mongolia?"]),
            ("tr", vec!["Başkan kim?", "Bilet ne kadar?", "Moğolistan'ın başkenti neresi?"]),
            ("ru", vec!["Почему?", "Кто капитан?"]),
            ("ar", vec!["لماذا؟", "ما هي عاصمة منغوليا؟"]),
            ("hi", vec!["क्यों?", "मंगोलिया की राजधानी क्या है?"]),
            ("th", vec!["ทำไม", "เมืองหลวงของมองโกเลียคืออะไร"]),
            ("ko", vec!["왜?", "몽골의 수도는 어디인가요?"]),
            ("ja", vec!["なぜ？", "モンゴルの首都はどこですか？", "日銀総裁", "いくら"]),
            ("zh-Hant", vec!["誰?", "為什麼？", "GB300何時出貨", "東京駅在哪裡？"]),
            ("zh-Hans", vec!["谁?", "为什么？"]),
            ("zh", vec!["金星有多大？", "中文"]),
        ] {
            for question in questions {
                assert_eq!(language_of_question(question).as_deref(), Some(tag), "{question}");
            }
        }
    }

    #[test]
    fn a_question_that_nothing_tells_the_language_of_has_none() {
        for question in ["", "?", "1", "👍", "OK", "TSMC", "GB300", "Чи є це?", "تهران پایتخت کجاست؟"]
        {
            assert_eq!(language_of_question(question), None, "{question}");
        }
    }
}
