//! Misspelt questions, made of right ones: the same ones each time.

use pinyin::ToPinyin as _;

use crate::harness::Dice;

/// Words that phrase a question.
const FUNCTION: &str = " about after which where whose their there these those while would could should between during what \
    were does welche welcher welches welchem welchen werden wurde wurden haben hatte einer eines einem einen durch unter \
    zwischen nicht diese dieser dieses wieviel viele ";
/// The shortest word that is misspelt.
const SHORTEST: usize = 5;

/// The question with one typing error in a word of five letters or more: dropped, doubled, swapped, replaced or added.
pub(super) fn with_typing_error(question: &str, dice: &mut Dice) -> Option<String> {
    let is_word = |word: &&str| {
        word.chars().count() >= SHORTEST
            && word.chars().all(char::is_alphabetic)
            && !FUNCTION.contains(&format!(" {} ", word.to_lowercase()))
    };
    let words: Vec<&str> = question.split(|c: char| !c.is_alphanumeric()).filter(is_word).collect();
    let word = words.get(dice.below(words.len()))?;
    let start = word.as_ptr() as usize - question.as_ptr() as usize;
    let letters: Vec<char> = word.chars().collect();
    loop {
        let mut wrong = letters.clone();
        let at = 1 + dice.below(letters.len() - 1);
        let letter = char::from(b'a' + dice.below(26) as u8);
        match dice.below(5) {
            0 => drop(wrong.remove(at)),
            1 => wrong.insert(at, letters[at]),
            2 if at + 1 < letters.len() => wrong.swap(at, at + 1),
            3 => wrong[at] = letter,
            4 => wrong.insert(at, letter),
            _ => continue,
        }
        if wrong != letters {
            let wrong: String = wrong.into_iter().collect();
            return Some(format!("{}{wrong}{}", &question[..start], &question[start + word.len()..]));
        }
    }
}

/// The question with one Chinese character of `words` replaced by one of `others` with the same sound.
pub(super) fn with_homophone(question: &str, others: &[char], dice: &mut Dice) -> Option<String> {
    let sound = |c: char| c.to_pinyin().map(pinyin::Pinyin::plain);
    let characters: Vec<(usize, char)> =
        question.char_indices().filter(|(_, c)| !NOT_REPLACED.contains(*c) && sound(*c).is_some()).collect();
    for _ in 0..20 {
        let (start, right) = *characters.get(dice.below(characters.len()))?;
        let same: Vec<char> = others.iter().copied().filter(|c| *c != right && sound(*c) == sound(right)).collect();
        if let Some(wrong) = same.get(dice.below(same.len())) {
            return Some(format!("{}{wrong}{}", &question[..start], &question[start + right.len_utf8()..]));
        }
    }
    None
}

/// Kana that differ by their size or a voicing mark.
const CONFUSED: &[&str] = &[
    "アァ",
    "イィ",
    "ウゥ",
    "エェ",
    "オォ",
    "ツッ",
    "ヤャ",
    "ユュ",
    "ヨョ",
    "カガ",
    "キギ",
    "クグ",
    "ケゲ",
    "コゴ",
    "サザ",
    "シジ",
    "スズ",
    "セゼ",
    "ソゾ",
    "タダ",
    "チヂ",
    "テデ",
    "トド",
    "ハバパ",
    "ヒビピ",
    "フブプ",
    "ヘベペ",
    "ホボポ",
];

/// The words of katakana that are long enough to be misspelt.
fn katakana(question: &str) -> Vec<&str> {
    let is_katakana = |c: char| matches!(c, 'ァ'..='ヺ' | 'ー');
    question.split(|c| !is_katakana(c)).filter(|word| word.chars().count() >= SHORTEST).collect()
}

pub(super) fn has_katakana(question: &str) -> bool {
    !katakana(question).is_empty()
}

/// The question with one error in a word of katakana: a kana of another size or voice, two that changed places, or a long vowel or
/// a small ッ that is missing or too many.
pub(super) fn with_wrong_kana(question: &str, dice: &mut Dice) -> Option<String> {
    let words = katakana(question);
    let word = words.get(dice.below(words.len()))?;
    let start = word.as_ptr() as usize - question.as_ptr() as usize;
    let kana: Vec<char> = word.chars().collect();
    loop {
        let mut wrong = kana.clone();
        let at = 1 + dice.below(kana.len() - 1);
        let alike = CONFUSED.iter().find(|group| group.contains(kana[at]));
        match (dice.below(4), alike) {
            (0, Some(group)) => wrong[at] = *dice.pick(&group.chars().collect::<Vec<_>>()),
            (1, _) if matches!(kana[at], 'ー' | 'ッ') => drop(wrong.remove(at)),
            (2, _) if at + 1 < kana.len() => wrong.swap(at, at + 1),
            (3, _) if kana[at] != 'ー' => wrong.insert(at, *dice.pick(&['ー', 'ッ'])),
            _ => continue,
        }
        if wrong != kana {
            let wrong: String = wrong.into_iter().collect();
            return Some(format!("{}{wrong}{}", &question[..start], &question[start + word.len()..]));
        }
    }
}

/// Characters of function words.
const NOT_REPLACED: &str = "的是了在不和那裡這個們誰哪幾什麼第得著過有為與及於由被把讓向從到對會能可要都就而或之其此該每各某多少何嗎呢人年月日上下中大小前後";
