//! Questions for a price, and sentences that tell one.

use crate::terms::{fold, mentions_one};

/// Verbs of a question for a price, folded.
const COSTING: [&str; 14] = [
    "cost", "costs", "pay", "charge", "charged", "kostet", "kosten", "bezahlen", "zahlen", "coute", "coutent",
    "cuesta", "cuestan", "costa",
];
/// Words before them that ask how much.
const ASKING: [&str; 12] = [
    "how much",
    "wie viel",
    "wieviel",
    "was",
    "combien",
    "cuanto",
    "quanto",
    "what does",
    "what do",
    "what did",
    "what will",
    "what would",
];
/// Beginnings of a question for the price of what follows, folded.
const PRICE_OF: [&str; 6] = [
    "how much is the ",
    "how much are the ",
    "how much is a ",
    "how much is an ",
    "how much for ",
    "what is the price of ",
];
const PRICE_UNSPACED: [&str; 12] = [
    "多少钱",
    "几块钱",
    "票价",
    "价钱",
    "费用多少",
    "费用是多少",
    "学费",
    "运费",
    "月租",
    "租金",
    "いくら",
    "얼마예요",
];
/// Words of a question for a change, which can be a share, folded.
const CHANGING: [&str; 42] = [
    "rise",
    "rose",
    "risen",
    "raise",
    "raised",
    "increase",
    "increased",
    "fall",
    "fell",
    "fallen",
    "drop",
    "dropped",
    "change",
    "changed",
    "grow",
    "grew",
    "higher",
    "lower",
    "cut",
    "more",
    "less",
    "steigen",
    "gestiegen",
    "gesunken",
    "mehr",
    "percent",
    "prozent",
    "of",
    "left",
    "worth",
    "涨",
    "跌",
    "增",
    "减",
    "调",
    "升",
    "降",
    "%",
    "率",
    "上が",
    "下が",
    "値上",
];
/// Words beside a number that make it a price, and words for no price at all, folded.
const TELLING: [&str; 52] = [
    "cost", "costs", "price", "prices", "priced", "fee", "fees", "fare", "fares", "rent", "charge", "charges",
    "charged", "pay", "pays", "paid", "salary", "wage", "budget", "ticket", "tickets", "deposit", "kostet", "kosten",
    "preis", "preise", "gebuhr", "miete", "eintritt", "coute", "prix", "tarif", "cuesta", "precio", "prezzo", "costa",
    "价", "费", "薪", "租", "钱", "收", "付", "料", "円", "額", "额", "代金", "給", "요금", "가격", "원",
];
const FREE: [&str; 18] = [
    "free",
    "complimentary",
    "included",
    "includes",
    "kostenlos",
    "kostenfrei",
    "gratis",
    "gratuit",
    "gratuite",
    "inbegriffen",
    "incluido",
    "gratuito",
    "免费",
    "无料",
    "包含",
    "含在",
    "无需付",
    "무료",
];

/// Whether a folded question with these `words` asks what something costs.
pub(super) fn asks_for_price(folded: &str, words: &[&str]) -> bool {
    let is_of_change = mentions_one(folded, CHANGING);
    let spaced = words.join(" ");
    let asks = || ASKING.iter().any(|cue| spaced.starts_with(cue) || spaced.contains(&format!(" {cue} ")));
    // "What caused the cost overrun?"
    let is_verb = |at: usize| match words[at] {
        "cost" | "costs" => {
            !matches!(at.checked_sub(1).map(|before| words[before]), Some("the" | "a" | "of" | "its" | "their"))
        }
        _ => true,
    };
    let costs = || (0..words.len()).any(|at| COSTING.contains(&words[at]) && is_verb(at));
    !is_of_change
        && (asks() && costs()
            || PRICE_OF.iter().any(|opening| spaced.starts_with(opening))
            || mentions_one(folded, PRICE_UNSPACED))
}

/// Whether a sentence tells a price without naming a currency, or that there is none to pay.
pub(super) fn is_price(sentence: &str, has_number: bool) -> bool {
    let folded = fold(sentence);
    has_number && mentions_one(&folded, TELLING) || mentions_one(&folded, FREE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(question: &str) -> bool {
        let folded = fold(question);
        let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        asks_for_price(&folded, &words)
    }

    #[test]
    fn what_something_costs_is_a_price() {
        for question in [
            "How much does a ticket cost?",
            "What does Stonechat Hut cost?",
            "How much do I have to pay for parking?",
            "How much is the internet in the flat?",
            "Was kostet ein Tagesticket?",
            "Combien coûte le billet ?",
            "票價是多少?",
            "這要多少錢?",
            "入場料はいくらですか?",
        ] {
            assert!(asks(question), "{question}");
        }
        for question in [
            "By how much may the landlord raise the rent?",
            "How much did the price of oil rise?",
            "What caused the cost overrun?",
            "How much of the land is forest?",
            "What did the committee decide?",
            "油價漲了多少?",
            "How much is left?",
        ] {
            assert!(!asks(question), "{question}");
        }
    }

    #[test]
    fn a_price_is_told_with_or_without_a_currency() {
        assert!(is_price("A return ticket is 30 from Monday on.", true) && is_price("Parking is free.", false));
        assert!(is_price("停車免費。", false) && !is_price("It has only 18 beds.", true));
    }
}
