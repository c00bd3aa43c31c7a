//! Suggests the name that was probably meant.

use strsim::osa_distance;

/// The name among `known` that is nearest to `name`, if the difference is small enough to be a slip.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    // One slip in a short word, two in a longer one.
    let max = if name.chars().count() < 5 { 1 } else { 2 };
    let near = |known: &'a str| {
        let distance = osa_distance(&name, &known.to_lowercase());
        (distance <= max && distance < known.chars().count()).then_some((distance, known))
    };
    known.into_iter().filter_map(near).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// `; did you mean x?` or nothing: the end of a sentence that says that there is no `name`.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["default", "news", "top_k", "multilingual-e5-small"];
        assert_eq!(nearest("newz", known), Some("news"));
        assert_eq!(nearest("topk", known), Some("top_k"));
        assert_eq!(nearest("defualt", known), Some("default"));
        assert_eq!(nearest("multilingual-e5-smal", known), Some("multilingual-e5-small"));
        assert_eq!(nearest("weather", known), None);
        assert_eq!(nearest("x", ["y"]), None, "a slip does not change a whole name");
        assert_eq!(did_you_mean("newz", known), "; did you mean `news`?");
        assert_eq!(did_you_mean("weather", known), "");
    }

    #[test]
    fn letters_of_any_script_count_the_same() {
        assert_eq!(nearest("聯準會的決定", ["聯准會的決定"]), Some("聯准會的決定"));
        assert_eq!(nearest("aks", ["ask", "keys"]), Some("ask"), "two swapped letters are one slip");
    }
}
