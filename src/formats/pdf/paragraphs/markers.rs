//! The marks before the items of a list: bullets and numbers.

/// Whether the line begins with a bullet.
pub(in super::super) fn is_bullet(text: &str) -> bool {
    const BULLETS: &str = "•◦▪■□●○◆◇►▶✓✔‣➢★";
    let mut chars = text.chars();
    chars.next().is_some_and(|first| {
        BULLETS.contains(first)
            || matches!(first, '①'..='⑳' | '❶'..='❿')
            || (matches!(first, '-' | '–' | '*' | '·' | '・' | '—') && chars.next() == Some(' '))
    })
}

/// Whether the line begins with a bullet or a number of a list: `3.`, `(b)`, `二、`, `（三）`, `[4]`, `第五條`.
pub(in super::super) fn is_marker(text: &str) -> bool {
    is_bullet(text) || number_end(text).is_some()
}

/// Where the number ends that the line begins with.
fn number_end(text: &str) -> Option<usize> {
    let (open, rest) = match text.chars().next()? {
        'ａ'..='ｚ' | 'Ａ'..='Ｚ' if text.chars().nth(1)?.is_whitespace() => return Some('ａ'.len_utf8()),
        c @ ('(' | '（' | '[' | '〔') => (true, text.get(c.len_utf8()..)?),
        '第' => {
            let rest = text.get('第'.len_utf8()..)?;
            let digits = digits_end(rest);
            let unit = rest.get(digits..)?.chars().next()?;
            return (digits > 0 && "章節节條条款項项回編编部".contains(unit)).then_some(digits);
        }
        _ => (false, text),
    };
    let end = digits_end(rest);
    let token = rest.get(..end)?;
    let mut after = rest.get(end..)?.chars();
    let is_number = !token.is_empty() && token.chars().count() <= 4;
    let (mark, next) = (after.next()?, after.next());
    let is_marked = if open {
        matches!(mark, ')' | '）' | ']' | '〕')
    } else {
        match mark {
            '、' | '）' | '．' | ')' => true,
            // Not a decimal number, nor an abbreviation.
            '.' => next.is_none_or(|next| next.is_whitespace() || !next.is_ascii()),
            _ => false,
        }
    };
    (is_number && is_marked).then_some(end)
}

/// The end of an Arabic, Chinese or Roman number or of a single letter, at the start of the text.
fn digits_end(text: &str) -> usize {
    let run = |is_digit: fn(char) -> bool| text.find(|c: char| !is_digit(c)).unwrap_or(text.len());
    let arabic = run(|c| c.is_ascii_digit() || ('０'..='９').contains(&c));
    let chinese = run(|c| "一二三四五六七八九十百甲乙丙丁戊".contains(c));
    let roman = run(|c| "ivxIVX".contains(c));
    let letter = text.chars().next().filter(char::is_ascii_alphabetic).map_or(0, char::len_utf8);
    [arabic, chinese, roman, letter].into_iter().find(|end| *end > 0).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_lists_are_known() {
        for text in [
            "• a",
            "- a",
            "1. A",
            "12) a",
            "(b) c",
            "iv. x",
            "二、甲",
            "（三）乙",
            "①丙",
            "[4] Doe",
            "第五條 丁",
            "10. A",
            "ｂ 甲",
        ] {
            assert!(is_marker(text), "{text}");
        }
        for text in ["3.5 million", "A man", "2026年", "二十個", "-5 degrees", "e.g. this", "第一次", "(see above)"]
        {
            assert!(!is_marker(text), "{text}");
        }
    }
}
