//! Classes that a style sheet hides.

use std::collections::HashSet;

use html5ever::local_name;

use super::token::Token;

/// Classes whose elements are not shown.
pub(in crate::formats) type HiddenClasses = HashSet<String>;

/// No style sheet needs more.
const MAX_CLASSES: usize = 10_000;

/// Whether a declaration hides an element.
pub(super) fn hides(declaration: &str) -> bool {
    let bare: String = declaration.chars().filter(|character| !character.is_whitespace()).collect();
    let bare = bare.to_ascii_lowercase();
    let bare = bare.trim_end_matches("!important");
    matches!(bare, "display:none" | "visibility:hidden" | "font-size:0" | "font-size:0px" | "mso-hide:all")
}

/// The classes that the `style` elements of a page hide.
pub(super) fn of_page(tokens: &[Token]) -> HiddenClasses {
    let mut classes = HiddenClasses::new();
    let mut is_style = false;
    for token in tokens {
        match token {
            Token::Start(tag) => is_style = tag.name == local_name!("style"),
            Token::Text(css) if is_style => add_hidden_classes(&mut classes, css),
            Token::Text(_) => {}
            Token::End(_) => is_style = false,
        }
    }
    classes
}

/// Adds the classes that a style sheet hides by themselves: `.note { display: none }`. Rules that hold only in some
/// cases, and selectors of more than a class, are left out: elements that they hide may be shown.
pub(in crate::formats) fn add_hidden_classes(classes: &mut HiddenClasses, css: &str) {
    let css = without_comments(css);
    let mut rest = css.as_str();
    while let Some((selectors, after)) = rest.split_once('{') {
        let selectors = selectors.rsplit([';', '}']).next().unwrap_or_default().trim();
        if selectors.starts_with('@') {
            rest = behind_block(after);
            continue;
        }
        let (body, after) = after.split_once('}').unwrap_or((after, ""));
        rest = after;
        let is_hiding = body.split(';').any(hides);
        let sets_display = || body.split(';').any(|rule| rule.trim_start().starts_with("display"));
        for class in selectors.split(',').filter_map(single_class) {
            if is_hiding && classes.len() < MAX_CLASSES {
                classes.insert(class.to_owned());
            } else if sets_display() {
                classes.remove(class);
            }
        }
    }
}

/// The class of a selector like `.note` or `span.note`.
fn single_class(selector: &str) -> Option<&str> {
    let (element, class) = selector.trim().split_once('.')?;
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    (is_name(element) && is_name(class) && !class.is_empty()).then_some(class)
}

fn without_comments(css: &str) -> String {
    let mut text = String::new();
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        text.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    text + rest
}

/// What follows a block with blocks inside it.
fn behind_block(css: &str) -> &str {
    let mut depth = 1_usize;
    for (at, byte) in css.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return css.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_classes_that_are_always_hidden_are_found() {
        let css = "@import 'x'; /* .no { */ .a, span.b:hover , p.c { color: red; Display : none !important }\
            @media print { .d { display: none } .e { } } .f .g { display: none } .h{visibility:hidden}\
            .i{display:none} .i{display:block} .j { display: none";
        let mut classes = HiddenClasses::new();
        add_hidden_classes(&mut classes, css);
        let mut found: Vec<_> = classes.into_iter().collect();
        found.sort();
        assert_eq!(found, ["a", "c", "h", "j"]);
    }
}
