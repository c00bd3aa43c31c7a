//! Dictionaries as plain text: a term, a tab and its translation on each line.

use super::key;
use super::table::Pair;

/// Every line in both directions. Lines without a tab and lines that start with `#` are skipped.
pub(super) fn pairs(text: &str) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((term, meaning)) = line.split_once('\t') else { continue };
        let (term, meaning) = (key(term), key(meaning));
        // Earlier lines rank first.
        let rank = pairs.len() as u32;
        pairs.push(Pair { key: term.clone(), value: meaning.clone(), rank });
        pairs.push(Pair { key: meaning, value: term, rank });
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::super::{Dictionary, SourceFormat, compile};

    #[test]
    fn a_line_is_looked_up_from_either_side() {
        let source = "# German, English\nZinssenkungen\trate cuts\nno tab\nZinsen\tinterest rates\n";
        let dictionary = Dictionary::from_bytes(compile(source.as_bytes(), SourceFormat::Tsv).unwrap()).unwrap();
        assert_eq!(dictionary.len(), 4);
        let key = super::key;
        assert_eq!(dictionary.get(&key("rate cut")).collect::<Vec<_>>(), [key("Zinssenkungen")]);
        assert_eq!(dictionary.get(&key("Zinsen")).collect::<Vec<_>>(), [key("interest rate")]);
    }
}
