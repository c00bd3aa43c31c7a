//! CC-CEDICT: `Traditional Simplified [pinyin] /gloss/gloss/`, in both directions.

mod gloss;

use std::collections::HashSet;

use self::gloss::Glosses;
use super::table::Pair;
use super::{is_abbreviation, key};
use crate::terms::fold;
use crate::terms::language::is_han;

/// Stands between the parts of a foreign person's name: `唐納·川普`.
const NAME_SEPARATOR: char = '·';

/// Every entry in both directions.
pub(super) fn pairs(text: &str) -> Vec<Pair> {
    let glosses = Glosses::new(surnames(text));
    let mut pairs = Vec::new();
    for (word, senses) in entries(text) {
        let word = fold(word);
        // A single character has too many meanings.
        let is_written = |c: char| is_han(c) || c.is_alphanumeric() || c == NAME_SEPARATOR;
        if word.chars().count() < 2 || !word.chars().all(is_written) || !word.chars().any(is_han) {
            continue;
        }
        let family_name =
            word.rsplit_once(NAME_SEPARATOR).map(|(_, name)| name).filter(|name| name.chars().count() > 1);
        let meanings: Vec<String> = senses.split('/').flat_map(|gloss| glosses.keys(gloss)).collect();
        let count = meanings.len() as u32;
        for (position, meaning) in (0_u32..).zip(meanings) {
            // Meanings further up in an entry rank first, then words with fewer meanings.
            let rank = position * 100 + count;
            // A value is a term, so an abbreviation is in lower case there.
            let english = if is_abbreviation(&meaning) { key(&meaning) } else { meaning.clone() };
            if let Some(name) = family_name {
                pairs.push(Pair { key: meaning.clone(), value: name.to_owned(), rank: rank + 1 });
                pairs.push(Pair { key: name.to_owned(), value: english.clone(), rank: position + 1 });
            }
            pairs.push(Pair { key: meaning, value: word.clone(), rank });
            pairs.push(Pair { key: word.clone(), value: english, rank: position });
        }
    }
    pairs
}

/// The words in Simplified characters, each with its glosses.
fn entries(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (head, glosses) = line.split_once('/')?;
        Some((head.split_whitespace().nth(1)?, glosses))
    })
}

/// Chinese surnames in pinyin, in lower case: those of a single character.
fn surnames(text: &str) -> HashSet<String> {
    let of_one_character = entries(text).filter(|(word, _)| word.chars().count() == 1);
    let names =
        of_one_character.flat_map(|(_, glosses)| glosses.split('/')).filter_map(|gloss| gloss.strip_prefix("surname "));
    names.map(|name| name.split(' ').next().unwrap_or(name).to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::table::{self, Dictionary};
    use super::*;

    const LINES: &str = "\
# a comment
央行 央行 [yang1 hang2] /central bank (abbr. for 中央銀行|中央银行[zhong1 yang1 yin2 hang2])/
加息 加息 [jia1 xi1] /to raise interest rates/
國際貨幣基金組織 国际货币基金组织 [x] /International Monetary Fund (IMF)/
美聯儲 美联储 [x] /US Federal Reserve (Fed), the US central bank/
筆記本 笔记本 [x] /notebook/CL:本[ben3]/laptop; notebook computer (Tw)/
打 打 [da3] /to hit/
英國 英国 [x] /United Kingdom (UK)/
考文垂 考文垂 [x] /Coventry city in West Midlands 西米德蘭茲|西米德兰兹[Xi1 mi3], UK/
熊本 熊本 [x] /Kumamoto city and prefecture in west Kyūshū, Japan/
發光二極體 发光二极体 [x] /light-emitting diode; LED (Tw)/
美聯社 美联社 [x] /abbr. for 美國聯合通訊社|美国联合通讯社[x], Associated Press (AP)/
安娜·貝利 安娜·贝利 [x] /Anna Bailey (1950-), British politician, minister 2001-2003/
施羅德 施罗德 [x] /Gerhard Schröder (1944-), German SPD politician/
王 王 [Wang2] /surname Wang/king or monarch/
王力宏 王力宏 [x] /Leehom Wang (1976-), Taiwanese-American singer/
穆勒 穆勒 [x] /(Tw) surname Mueller/
";

    fn get(key_of: &str) -> Vec<String> {
        let dictionary = Dictionary::from_bytes(table::compile(pairs(LINES))).unwrap();
        dictionary.get(&super::super::dictionary_key(key_of)).map(str::to_owned).collect()
    }

    #[test]
    fn an_entry_is_found_by_each_of_its_meanings_and_its_abbreviation() {
        assert_eq!(get("raise interest rates"), ["加息"]);
        assert_eq!(get("IMF"), ["国际货币基金组织"]);
        assert_eq!(get("the Fed"), ["美联储"]);
        assert_eq!(get("US central bank"), ["美联储"]);
        assert_eq!(get("laptop"), ["笔记本"]);
        assert_eq!(get("notebook"), ["笔记本"]);
        assert_eq!(get("Tw"), Vec::<String>::new());
        assert_eq!(get("hit"), Vec::<String>::new(), "a single character has too many meanings");
    }

    #[test]
    fn where_a_place_lies_is_not_its_name() {
        assert_eq!(get("UK"), ["英国"]);
        assert_eq!(get("Japan"), Vec::<String>::new());
        assert_eq!(get("AP"), ["美联社"]);
        assert_eq!(get("Associated Press"), ["美联社"], "the first part is Chinese, so the name is the second");
    }

    #[test]
    fn an_abbreviation_in_capitals_is_not_the_word_with_its_letters() {
        assert_eq!(get("LED"), ["发光二极体"]);
        assert_eq!(get("led"), Vec::<String>::new());
        assert_eq!(get("英國"), ["unit kingdom", "uk"]);
    }

    #[test]
    fn a_foreign_person_is_found_by_the_family_name_and_a_chinese_one_is_not() {
        assert_eq!(get("Schröder"), ["施罗德"]);
        assert_eq!(get("Mueller"), ["穆勒"]);
        assert_eq!(get("Bailey"), ["安娜·贝利", "贝利"]);
        assert_eq!(get("贝利"), ["anna bailey", "bailey"]);
        assert_eq!(get("Wang"), Vec::<String>::new());
        assert_eq!(get("Leehom Wang"), ["王力宏"]);
    }

    #[test]
    fn a_chinese_word_in_either_script_gives_its_english_keys() {
        assert_eq!(get("國際貨幣基金組織"), ["intern monetari fund", "imf"]);
        assert_eq!(get("加息"), ["rais interest rate"]);
    }
}
