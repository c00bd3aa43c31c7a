//! Which of its neighbours a quoted sentence needs to be understood as it is meant: the one before that it refers to, and the
//! one after that answers it, restricts it, or is what it names.

use crate::terms::fold;
use crate::terms::language::{is_han, is_hangul, is_kana};

/// Words at the start of a sentence that refer to one before it, folded; here of languages with spaces between words.
const REFERRING: &[&str] = &[
    "he",
    "she",
    "it",
    "they",
    "his",
    "her",
    "its",
    "their",
    "this",
    "these",
    "those",
    "such",
    "that",
    "the latter",
    "the former",
    "both",
    "however",
    "but",
    "and",
    "so",
    "therefore",
    "moreover",
    "instead",
    "er",
    "sie",
    "dieser",
    "diese",
    "dieses",
    "il",
    "elle",
    "ils",
    "elles",
    "este",
    "esta",
    "estos",
    "estas",
];
const REFERRING_CHINESE: &[&str] = &[
    "他", "她", "它", "牠", "其", "此", "该", "这", "那", "前者", "后者", "两者", "二者", "但", "而", "因此", "所以",
    "不过", "然而", "并且", "也", "则", "同时", "另外", "此外",
];
/// Words that begin like one of `REFERRING_CHINESE` and refer to nothing.
pub(super) const NOT_REFERRING: &[&str] = &[
    "其他",
    "其它",
    "其实",
    "其余",
    "其中国",
    "此前",
    "他国",
    "他信",
    "也许",
    "也门",
    "但丁",
    "那斯达克",
    "那不勒斯",
    "那年",
    "这年",
    "则天",
];

/// Words at the start of a sentence that is an exception to the one before it, folded; here of languages with spaces.
const EXCEPTING: &[&str] = &[
    "except",
    "exception",
    "exceptions",
    "exempt",
    "excluded",
    "this does not apply",
    "this shall not apply",
    "this does not include",
    "this excludes",
    "the foregoing does not apply",
    "ausgenommen",
    "ausnahme",
    "ausnahmen",
    "davon ausgenommen",
    "dies gilt nicht",
    "das gilt nicht",
    "satz 1 gilt nicht",
    "sauf",
    "excepte",
    "exception faite",
    "cela ne s applique pas",
    "excepto",
    "salvo",
    "se exceptua",
    "se exceptuan",
    "esto no se aplica",
    "exceto",
    "eccetto",
    "다만",
    "단",
];
/// The same of languages without spaces, at the start of a sentence.
const EXCEPTING_UNSPACED: &[&str] = &["但书", "ただし", "但し", "惟", "例外"];
/// Words of a proviso that begins with 但.
const PROVISO: &[&str] =
    &["不在此限", "不适用", "不得", "除外", "从其", "免予", "得免", "得不", "者,得", "者,不", "者,应", "者,免"];
/// The end of a sentence that only says of somebody else that they do not: "Laboratory staff cannot."
const ENDS_WITHOUT_A_VERB: &[&str] = &[
    "cannot", "can not", "can t", "may not", "must not", "do not", "don t", "does not", "doesn t", "are not", "aren t",
    "is not", "isn t", "will not", "won t",
];
/// The most words of such a sentence.
const SHORT: usize = 8;
/// Words at the start of a sentence that contrasts with the one before it, folded. After a rule it is a restriction.
const CONTRASTING: &[&str] = &[
    "however",
    "but",
    "only",
    "unless",
    "jedoch",
    "allerdings",
    "aber",
    "nur",
    "mais",
    "toutefois",
    "cependant",
    "seuls",
    "seules",
    "pero",
    "sin embargo",
    "solo",
    "no obstante",
    "mas",
    "tuttavia",
    "그러나",
    "하지만",
];
const CONTRASTING_UNSPACED: &[&str] = &["但", "不过", "然而", "しかし", "惟", "仅"];
/// Verbs before an indirect question that the sentence leaves open, folded, and the words that begin that question.
const LEAVING_OPEN: &[(&[&str], &[&str])] = &[
    (
        &[
            "discuss",
            "discussed",
            "discusses",
            "debated",
            "debate",
            "debates",
            "considered",
            "considers",
            "consider",
            "asked",
            "asks",
            "examined",
            "examines",
            "wondered",
            "wonders",
            "reviewed",
            "unclear",
            "question",
        ],
        &["whether"],
    ),
    (
        &[
            "diskutierte",
            "diskutierten",
            "diskutiert",
            "beriet",
            "berieten",
            "erorterte",
            "erorterten",
            "prufte",
            "pruft",
            "fragte",
            "unklar",
            "offen",
        ],
        &["ob"],
    ),
    (&["discute", "debattu", "examine", "demande", "demandait"], &["si"]),
    (&["discutio", "discutieron", "debatio", "pregunto", "examino"], &["si"]),
];
const LEAVING_OPEN_UNSPACED: &[(&str, &str)] = &[
    ("讨论", "是否"),
    ("研议", "是否"),
    ("考虑", "是否"),
    ("评估", "是否"),
    ("审议", "是否"),
    ("检讨", "是否"),
    ("かどうか", "协议"),
    ("かどうか", "検讨"),
    ("かどうか", "议论"),
];
/// First words of a question to be answered with yes or no, folded.
const ASKING_WHETHER: &[&str] = &[
    "can", "could", "may", "must", "should", "shall", "is", "are", "were", "do", "does", "did", "will", "would", "has",
    "have", "need", "darf", "durfen", "kann", "konnen", "muss", "mussen", "soll", "sollen", "ist", "sind", "hat",
    "haben", "gibt", "gilt", "wird", "werden", "peut", "puis", "peuvent", "dois", "doit", "est", "sont", "faut",
    "puedo", "puede", "pueden", "debo", "debe", "hay", "es", "son",
];
/// Words of such a question in other scripts, folded.
const ASKING_WHETHER_UNSPACED: &[&str] = &[
    "吗",
    "可否",
    "能否",
    "是否",
    "得否",
    "应否",
    "可不可以",
    "能不能",
    "要不要",
    "会不会",
    "有没有",
    "ますか",
    "ですか",
    "습니까",
    "나요",
    "수 있",
];

/// Whether a sentence is about something that only the sentence before it names: "She sees two cuts."
pub(super) fn refers_to_the_one_before(sentence: &str) -> bool {
    let start = sentence.trim_start();
    if start.starts_with(['…', '⋯']) || start.starts_with("...") {
        return true;
    }
    // A first word in capitals is a name: "IT spending", not "it".
    let first_word = start.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if first_word.chars().count() > 1 && first_word.chars().all(|c| c.is_ascii_uppercase()) {
        return false;
    }
    let start: String =
        fold(start).chars().filter(|c| !matches!(c, '"' | '“' | '”' | '「' | '『' | '(')).take(24).collect();
    if NOT_REFERRING.iter().any(|other| start.starts_with(other)) {
        return false;
    }
    REFERRING_CHINESE.iter().any(|word| start.starts_with(word))
        || REFERRING
            .iter()
            .any(|word| start.strip_prefix(word).is_some_and(|rest| rest.starts_with(|c: char| !c.is_alphanumeric())))
}

/// Whether a sentence is a question.
pub(super) fn asks_something(sentence: &str) -> bool {
    let end = sentence.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '?' | '？' | '؟'));
    end.ends_with(['?', '？', '؟'])
}

/// The most words of a label besides its number.
const LABEL_WORDS: usize = 3;
/// The same in writing without spaces, in characters.
const LABEL_CHARS: usize = 6;
/// Words that number what follows them, folded.
const NUMBERING: &[&str] =
    &["article", "art", "section", "sec", "clause", "paragraph", "artikel", "absatz", "no", "nr", "step"];

/// Whether a sentence only names what the next one says: "§ 4 Deposit.", "Article 12.", "第四條 押金。"
pub(super) fn is_label(sentence: &str) -> bool {
    let sentence = sentence.trim();
    let ends = sentence.ends_with(['.', ':', '。', '：']);
    let folded = fold(sentence);
    let is_unspaced = |c: char| is_han(c) || is_kana(c);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit());
    let numbers = |word: &&&str| is_number(word) || NUMBERING.contains(word);
    let numbering = words.iter().take_while(numbers).count();
    if folded.contains(is_unspaced) {
        let text = numbered_behind(&folded);
        let chars = text.unwrap_or_default().chars().filter(|c| c.is_alphanumeric()).count();
        return ends && text.is_some() && chars <= LABEL_CHARS;
    }
    let first = sentence.split_whitespace().next().unwrap_or_default();
    // "12 people" is a number of them.
    let is_numbered = first.starts_with('§')
        || first.starts_with(|c: char| c.is_ascii_digit()) && first.contains(['.', ')'])
        || words.first().is_some_and(|word| NUMBERING.contains(word)) && numbering > 1;
    let rest = &words[numbering..];
    ends && is_numbered && rest.len() <= LABEL_WORDS && !rest.iter().any(|word| is_number(word))
}

/// What stands behind 第…條, 第…章 and their like, folded; `None` if a text does not begin with one.
fn numbered_behind(folded: &str) -> Option<&str> {
    let rest = folded.trim_start().strip_prefix('第')?;
    let number = rest.find(|c: char| !(c.is_ascii_digit() || "一二三四五六七八九十百零〇 ".contains(c)))?;
    rest[number..].strip_prefix(['条', '章', '节', '项', '款', '点']).filter(|_| number > 0)
}

/// Words that ask for something else than yes or no, folded.
const ASKING_WHAT_UNSPACED: &[&str] = &[
    "何",
    "几",
    "谁",
    "哪",
    "什么",
    "多少",
    "多久",
    "多长",
    "怎",
    "いつ",
    "どこ",
    "だれ",
    "いくら",
    "どの",
    "どれ",
    "なぜ",
    "どう",
    "いくつ",
    "언제",
    "어디",
    "누구",
    "몇",
    "얼마",
    "왜",
    "무엇",
    "어떻게",
];
/// Words that begin like one of the lists above, or have one of them in it, and are no exception.
const NO_EXCEPTION: &[&str] = &["不得不", "得不到", "唯一", "惟一", "惟恐", "仅此"];

/// Whether a sentence restricts the one before it, so that this is not true by itself: a proviso, an exception. If the question
/// `asks_whether` something holds, a contrast is a restriction, too.
pub(super) fn restricts_the_one_before(sentence: &str, asks_whether: bool) -> bool {
    let folded = fold(sentence);
    let start = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_none = NO_EXCEPTION.iter().any(|other| start.contains(other));
    if is_none || NOT_REFERRING.iter().any(|other| start.starts_with(other)) {
        return false;
    }
    let words: Vec<&str> = start.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let spaced = words.join(" ");
    let begins = |list: &[&str]| {
        list.iter().any(|word| spaced.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
    };
    let begins_unspaced = |list: &[&str]| list.iter().any(|word| start.starts_with(word));
    let is_proviso = start.starts_with('但') && PROVISO.iter().any(|word| start.contains(word));
    let is_short = words.len() <= SHORT && !words.is_empty();
    let lacks_verb =
        || ENDS_WITHOUT_A_VERB.iter().any(|end| spaced.strip_suffix(end).is_some_and(|rest| rest.ends_with(' ')));
    begins(EXCEPTING)
        || begins_unspaced(EXCEPTING_UNSPACED)
        || is_proviso
        || is_short && lacks_verb()
        || asks_whether && (begins(CONTRASTING) || begins_unspaced(CONTRASTING_UNSPACED))
}

/// Whether a sentence reports a question without its answer: "The board discussed whether to sell."
pub(super) fn leaves_open(sentence: &str) -> bool {
    let folded = fold(sentence);
    // In Japanese the verb comes last.
    let is_left_open =
        |(first, second): &(&str, &str)| folded.find(first).is_some_and(|at| folded[at..].contains(second));
    if LEAVING_OPEN_UNSPACED.iter().any(is_left_open) {
        return true;
    }
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    LEAVING_OPEN.iter().any(|(verbs, whether)| {
        let verb = words.iter().position(|word| verbs.contains(word));
        verb.is_some_and(|at| words[at + 1..].iter().take(3).any(|word| whether.contains(word)))
    })
}

/// Whether a question is to be answered with yes or no.
pub(super) fn asks_whether(question: &str) -> bool {
    let folded = fold(question);
    let first = folded.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
    let is_unspaced = folded.contains(|c: char| is_han(c) || is_kana(c) || is_hangul(c));
    let has = |list: &[&str]| list.iter().any(|word| folded.contains(word));
    ASKING_WHETHER.contains(&first) || is_unspaced && has(ASKING_WHETHER_UNSPACED) && !has(ASKING_WHAT_UNSPACED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_what_the_next_sentence_says() {
        for label in ["§ 4 Deposit.", "Article 12.", "Art. 5 Use of rooms:", "2.1 Scope.", "第四條 押金。", "第12条："]
        {
            assert!(is_label(label), "{label}");
        }
        for sentence in [
            "12 people came.",
            "It rose.",
            "§ 4 The tenants pay a deposit of 2,940 euros.",
            "Deposit",
            "第四條規定押金不得超過兩個月。",
            "第一次開會。",
            "",
        ] {
            assert!(!is_label(sentence), "{sentence}");
        }
    }

    #[test]
    fn a_sentence_that_points_back_refers_to_the_one_before() {
        for sentence in [
            "他預期降息三次。",
            "這是今年首次。",
            "She sees two cuts.",
            "……其後又降。",
            "“It fell.”",
            "該公司表示",
            "並且又降。",
        ] {
            assert!(refers_to_the_one_before(sentence), "{sentence}");
        }
        for sentence in [
            "陸以寧預期降息三次。",
            "其他銀行並未跟進。",
            "Items fell.",
            "Thesis: rates fall.",
            "",
            "此前它上漲",
            "那斯達克指數收高。",
            "其實不然。",
            "IT spending rose.",
        ] {
            assert!(!refers_to_the_one_before(sentence), "{sentence}");
        }
    }

    #[test]
    fn a_question_ends_with_a_question_mark() {
        for question in ["誰？", "那你想用什麼來取代它?”", "Why?)", "لماذا؟"] {
            assert!(asks_something(question), "{question}");
        }
        for statement in ["誰?他說。", "It fell.", "", "。"] {
            assert!(!asks_something(statement), "{statement}");
        }
    }

    #[test]
    fn an_exception_restricts_the_sentence_before_it() {
        for sentence in [
            "但經主管機關核准者，不在此限。",
            "但緊急情形，不適用之。",
            "ただし、祝日は除く。",
            "다만, 학생은 제외한다.",
            "Except on bank holidays.",
            "Exceptions need the approval of the board.",
            "This does not apply to apprentices.",
            "Laboratory staff cannot.",
            "Trainees may not.",
            "Ausgenommen sind Auszubildende.",
            "Dies gilt nicht für Hunde.",
            "Cela ne s’applique pas aux enfants.",
        ] {
            assert!(restricts_the_one_before(sentence, false), "{sentence}");
        }
        for sentence in [
            "但丁寫了神曲。",
            "但市場仍看好後市。",
            "However, the bank expects a cut.",
            "Employees may work from home.",
            "The board met on Monday and did not.",
            "It is not easy to say what the committee will do about the budget.",
            "",
        ] {
            assert!(!restricts_the_one_before(sentence, false), "{sentence}");
        }
        for sentence in
            ["However, dogs need a permit.", "但小型犬需登記。", "Allerdings nur mit Erlaubnis.", "Only guests may."]
        {
            assert!(restricts_the_one_before(sentence, true), "{sentence}");
        }
    }

    #[test]
    fn a_question_that_is_only_reported_is_left_open() {
        for sentence in [
            "The committee discussed whether to work on Sundays.",
            "Der Ausschuss beriet, ob sonntags gearbeitet wird.",
            "委員會討論是否於週日施工。",
            "日曜に作業するかどうか検討した。",
        ] {
            assert!(leaves_open(sentence), "{sentence}");
        }
        for sentence in [
            "The committee decided not to work on Sundays.",
            "Whether it rains does not matter.",
            "They discussed the budget. It is not known if it rained.",
            "是否施工由委員會決定。",
        ] {
            assert!(!leaves_open(sentence), "{sentence}");
        }
    }

    #[test]
    fn every_list_has_folded_words() {
        let lists = [
            REFERRING,
            REFERRING_CHINESE,
            NOT_REFERRING,
            NUMBERING,
            EXCEPTING,
            EXCEPTING_UNSPACED,
            PROVISO,
            ENDS_WITHOUT_A_VERB,
            CONTRASTING,
            CONTRASTING_UNSPACED,
            ASKING_WHETHER,
            ASKING_WHETHER_UNSPACED,
            ASKING_WHAT_UNSPACED,
            NO_EXCEPTION,
        ];
        let pairs = LEAVING_OPEN_UNSPACED.iter().flat_map(|(first, second)| [*first, *second]);
        let of_verbs = LEAVING_OPEN.iter().flat_map(|(verbs, whether)| verbs.iter().chain(*whether)).copied();
        let words = lists.into_iter().flatten().copied().chain(pairs).chain(of_verbs);
        let changed: Vec<&str> = words.filter(|word| fold(word) != **word).collect();
        assert!(changed.is_empty(), "{changed:?}");
    }

    #[test]
    fn a_question_for_yes_or_no_begins_with_its_verb() {
        for question in ["Can I keep a dog?", "Darf ich grillen?", "可以養狗嗎?", "ペットは飼えますか", "Is it open?"]
        {
            assert!(asks_whether(question), "{question}");
        }
        for question in ["Who leads it?", "When is it open?", "Wie lange dauert es?", "何時開門?"] {
            assert!(!asks_whether(question), "{question}");
        }
    }
}
