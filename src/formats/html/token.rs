//! What HTML is split into.

use html5ever::LocalName;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::Tag;

/// A token that matters to a reader of the text.
#[derive(Debug)]
pub(in crate::formats) enum Token {
    Start(Tag),
    End(LocalName),
    Text(StrTendril),
}

/// The value of an attribute.
pub(in crate::formats) fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
}
