//! What a name that does not exist was probably meant to be.

/// The name among `known` that differs least from `name`, if that is little enough to be a slip.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    // One slip in a short word, two in a longer one; more makes another word.
    let most = if name.chars().count() < 5 { 1 } else { 2 };
    let near = |known: &'a str| {
        let distance = distance(&name, &known.to_lowercase());
        (distance <= most && distance < known.chars().count()).then_some((distance, known))
    };
    known.into_iter().filter_map(near).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// `; did you mean x?`, or nothing: the end of a sentence that says that there is no `name`.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"))
}

/// How many characters have to be put in, left out, replaced or swapped with their neighbour to make one of the other
/// (optimal string alignment).
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let replaced = above[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_seen_and_another_word_is_not() {
        let known = ["default", "news", "top_k", "multilingual-e5-small"];
        assert_eq!(nearest("newz", known), Some("news"));
        assert_eq!(nearest("topk", known), Some("top_k"));
        assert_eq!(nearest("defualt", known), Some("default"));
        assert_eq!(nearest("multilingual-e5-smal", known), Some("multilingual-e5-small"));
        assert_eq!(nearest("weather", known), None);
        assert_eq!(nearest("x", ["y"]), None, "all of a name is not a slip");
        assert_eq!(did_you_mean("newz", known), "; did you mean `news`?");
        assert_eq!(did_you_mean("weather", known), "");
    }

    #[test]
    fn letters_of_any_script_count_alike() {
        assert_eq!((distance("聯準會", "聯准會"), distance("ab", "ba"), distance("", "abc")), (1, 1, 3));
    }

    proptest! {
        #[test]
        fn a_name_is_nearest_to_itself_and_distances_are_mutual(a in "[a-d聯]{0,8}", b in "[a-d聯]{0,8}") {
            prop_assert_eq!(distance(&a, &a), 0);
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert!(distance(&a, &b) <= a.chars().count().max(b.chars().count()));
        }
    }
}
