//! What elements mean: which of them break the text, which are not shown, which are a page's frame.

use html5ever::tokenizer::Tag;
use html5ever::{LocalName, local_name};

use super::style::{HiddenClasses, hides};
use super::token::attribute;

/// Classes of text for screen readers alone.
const UNSEEN_CLASSES: [&str; 4] = ["sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text"];

/// Classes of marks that stand in a text but do not belong to it: links to a heading, numbers of lines, links to notes,
/// a list of the headings.
const MARK_CLASSES: [&str; 9] = [
    "headerlink",
    "header-anchor",
    "anchorjs-link",
    "mw-editsection",
    "linenos",
    "lineno",
    "footnote-ref",
    "footnote-back",
    "toc",
];

/// Roles of the parts that frame a page.
const FRAME_ROLES: [&str; 8] =
    ["navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar", "toolbar"];

/// Ends at `</name>` only, and has no content.
pub(super) fn is_void(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("area")
            | local_name!("base")
            | local_name!("basefont")
            | local_name!("bgsound")
            | local_name!("br")
            | local_name!("col")
            | local_name!("embed")
            | local_name!("frame")
            | local_name!("hr")
            | local_name!("img")
            | local_name!("image")
            | local_name!("input")
            | local_name!("keygen")
            | local_name!("link")
            | local_name!("meta")
            | local_name!("param")
            | local_name!("source")
            | local_name!("track")
            | local_name!("wbr")
    )
}

/// The level of a heading.
pub(super) fn heading_level(name: &LocalName) -> Option<usize> {
    match *name {
        local_name!("h1") => Some(1),
        local_name!("h2") => Some(2),
        local_name!("h3") => Some(3),
        local_name!("h4") => Some(4),
        local_name!("h5") => Some(5),
        local_name!("h6") => Some(6),
        _ => None,
    }
}

/// Whether text before it and text inside it are different paragraphs.
pub(super) fn is_block(name: &LocalName) -> bool {
    heading_level(name).is_some()
        || is_table_part(name)
        || matches!(
            *name,
            local_name!("address")
                | local_name!("article")
                | local_name!("aside")
                | local_name!("blockquote")
                | local_name!("body")
                | local_name!("center")
                | local_name!("dd")
                | local_name!("details")
                | local_name!("dialog")
                | local_name!("dir")
                | local_name!("div")
                | local_name!("dl")
                | local_name!("dt")
                | local_name!("fieldset")
                | local_name!("figcaption")
                | local_name!("figure")
                | local_name!("footer")
                | local_name!("form")
                | local_name!("header")
                | local_name!("hgroup")
                | local_name!("hr")
                | local_name!("html")
                | local_name!("head")
                | local_name!("legend")
                | local_name!("li")
                | local_name!("listing")
                | local_name!("main")
                | local_name!("menu")
                | local_name!("nav")
                | local_name!("ol")
                | local_name!("optgroup")
                | local_name!("option")
                | local_name!("p")
                | local_name!("plaintext")
                | local_name!("pre")
                | local_name!("section")
                | local_name!("summary")
                | local_name!("ul")
                | local_name!("xmp")
        )
        || &**name == "search"
}

pub(super) fn is_table_part(name: &LocalName) -> bool {
    is_cell(name)
        || matches!(
            *name,
            local_name!("table")
                | local_name!("caption")
                | local_name!("thead")
                | local_name!("tbody")
                | local_name!("tfoot")
                | local_name!("tr")
        )
}

pub(super) fn is_cell(name: &LocalName) -> bool {
    matches!(*name, local_name!("td") | local_name!("th"))
}

/// Whether it keeps white space.
pub(super) fn is_preformatted(name: &LocalName) -> bool {
    matches!(*name, local_name!("pre") | local_name!("xmp") | local_name!("listing") | local_name!("plaintext"))
}

/// An element that stays on the list of active formatting until its end tag, which a tree builder opens again in each
/// block.
pub(super) fn is_formatting(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("a")
            | local_name!("b")
            | local_name!("big")
            | local_name!("code")
            | local_name!("em")
            | local_name!("font")
            | local_name!("i")
            | local_name!("nobr")
            | local_name!("s")
            | local_name!("small")
            | local_name!("strike")
            | local_name!("strong")
            | local_name!("tt")
            | local_name!("u")
    )
}

/// Whether its content is no text for a reader.
pub(super) fn is_skipped(tag: &Tag) -> bool {
    let by_name = matches!(
        tag.name,
        local_name!("script")
            | local_name!("style")
            | local_name!("template")
            | local_name!("noscript")
            | local_name!("title")
            | local_name!("iframe")
            | local_name!("object")
            | local_name!("applet")
            | local_name!("audio")
            | local_name!("video")
            | local_name!("canvas")
            | local_name!("select")
            | local_name!("datalist")
            | local_name!("textarea")
            | local_name!("button")
            | local_name!("rt")
            | local_name!("rp")
            | local_name!("rtc")
            | local_name!("annotation-xml")
            | local_name!("annotation")
            | local_name!("noembed")
            | local_name!("noframes")
            | local_name!("progress")
            | local_name!("meter")
    );
    by_name
        || (tag.name == local_name!("sup") && has_class(tag, &["reference"]))
        || attribute(tag, "role") == Some("doc-noteref")
        || attribute(tag, "id").is_some_and(|id| id.eq_ignore_ascii_case("toc"))
        || has_class(tag, &MARK_CLASSES)
}

/// Whether it is not shown, by itself or since a style sheet hides its class.
pub(super) fn is_hidden(tag: &Tag, classes: &HiddenClasses) -> bool {
    if attribute(tag, "hidden").is_some_and(|value| !value.eq_ignore_ascii_case("until-found"))
        || attribute(tag, "aria-hidden").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || (tag.name == local_name!("dialog") && attribute(tag, "open").is_none())
        || has_class(tag, &UNSEEN_CLASSES)
    {
        return true;
    }
    attribute(tag, "style").is_some_and(|style| style.split(';').any(hides))
        || (!classes.is_empty()
            && attribute(tag, "class").is_some_and(|all| all.split_ascii_whitespace().any(|it| classes.contains(it))))
}

/// Whether it frames the page rather than being its content.
pub(super) fn is_frame(tag: &Tag, is_in_content: bool) -> bool {
    match tag.name {
        local_name!("nav") | local_name!("aside") => true,
        local_name!("header") | local_name!("footer") => !is_in_content,
        _ => attribute(tag, "role").is_some_and(|role| FRAME_ROLES.contains(&role)),
    }
}

/// Whether it quotes an earlier message.
pub(super) fn is_quotation(tag: &Tag) -> bool {
    tag.name == local_name!("blockquote")
        || has_class(tag, &["gmail_quote", "gmail_attr", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote"])
}

/// Whether all that follows it is an earlier message.
pub(super) fn starts_earlier_message(tag: &Tag) -> bool {
    attribute(tag, "id").is_some_and(|id| {
        matches!(
            id,
            "appendonsend" | "divRplyFwdMsg" | "OLK_SRC_BODY_SECTION" | "mail-editor-reference-message-container"
        )
    })
}

/// Whether it has one of these classes.
pub(super) fn has_class(tag: &Tag, classes: &[&str]) -> bool {
    attribute(tag, "class").is_some_and(|all| all.split_ascii_whitespace().any(|class| classes.contains(&class)))
}

/// Whether its alternative text stands for a character or a formula in the line.
pub(super) fn is_text_image(tag: &Tag, alternative: &str) -> bool {
    let is_glyph = alternative.chars().count() <= 8 && !alternative.chars().any(|c| c.is_ascii_alphanumeric());
    attribute(tag, "class").is_some_and(|class| {
        let class = class.to_ascii_lowercase();
        class.contains("math") || class.contains("latex") || (class.contains("emoji") && is_glyph)
    })
}
