//! Words by which a follow-up question is recognised, folded. English, German, Spanish, French, Chinese and Japanese, and
//! some of Portuguese and Italian.

/// Openings after which a question continues the one before, whatever follows. The longest come first.
#[rustfmt::skip]
pub(super) const JOINING: &[&str] = &[
    "and what about", "and how about", "what about", "how about", "but what about", "who else", "what else",
    "anyone else", "and", "but", "or", "also", "und was ist mit", "und wie steht es mit", "und wie sieht es mit",
    "was ist mit", "wie steht es mit", "wie sieht es mit", "und", "aber", "oder", "auch", "y que hay de",
    "que hay de", "y que pasa con", "que pasa con", "y que tal", "que tal", "y", "pero", "et qu en est il de",
    "et qu en est il du", "qu en est il de", "qu en est il du", "et pour", "et", "mais", "ou", "e quanto a",
    "e quanto ao", "e per", "e che dire di", "e",
];
/// Question words that alone continue the question before: "why?", but not "why did the Fed cut?".
#[rustfmt::skip]
pub(super) const CONTINUING: &[&str] = &[
    "why", "why not", "when", "where", "how so", "really", "since when", "warum", "wieso", "wann", "wo", "por que",
    "cuando", "donde", "pourquoi", "quand", "perche", "quando",
];
#[rustfmt::skip]
pub(super) const JOINING_UNSPACED: &[&str] = &[
    "那如果是", "那么", "那换成", "换成", "那", "还有", "另外", "至于", "それでは", "それなら", "それ", "では",
    "じゃあ", "じゃ",
];
#[rustfmt::skip]
pub(super) const CONTINUING_UNSPACED: &[&str] = &[
    "为什么", "为何", "什么时候", "何时", "哪里", "怎么", "なぜ", "どうして", "いつ", "どこ",
];
/// What a fragment about something else ends with: "日銀呢?", "日銀は?".
#[rustfmt::skip]
pub(super) const ENDINGS_UNSPACED: &[&str] = &[
    "についてはどうですか", "の場合はどうですか", "はどうですか", "はどうなの", "はどう", "の場合は", "については",
    "ですか", "は", "呢", "吗", "啊", "呀",
];

/// Pronouns for persons. In a question that names nothing itself they refer to the one before.
pub(super) const PERSONS: &[&str] = &["he", "she", "him", "her", "his", "hers", "ella", "elle", "er", "ihn", "ihm"];
/// Other pronouns.
#[rustfmt::skip]
pub(super) const THINGS: &[&str] = &[
    "it", "they", "them", "its", "their", "theirs", "this", "these", "those", "former", "latter", "ellos", "ellas",
    "eso", "esto", "ils", "elles", "cela", "leur", "leurs",
];
/// German pronouns. German capitalises every noun, so a capital letter there marks no name.
pub(super) const GERMAN: &[&str] = &["er", "ihn", "ihm", "ihr", "dessen", "deren"];
pub(super) const PERSONS_UNSPACED: &[&str] = &["他", "她", "彼"];
#[rustfmt::skip]
pub(super) const THINGS_UNSPACED: &[&str] = &[
    "它", "牠", "这", "那个", "那些", "那位", "那家", "该", "此", "其中", "前者", "后者", "上述", "その", "この",
    "あの", "それ",
];
/// Words that contain a Chinese pronoun but are none.
pub(super) const NO_PRONOUNS: &[&str] = &["应该", "因此", "如此", "吉他", "彼得", "彼此", "那霸", "那覇"];
/// Words that are folded to one of [`JOINING`] and are none: where, and forms of "to be".
pub(super) const NOT_JOINING: &[&str] = &["où", "è", "é"];

/// Words that ask. In a fragment there are none.
#[rustfmt::skip]
pub(super) const ASKING: &[&str] = &[
    "who", "whom", "whose", "what", "when", "where", "why", "how", "which", "wer", "wen", "wem", "was", "wann", "wo",
    "warum", "wieso", "wie", "welche", "welcher", "welches", "welchen", "quien", "quienes", "que", "cuando", "donde",
    "como", "cuanto", "cuanta", "cuantos", "cuantas", "cual", "cuales", "qui", "quoi", "quand", "ou", "pourquoi",
    "comment", "combien", "quel", "quelle", "quels", "quelles", "chi", "quando", "dove", "perche", "quanto", "quanti",
    "quale", "quem", "onde", "qual", "quais",
];
/// Words that ask for a person, whom a pronoun then means.
#[rustfmt::skip]
pub(super) const ASKING_FOR_A_PERSON: &[&str] = &[
    "who", "whom", "wer", "wen", "quien", "quienes", "qui", "chi", "quem",
];
/// Verbs and other words that phrase a question and name nothing.
#[rustfmt::skip]
pub(super) const PHRASING: &[&str] = &[
    "is", "are", "was", "were", "be", "been", "does", "did", "do", "will", "would", "can", "could", "should", "has",
    "have", "had", "may", "much", "many", "often", "long", "ist", "sind", "war", "waren", "wird", "werden", "hat",
    "haben", "kann", "hoch", "viel", "viele", "es", "son", "fue", "est", "sont", "a", "ont", "y", "t", "il", "e",
    "sono", "sao", "foi", "there", "in", "on", "at", "for", "to", "of", "by", "from", "with", "about", "im", "am",
    "fur", "von", "vom", "bei", "zu", "zum", "zur", "mit", "uber", "nach", "auf", "de", "del", "du", "des", "en",
    "para", "pour", "dans", "sur", "au", "aux", "con", "di", "da", "do", "no", "na", "em", "per", "i", "we", "you",
    "me", "tell", "please", "same", "so", "then", "now", "too", "else", "not", "denn", "dann", "also", "really",
];
/// Articles, which a name does not include.
#[rustfmt::skip]
pub(super) const ARTICLES: &[&str] = &[
    "the", "a", "an", "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "el", "la",
    "los", "las", "lo", "un", "una", "le", "les", "l", "une", "du", "il", "gli", "os", "as", "o",
];
/// Words that join the parts of one name: "Bank of Japan".
#[rustfmt::skip]
pub(super) const CONNECTORS: &[&str] = &[
    "of", "de", "du", "des", "del", "della", "di", "da", "do", "van", "von", "der", "the", "for", "la",
];

/// Months, weekdays and the like.
#[rustfmt::skip]
pub(super) const TIMES: &[&str] = &[
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "q1", "q2", "q3", "q4",
    "h1", "h2", "today", "yesterday", "tomorrow", "januar", "februar", "marz", "mai", "juni", "juli", "oktober",
    "dezember", "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
    "noviembre", "diciembre", "janvier", "fevrier", "mars", "avril", "juin", "juillet", "aout", "septembre",
    "octobre", "novembre", "decembre",
];
/// Nouns of time, which with a word of [`TIME_WORDS`] beside them are a time.
#[rustfmt::skip]
pub(super) const TIME_NOUNS: &[&str] = &[
    "year", "quarter", "month", "week", "half", "decade", "jahr", "quartal", "monat", "woche", "halbjahr", "ano",
    "trimestre", "mes", "semana", "semestre", "annee", "mois", "semaine",
];
#[rustfmt::skip]
pub(super) const TIME_WORDS: &[&str] = &[
    "last", "next", "this", "previous", "coming", "first", "second", "third", "fourth", "letztes", "letzten",
    "nachstes", "nachsten", "dieses", "diesem", "voriges", "vorigen", "ersten", "zweiten", "dritten", "vierten",
    "pasado", "proximo", "este", "primer", "segundo", "tercer", "cuarto", "derniere", "dernier", "prochaine",
    "prochain", "cette", "premier", "deuxieme", "troisieme", "quatrieme",
];
/// Endings of German nouns that are no names.
#[rustfmt::skip]
pub(super) const GERMAN_NOUN_ENDINGS: &[&str] = &[
    "ung", "heit", "keit", "schaft", "satz", "preis", "zins", "zinsen", "zahl", "quote", "kosten", "gewinn", "umsatz",
    "bericht", "rate", "plan", "dauer", "zeit", "grund", "wert", "wachstum", "bank",
];

/// Places where a Chinese or Japanese question is cut: words that ask.
#[rustfmt::skip]
pub(super) const ASKING_UNSPACED: &[&str] = &[
    "为什么", "什么时候", "什么", "哪一个", "哪些", "哪个", "哪里", "哪位", "哪家", "哪种", "哪", "多少", "多久",
    "多大", "多长", "多高", "多重", "多快", "多远", "多深", "多宽", "几", "如何", "怎么样", "怎么", "怎样", "为何",
    "何时", "何种", "何地", "谁", "是否", "有没有", "请问", "なぜ", "どうして", "いつ", "どこ", "だれ", "いくら",
    "いくつ", "どの", "どれ", "どう", "どんな", "どちら", "何",
];
/// Question words that ask for the size of what stands before them: "航程多久".
#[rustfmt::skip]
pub(super) const MEASURING: &[&str] = &[
    "多少", "多久", "多大", "多长", "多高", "多重", "多快", "多远", "多深", "多宽", "几", "如何", "いくら", "いくつ",
    "何",
];
pub(super) const PERSON_UNSPACED: &[&str] = &["谁", "哪位", "だれ"];
/// Other words at which it is cut.
#[rustfmt::skip]
pub(super) const CUTTING: &[&str] = &[
    "认为", "预期", "预计", "预估", "预测", "表示", "指出", "宣布", "支持", "反对", "决定", "计划", "打算", "推出",
    "提高", "降低", "维持", "调整", "同意", "批准", "通过", "发布", "公布", "应该", "可以", "可能", "需要", "已经",
    "的", "是", "在", "把", "被", "将", "会", "有", "比", "要", "从", "到", "了",
];
/// Words that contain one of [`CUTTING`] and are not cut.
#[rustfmt::skip]
pub(super) const UNCUT: &[&str] = &[
    "准会", "员会", "国会", "协会", "工会", "学会", "渔会", "商会", "公会", "农会", "议会", "大会", "社会", "教会",
    "董事会", "理事会", "会议", "会计", "会长", "会员", "比亚", "比利", "比特", "比例", "比重", "比率", "占比",
    "对比", "有限", "有机", "有色", "国有", "所有", "持有", "重要", "主要", "要求", "要素", "现在", "存在", "将军",
    "将来", "目的", "的士", "到底", "是非", "从来", "了解", "为了", "除了", "存款", "到期", "有关",
];
/// What is left of a question that asks nothing of its own: "誰呢?", "是什麼?".
#[rustfmt::skip]
pub(super) const EMPTY_UNSPACED: &[&str] = &[
    "的", "是", "了", "呢", "会", "要", "有", "吗", "啊", "呀", "请", "问", "が", "は", "を", "に", "の", "です",
    "ですか", "か",
];

/// Endings of Chinese and Japanese words for a property, which is asked for of the same subject.
#[rustfmt::skip]
pub(super) const PROPERTY_ENDINGS: &[&str] = &[
    "率", "额", "量", "价", "数", "费", "营收", "收入", "毛利", "净利", "获利", "股利", "利润", "成本", "时间",
    "日期", "地点", "地址", "电话", "原因", "理由", "价格", "票价", "租金", "薪水", "目标", "预测", "计划", "结果",
    "影响", "风险", "规模", "产能", "份额", "比例", "比重", "排名", "高度", "长度", "宽度", "深度", "速度", "温度",
    "浓度", "面积", "重量", "船长", "馆长", "总裁", "执行长", "董事长", "经理", "校长", "作者", "负责人", "发言人",
    "分析师", "利息", "金利", "価格", "利益", "売上", "売上高", "理由", "時間", "社長", "総裁", "船長", "数値",
    "目標",
];
