//! Splits HTML into tags and text, in linear time whatever the input.

use std::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token as Raw, TokenSink, TokenSinkResult, Tokenizer};
use html5ever::{LocalName, local_name};

use super::attributes;
use super::element::is_void;
use super::token::Token;
use crate::formats::Result;

/// The tokens of `html`. In XHTML every tag may close itself.
pub(in crate::formats) fn tokenize(html: &str, is_xhtml: bool) -> Result<Vec<Token>> {
    attributes::check(html)?;
    let sink = Sink { tokens: RefCell::default(), foreign: Cell::new(0), is_xhtml };
    let tokenizer = Tokenizer::new(sink, html5ever::tokenizer::TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    // It would hand back control for a script, but the sink asks for none to be run.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    Ok(tokenizer.sink.tokens.take())
}

/// Whether markup says that it is XML.
pub(in crate::formats) fn is_xhtml(html: &str) -> bool {
    html.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']).starts_with("<?xml")
}

/// Collects tokens, and tells the tokenizer where text has no markup.
struct Sink {
    tokens: RefCell<Vec<Token>>,
    /// Open `svg` and `math` elements, where a tag may close itself.
    foreign: Cell<usize>,
    is_xhtml: bool,
}

impl Sink {
    fn start(&self, tag: Tag) -> TokenSinkResult<()> {
        let closes_itself = tag.self_closing && (self.is_xhtml || self.foreign.get() > 0 || is_foreign(&tag.name));
        let name = tag.name.clone();
        self.tokens.borrow_mut().push(Token::Start(tag));
        if closes_itself {
            if !is_void(&name) {
                self.tokens.borrow_mut().push(Token::End(name));
            }
            return TokenSinkResult::Continue;
        }
        if is_foreign(&name) {
            self.foreign.set(self.foreign.get() + 1);
        }
        match name {
            local_name!("title") | local_name!("textarea") => TokenSinkResult::RawData(RawKind::Rcdata),
            local_name!("script") => TokenSinkResult::RawData(RawKind::ScriptData),
            local_name!("style")
            | local_name!("xmp")
            | local_name!("iframe")
            | local_name!("noembed")
            | local_name!("noframes") => TokenSinkResult::RawData(RawKind::Rawtext),
            local_name!("plaintext") => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Raw, _line: u64) -> TokenSinkResult<()> {
        match token {
            Raw::TagToken(tag) if tag.kind == TagKind::StartTag => return self.start(tag),
            Raw::TagToken(tag) => {
                if is_foreign(&tag.name) {
                    self.foreign.set(self.foreign.get().saturating_sub(1));
                }
                self.tokens.borrow_mut().push(Token::End(tag.name));
            }
            Raw::CharacterTokens(text) => self.tokens.borrow_mut().push(Token::Text(text)),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn is_foreign(name: &LocalName) -> bool {
    matches!(*name, local_name!("svg") | local_name!("math"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(html: &str, is_xhtml: bool) -> String {
        let show = |token: &Token| match token {
            Token::Start(tag) => format!("<{}>", tag.name),
            Token::End(name) => format!("</{name}>"),
            Token::Text(text) => text.to_string(),
        };
        tokenize(html, is_xhtml).unwrap().iter().map(show).collect()
    }

    #[test]
    fn scripts_and_titles_have_no_markup_inside() {
        assert_eq!(
            shape("<title>a<b</title><script>if(a<b)</script>&amp;c", false),
            "<title>a<b</title><script>if(a<b)</script>&c"
        );
    }

    #[test]
    fn an_empty_script_of_xhtml_swallows_nothing() {
        assert_eq!(shape("<script src='a'/><p>b", true), "<script></script><p>b");
        assert_eq!(shape("a<br/>b", true), "a<br>b");
        assert_eq!(shape("<svg><style/></svg><p>b", false), "<svg><style></style></svg><p>b");
    }
}
