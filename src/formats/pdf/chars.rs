//! Makes text of the characters that a PDF's fonts claim.

use unicode_normalization::UnicodeNormalization;

/// Stands for a hyphen at the end of a line, soft or hard: PDFium marks it, but does not tell which.
pub(super) const LINE_HYPHEN: char = '\u{FFFE}';

/// A hyphen that is only seen at the end of a line.
pub(super) const SOFT_HYPHEN: char = '\u{AD}';

/// What a reader sees for `c`: none, one or several characters. `None` if the character cannot be known.
pub(super) fn shown(c: char) -> Option<Shown> {
    match c {
        LINE_HYPHEN | SOFT_HYPHEN => Some(Shown::One(c)),
        '\t' | '\u{A0}' | '\u{2007}' | '\u{202F}' => Some(Shown::One(' ')),
        // Line ends come apart from the characters; the others have no glyph.
        '\r' | '\n' | '\u{200B}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{FEFF}' => Some(Shown::Nothing),
        // Bullets and ticks of Symbol and Wingdings.
        '\u{F0A7}' | '\u{F0B7}' | '\u{F0D8}' | '\u{F0FC}' | '\u{F076}' | '\u{F06C}' | '\u{F06E}' => {
            Some(Shown::One('•'))
        }
        '\u{F02B}'..='\u{F0E0}' if symbol(c).is_some() => symbol(c).map(Shown::One),
        '\u{FFFD}' | '\u{FFFF}' => None,
        _ if c.is_control() || is_private(c) => None,
        '\u{FB00}' => Some(Shown::Many("ff")),
        '\u{FB01}' => Some(Shown::Many("fi")),
        '\u{FB02}' => Some(Shown::Many("fl")),
        '\u{FB03}' => Some(Shown::Many("ffi")),
        '\u{FB04}' => Some(Shown::Many("ffl")),
        '\u{FB05}' | '\u{FB06}' => Some(Shown::Many("st")),
        '\u{2E80}'..='\u{2EFF}' => Some(Shown::One(radical(c))),
        '\u{2F00}'..='\u{2FDF}' | '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}' => {
            Some(Shown::One(c.nfkc().next().unwrap_or(c)))
        }
        _ => Some(Shown::One(c)),
    }
}

/// See [`shown`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Nothing,
    One(char),
    Many(&'static str),
}

/// The signs of the font Symbol, which programs write without a map to Unicode.
fn symbol(c: char) -> Option<char> {
    const PAIRS: [(char, char); 14] = [
        ('\u{F02B}', '+'),
        ('\u{F02D}', '−'),
        ('\u{F03C}', '<'),
        ('\u{F03D}', '='),
        ('\u{F03E}', '>'),
        ('\u{F0A3}', '≤'),
        ('\u{F0A5}', '∞'),
        ('\u{F0AE}', '→'),
        ('\u{F0B0}', '°'),
        ('\u{F0B1}', '±'),
        ('\u{F0B3}', '≥'),
        ('\u{F0B4}', '×'),
        ('\u{F0B9}', '≠'),
        ('\u{F0E0}', '→'),
    ];
    PAIRS.iter().find(|(from, _)| *from == c).map(|(_, to)| *to)
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..)
}

/// The ideograph that looks like a radical of the CJK Radicals Supplement, which has no compatibility mappings. By Unicode's
/// EquivalentUnifiedIdeograph.txt; radicals that are no words of their own stay.
fn radical(c: char) -> char {
    const PAIRS: &str = "⺁厂⺇几⺌小⺎兀⺐尢⺒巳⺓幺⺜日⺝月⺟母⺠民⺧牛⺩王⺫罒⺬示⺮竹⺶羊⺷羊⺻聿⺼月⺽臼⻁虎⻄西⻅见⻆角⻉贝⻋车⻑長⻓长⻔门⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟";
    let mut pairs = PAIRS.chars();
    while let (Some(from), Some(to)) = (pairs.next(), pairs.next()) {
        if from == c {
            return to;
        }
    }
    c
}

/// Whether `c` is Han, kana or punctuation of Chinese and Japanese, next to which no word space stands.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{2E80}'..='\u{2FDF}'
        | '\u{3000}'..='\u{303F}'
        | '\u{3040}'..='\u{30FF}'
        | '\u{3100}'..='\u{312F}'
        | '\u{31A0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE10}'..='\u{FE1F}'
        | '\u{FE30}'..='\u{FE4F}'
        | '\u{FF00}'..='\u{FF9F}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Whether `c` is a letter of Hebrew, Arabic or another script that runs to the left.
pub(super) fn runs_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}') && c.is_alphabetic()
}

/// Whether `c` may not begin a line of Chinese or Japanese, so that the character before it goes to the next line too.
pub(super) fn cannot_begin_line(c: char) -> bool {
    "、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】,.:;?!)]}%°％‰℃℉′″¢ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ…—～〜".contains(c)
}

/// Whether `c` may not end a line of Chinese or Japanese.
pub(super) fn cannot_end_line(c: char) -> bool {
    "‘“（〔［｛〈《「『【([{$￥€£＄￡#№".contains(c)
}

/// Whether a line ends neither before nor behind `c`, a quotation mark that may open and close.
pub(super) fn holds_together(c: char) -> bool {
    matches!(c, '"' | '\'' | '“' | '”' | '‘' | '’')
}

/// Whether text ends with the end of a sentence, within quotes or not.
pub(super) fn ends_sentence(text: &str) -> bool {
    let bare = text.trim_end_matches(|c: char| c.is_whitespace() || "\"'”’»)]）」』】》".contains(c));
    bare.ends_with(['.', '!', '?', '。', '！', '？', '．', '…', '‥', '।', '؟', '۔'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radicals_and_compatibility_ideographs_become_unified_ones() {
        let one = |c| match shown(c) {
            Some(Shown::One(c)) => c,
            other => panic!("{other:?}"),
        };
        assert_eq!((one('⼀'), one('⺠'), one('⻑'), one('\u{F9D0}')), ('一', '民', '長', '類'));
        // Full width is what the reader sees.
        assert_eq!(one('，'), '，');
        assert_eq!(one('Ａ'), 'Ａ');
    }

    #[test]
    fn ligatures_are_letters_and_unknown_characters_are_unknown() {
        assert_eq!(shown('ﬁ'), Some(Shown::Many("fi")));
        assert_eq!(shown('\u{F0B7}'), Some(Shown::One('•')));
        assert_eq!(shown('\u{200B}'), Some(Shown::Nothing));
        assert!([shown('\u{1}'), shown('\u{E123}'), shown('\u{FFFD}')].iter().all(Option::is_none));
    }

    #[test]
    fn a_sentence_ends_within_quotes_too() {
        assert!(ends_sentence("He said “no.”"));
        assert!(ends_sentence("他說：「不。」"));
        assert!(!ends_sentence("and so"));
        assert!(!ends_sentence("因此，"));
    }
}
