//! English forms that the stemmer does not join: irregular ones, comparatives, British spellings.

use std::collections::HashMap;
use std::sync::OnceLock;

/// A word and its irregular forms on each line.
const IRREGULAR: &str = include_str!("irregular.tsv");
/// Endings of British spellings, with the American ones.
const BRITISH: &[(&str, &str)] = &[
    ("isation", "ization"),
    ("isations", "ization"),
    ("ise", "ize"),
    ("ises", "ize"),
    ("ised", "ize"),
    ("ising", "ize"),
    ("our", "or"),
    ("ours", "or"),
    ("oured", "or"),
    ("ogue", "og"),
    ("tre", "ter"),
    ("tres", "ter"),
    ("ence", "ense"),
    ("elled", "el"),
    ("elling", "el"),
    ("eller", "eler"),
    ("ellery", "elry"),
];
/// Endings of a comparative, a superlative, and someone who does what the word says.
const DEGREES: &[&str] = &["er", "ers", "est"];
/// The shortest word without such an ending.
const SHORTEST: usize = 3;

/// The word of which a folded word is an irregular form.
pub(super) fn irregular(word: &str) -> Option<&'static str> {
    static FORMS: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    let forms = FORMS.get_or_init(|| {
        let lines = IRREGULAR.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter_map(|line| line.split_once('\t'))
            .flat_map(|(base, forms)| forms.split('\t').map(move |form| (form, base)))
            .collect()
    });
    forms.get(word).copied()
}

/// The words of which a folded word could be a form, the most likely first. Some of them are no words.
pub(super) fn bases(word: &str) -> Vec<String> {
    let mut bases = Vec::new();
    if !word.is_ascii() {
        return bases;
    }
    for (british, american) in BRITISH {
        bases.extend(word.strip_suffix(british).map(|start| format!("{start}{american}")));
    }
    for ending in DEGREES {
        let Some(start) = word.strip_suffix(ending).filter(|start| start.len() >= SHORTEST) else { continue };
        if let Some(start) = start.strip_suffix('i') {
            bases.push(format!("{start}y"));
            continue;
        }
        bases.push(start.to_owned());
        bases.push(format!("{start}e"));
        let mut last = start.chars().rev();
        if last.next() == last.next() {
            bases.push(start[..start.len() - 1].to_owned());
        }
    }
    bases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_irregular_form_leads_to_the_word_that_dictionaries_list() {
        for (form, base) in [("led", "lead"), ("sank", "sink"), ("withdrew", "withdraw"), ("women", "woman")] {
            assert_eq!(irregular(form), Some(base), "{form}");
        }
        for other in ["lead", "cut", "led ", "", "#"] {
            assert_eq!(irregular(other), None, "{other}");
        }
    }

    #[test]
    fn comparatives_and_british_spellings_lead_to_the_plain_word() {
        for (form, base) in [
            ("stronger", "strong"),
            ("largest", "large"),
            ("bigger", "big"),
            ("earliest", "early"),
            ("bidders", "bid"),
            ("utilisation", "utilization"),
            ("jewellery", "jewelry"),
            ("favour", "favor"),
            ("licence", "license"),
            ("labelled", "label"),
        ] {
            assert!(bases(form).contains(&base.to_owned()), "{form}: {:?}", bases(form));
        }
        assert_eq!(bases("her"), Vec::<String>::new(), "too short to have an ending");
        assert_eq!(bases("größer"), Vec::<String>::new());
    }
}
