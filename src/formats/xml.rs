//! Reads XML as a stream of elements and text: depth is bounded, entities are not expanded, and a document type, which
//! could declare some, is refused.

use std::borrow::Cow;

use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Failure, Result};

const MAX_DEPTH: usize = 256;

/// An XML part, decoded.
#[derive(Debug)]
pub(crate) struct Part {
    name: String,
    text: String,
}

impl Part {
    /// Decodes a part by its byte order mark or its declaration. `name` is for failures.
    pub(crate) fn new(name: &str, bytes: &[u8]) -> Result<Self> {
        let encoding = match Encoding::for_bom(bytes) {
            Some((encoding, _)) => encoding,
            None if bytes.starts_with(b"<\0") => encoding_rs::UTF_16LE,
            None if bytes.starts_with(b"\0<") => encoding_rs::UTF_16BE,
            None => declared_encoding(bytes).unwrap_or(encoding_rs::UTF_8),
        };
        let (text, used, damaged) = encoding.decode(bytes);
        if damaged {
            return Err(damage(name, &format!("is not {}", used.name())));
        }
        Ok(Self { name: name.to_owned(), text: text.into_owned() })
    }

    /// Its elements and text.
    pub(crate) fn xml(&self) -> Xml<'_> {
        Xml::new(&self.name, &self.text)
    }
}

/// The encoding that the XML declaration names.
fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(200)];
    let end = head.windows(2).position(|window| window == b"?>")?;
    let declaration = std::str::from_utf8(&head[..end]).ok()?.strip_prefix("<?xml")?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Encoding::for_label(value[1..].split(quote).next()?.as_bytes())
}

fn damage(part: &str, why: &str) -> Failure {
    Failure::new(
        format!("is damaged: its part {part} {why}"),
        "open it in the program that wrote it, and save it again",
    )
}

/// What comes next in an XML document. An empty element is a start and an end.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    Start(Element<'a>),
    /// The end of the element that started last and has not ended yet.
    End,
    /// Text with its entities resolved. One text may come in several pieces.
    Text(Cow<'a, str>),
}

/// What a visitor wants of the elements inside an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visit {
    /// To visit them.
    Inside,
    /// To pass over them.
    Skip,
    /// Nothing: it has read to the element's end.
    Done,
}

/// The start of an element.
#[derive(Debug)]
pub(crate) struct Element<'a>(BytesStart<'a>);

impl Element<'_> {
    /// Its name without prefix.
    pub(crate) fn name(&self) -> &str {
        local(self.0.name().into_inner())
    }

    /// The value of an attribute: of this name if it has a prefix, else of this name under any prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let qualified = name.contains(':');
        self.0.attributes().with_checks(false).flatten().find_map(|attribute| {
            let key = attribute.key.into_inner();
            if name != if qualified { key } else { local(key) } {
                return None;
            }
            // A value with an unknown entity stays as it is written.
            let value = quick_xml::escape::unescape(&attribute.value);
            Some(value.map_or_else(|_| attribute.value.to_string(), Cow::into_owned))
        })
    }

    /// The value of an attribute of this name that has a prefix, whichever.
    pub(crate) fn prefixed_attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        let found = attributes
            .with_checks(false)
            .flatten()
            .find(|attribute| attribute.key.into_inner().split_once(':').is_some_and(|(_, local)| local == name))?;
        Some(found.value.into_owned())
    }

    /// The value of an attribute as a number.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.attribute(name)?.trim().parse().ok()
    }

    /// Whether an on-off attribute is on: it is there and does not say `0`, `false`, `off` or `none`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|value| is_on(&value))
    }
}

/// Whether this value of an on-off attribute is on.
pub(crate) fn is_on(value: &str) -> bool {
    !matches!(value, "0" | "false" | "off" | "none")
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// A stream of elements and text.
pub(crate) struct Xml<'a> {
    part: &'a str,
    reader: Reader<&'a [u8]>,
    depth: usize,
    any_document_type: bool,
}

impl<'a> Xml<'a> {
    /// The XML of a text. `part` is for failures.
    pub(crate) fn new(part: &'a str, text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { part, reader, depth: 0, any_document_type: false }
    }

    /// Accepts a document type, as the tables of contents of older books have it, if it declares nothing.
    pub(crate) fn with_document_type(mut self) -> Self {
        self.any_document_type = true;
        self
    }

    /// The next element or text, `None` at the end. Comments, declarations and instructions are left out.
    pub(crate) fn next(&mut self) -> Result<Option<Node<'a>>> {
        loop {
            let event =
                self.reader.read_event().map_err(|error| damage(self.part, &format!("is not XML ({error})")))?;
            return Ok(Some(match event {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(damage(self.part, &format!("is nested deeper than {MAX_DEPTH} elements")));
                    }
                    Node::Start(Element(start))
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Node::End
                }
                Event::Text(text) => Node::Text(text.xml10_content()),
                Event::CData(text) => Node::Text(text.xml10_content()),
                Event::GeneralRef(reference) => Node::Text(self.resolved(&reference)?),
                Event::DocType(declared) if !self.any_document_type || declared.contains('[') => {
                    return Err(damage(self.part, "has a document type, which such a file must not have"));
                }
                Event::Eof if self.depth > 0 => return Err(damage(self.part, "ends too early")),
                Event::Eof => return Ok(None),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
            }));
        }
    }

    /// Skips the rest of the element that started last.
    pub(crate) fn skip(&mut self) -> Result<()> {
        self.inside(|_| {})
    }

    /// The text of the element that started last, to its end, with that of its descendants.
    pub(crate) fn text(&mut self) -> Result<String> {
        let mut text = String::new();
        self.inside(|piece| text.push_str(piece))?;
        Ok(text)
    }

    /// Calls `visit` with each element inside the one that started last, to its end.
    pub(crate) fn descendants(
        &mut self,
        mut visit: impl FnMut(&Element<'a>, &mut Self) -> Result<Visit>,
    ) -> Result<()> {
        self.content(|node, xml| match node {
            Node::Start(element) => visit(element, xml),
            _ => Ok(Visit::Inside),
        })
    }

    /// Calls `visit` with each element and each text inside the element that started last, to its end.
    pub(crate) fn content(&mut self, mut visit: impl FnMut(&Node<'a>, &mut Self) -> Result<Visit>) -> Result<()> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            let Some(node) = self.next()? else { break };
            if !matches!(node, Node::End) && visit(&node, self)? == Visit::Skip && matches!(node, Node::Start(_)) {
                self.skip()?;
            }
        }
        Ok(())
    }

    fn inside(&mut self, mut each: impl FnMut(&str)) -> Result<()> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            match self.next()? {
                Some(Node::Text(piece)) => each(&piece),
                Some(_) => {}
                None => break,
            }
        }
        Ok(())
    }

    fn resolved(&self, reference: &quick_xml::events::BytesRef<'a>) -> Result<Cow<'a, str>> {
        if let Ok(Some(character)) = reference.resolve_char_ref() {
            return Ok(Cow::Owned(character.to_string()));
        }
        quick_xml::escape::resolve_predefined_entity(reference)
            .map(Cow::Borrowed)
            .ok_or_else(|| damage(self.part, "has an unknown entity"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(xml: &str) -> Result<String> {
        let mut stream = Xml::new("a.xml", xml);
        let mut out = String::new();
        while let Some(node) = stream.next()? {
            match node {
                Node::Start(element) => out.extend(["<", element.name(), ">"]),
                Node::End => out.push_str("</>"),
                Node::Text(text) => out.push_str(&text),
            }
        }
        Ok(out)
    }

    #[test]
    fn elements_come_without_prefix_and_text_with_its_entities() {
        let xml = "<?xml version='1.0'?><w:a><!-- c --><b/>&lt;&#x4E00;&#29;<![CDATA[<&]]>\r\n</w:a>";
        assert_eq!(all(xml).unwrap(), "<a><b></><一\u{1d}<&\n</>");
    }

    #[test]
    fn attributes_are_found_with_or_without_prefix() {
        let mut xml = Xml::new("a", "<a w:val='1 &amp; 2' x:val='3' off='false' n=' 7 '/>");
        let Some(Node::Start(element)) = xml.next().unwrap() else { panic!("no element") };
        assert_eq!(element.attribute("val").unwrap(), "1 & 2");
        assert_eq!(element.attribute("x:val").unwrap(), "3");
        assert_eq!(element.attribute("y:val"), None);
        assert_eq!(element.number("n"), Some(7));
        assert!(element.flag("val") && !element.flag("off") && !element.flag("none"));
    }

    #[test]
    fn what_is_dangerous_or_broken_is_refused() {
        let reason = |xml: &str| all(xml).unwrap_err().reason;
        assert!(reason("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>").contains("document type"));
        assert!(reason("<a>&b;</a>").contains("unknown entity"));
        assert!(reason("<a><b></a>").contains("not XML"));
        assert!(reason("<a><b>").contains("ends too early"));
        assert!(reason(&"<a>".repeat(257)).contains("nested deeper"));
        let mut book = Xml::new("a", "<!DOCTYPE ncx PUBLIC 'x'><a/>").with_document_type();
        assert!(matches!(book.next(), Ok(Some(Node::Start(_)))));
    }

    #[test]
    fn the_text_of_an_element_is_that_of_its_descendants() {
        let mut xml = Xml::new("a", "<a><b>1<c>2</c><c/>3</b><d>4</d></a>");
        xml.next().unwrap();
        xml.next().unwrap();
        assert_eq!(xml.text().unwrap(), "123");
        xml.next().unwrap();
        xml.skip().unwrap();
        assert!(matches!((xml.next(), xml.next()), (Ok(Some(Node::End)), Ok(None))));
    }

    #[test]
    fn parts_are_decoded_by_their_mark_or_declaration() {
        let text = |bytes: &[u8]| Part::new("a", bytes).map(|part| all(&part.text).unwrap());
        let utf16: Vec<u8> = "\u{feff}<a>字</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&utf16).unwrap(), "<a>字</>");
        assert_eq!(text(&utf16[2..]).unwrap(), "<a>字</>");
        assert_eq!(text(b"<?xml version='1.0' encoding = \"big5\"?><a>\xA6r</a>").unwrap(), "<a>字</>");
        assert_eq!(text(b"\xEF\xBB\xBF<a>\xE5\xAD\x97</a>").unwrap(), "<a>字</>");
        assert!(text(b"<a>\xFF</a>").unwrap_err().reason.contains("is not UTF-8"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(xml in "[<>/a&;!\\[\\]\"'= ?x:#-]{0,60}") {
            let _ = all(&xml);
        }
    }
}
