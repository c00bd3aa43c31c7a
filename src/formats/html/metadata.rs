//! What a page says about itself: title, author, dates, language, address.

use html5ever::local_name;
use html5ever::tokenizer::Tag;
use serde_json::{Map, Value};

use super::token::{Token, attribute};

/// The most bytes of JSON-LD in one element that are parsed.
const MAX_JSON: usize = 1024 * 1024;
/// The most things that a page's JSON-LD may describe.
const MAX_THINGS: usize = 64;

/// The facts of a page.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) title: Option<String>,
    /// What the window's title bar shows, often with the site's name.
    pub(super) window_title: Option<String>,
    pub(super) author: Option<String>,
    pub(super) published: Option<String>,
    pub(super) language: Option<String>,
    pub(super) url: Option<String>,
    pub(super) tags: Vec<String>,
    /// When it was changed, and the site's name.
    pub(super) other: Map<String, Value>,
    /// Whether it says that it is an article.
    pub(super) is_article: bool,
}

/// The facts of the page with these tokens.
pub(super) fn of(tokens: &[Token]) -> Facts {
    let mut found = Found::default();
    let mut tokens = tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        let Token::Start(tag) = token else { continue };
        let mut text = || {
            let mut all = String::new();
            while let Some(Token::Text(text)) = tokens.next_if(|token| matches!(token, Token::Text(_))) {
                all.push_str(text);
            }
            all
        };
        match tag.name {
            local_name!("html") => found.offer(Fact::Language, 3, lang(tag)),
            local_name!("title") if !found.has_title => {
                found.has_title = true;
                found.offer(Fact::WindowTitle, 1, Some(text()));
            }
            local_name!("meta") => found.meta(tag),
            local_name!("link") => {
                if attribute(tag, "rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical")) {
                    found.offer(Fact::Url, 4, attribute(tag, "href").map(str::to_owned));
                }
            }
            local_name!("script") => {
                if attribute(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json")) {
                    found.json_ld(&text());
                }
            }
            local_name!("time") => found.time(tag),
            _ => {}
        }
    }
    found.finish()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fact {
    Title,
    WindowTitle,
    Author,
    Published,
    Modified,
    Language,
    Url,
    Site,
}

/// The best value for each fact.
#[derive(Debug, Default)]
struct Found {
    values: [(u8, Option<String>); 8],
    tags: Vec<String>,
    times: usize,
    has_title: bool,
    is_article: bool,
}

impl Found {
    /// Takes a value if it is better than what is there: of equals, the first.
    fn offer(&mut self, fact: Fact, rank: u8, value: Option<String>) {
        let Some(value) = value else { return };
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(slot) = self.values.get_mut(fact as usize)
            && rank > slot.0
            && !value.is_empty()
        {
            *slot = (rank, Some(value));
        }
    }

    fn meta(&mut self, tag: &Tag) {
        let Some(content) = attribute(tag, "content").map(str::to_owned) else { return };
        let name = ["property", "name", "itemprop", "http-equiv"].into_iter().find_map(|name| attribute(tag, name));
        let content = Some(content);
        match name.unwrap_or_default().to_ascii_lowercase().as_str() {
            "og:title" => self.offer(Fact::Title, 2, content),
            "author" | "dc.creator" | "dcterms.creator" | "parsely-author" | "citation_author" => {
                self.offer(Fact::Author, 2, content);
            }
            // Some give the address of a profile.
            "article:author" => self.offer(Fact::Author, 1, content.filter(|author| !author.contains("://"))),
            "article:published_time" => {
                self.is_article = true;
                self.offer(Fact::Published, 4, content);
            }
            "datepublished"
            | "parsely-pub-date"
            | "pubdate"
            | "dc.date.issued"
            | "dcterms.issued"
            | "citation_publication_date" => self.offer(Fact::Published, 3, content),
            "date" | "dc.date" | "dcterms.date" | "dcterms.created" => self.offer(Fact::Published, 2, content),
            "article:modified_time" => self.offer(Fact::Modified, 3, content),
            "datemodified" | "dcterms.modified" | "last-modified" => self.offer(Fact::Modified, 2, content),
            "og:updated_time" => self.offer(Fact::Modified, 1, content),
            "og:locale" => self.offer(Fact::Language, 1, content.map(|locale| locale.replace('_', "-"))),
            "content-language" => self.offer(Fact::Language, 2, content),
            "og:url" => self.offer(Fact::Url, 2, content),
            "og:site_name" => self.offer(Fact::Site, 2, content),
            "og:type" => self.is_article |= content.as_deref() == Some("article"),
            "keywords" => self.tag(content.as_deref().unwrap_or_default()),
            _ => {}
        }
    }

    fn tag(&mut self, keywords: &str) {
        for keyword in keywords.split([',', '，', '、', ';']).map(str::trim).filter(|keyword| !keyword.is_empty()) {
            if self.tags.len() < 20 && keyword.len() <= 100 && !self.tags.iter().any(|tag| tag == keyword) {
                self.tags.push(keyword.to_owned());
            }
        }
    }

    fn time(&mut self, tag: &Tag) {
        let Some(time) = attribute(tag, "datetime").filter(|time| time.len() >= 8) else { return };
        self.times += 1;
        let says = |name| attribute(tag, name).unwrap_or_default().to_ascii_lowercase();
        let (itemprop, class) = (says("itemprop"), says("class"));
        if itemprop.contains("datemodified") || class.contains("updated") {
            self.offer(Fact::Modified, 1, Some(time.to_owned()));
        } else if itemprop.contains("datepublished")
            || attribute(tag, "pubdate").is_some()
            || class.contains("published")
            || class.contains("entry-date")
        {
            self.offer(Fact::Published, 2, Some(time.to_owned()));
        } else {
            self.offer(Fact::Published, 1, Some(time.to_owned()));
        }
    }

    fn json_ld(&mut self, json: &str) {
        if json.len() > MAX_JSON {
            return;
        }
        let Ok(value) = serde_json::from_str::<Value>(json.trim()) else { return };
        let mut things = vec![&value];
        let mut at = 0;
        while let Some(thing) = things.get(at).copied().filter(|_| at < MAX_THINGS) {
            at += 1;
            match thing {
                Value::Array(all) => things.extend(all.iter().take(MAX_THINGS)),
                Value::Object(thing) => {
                    if let Some(Value::Array(all)) = thing.get("@graph") {
                        things.extend(all.iter().take(MAX_THINGS));
                    }
                    self.thing(thing);
                }
                _ => {}
            }
        }
    }

    fn thing(&mut self, thing: &Map<String, Value>) {
        let kinds = texts(thing.get("@type"));
        let is_article = kinds.iter().any(|kind| kind.ends_with("Article") || kind.ends_with("BlogPosting"));
        if !is_article && !kinds.iter().any(|kind| kind.ends_with("WebPage") || kind == "Report") {
            return;
        }
        self.is_article |= is_article;
        // An article says more about itself than the page that it stands on.
        let more = u8::from(is_article);
        let text = |name: &str| texts(thing.get(name)).into_iter().next();
        self.offer(Fact::Title, 2 + more, text("headline").or_else(|| text("name")));
        let authors = texts(thing.get("author"));
        self.offer(Fact::Author, 3 + more, (!authors.is_empty()).then(|| authors.join(", ")));
        self.offer(Fact::Published, 5 + more, text("datePublished"));
        self.offer(Fact::Modified, 4 + more, text("dateModified"));
        self.offer(Fact::Language, 1, text("inLanguage"));
        let main = thing.get("mainEntityOfPage").and_then(|page| page.get("@id").or(Some(page)));
        let url = texts(main).into_iter().next().filter(|url| url.starts_with("http"));
        self.offer(Fact::Url, 1, url.or_else(|| text("url")));
        texts(thing.get("keywords")).iter().for_each(|keywords| self.tag(keywords));
        self.offer(Fact::Site, 1, thing.get("publisher").and_then(|it| texts(Some(it)).into_iter().next()));
    }

    fn finish(mut self) -> Facts {
        // Of several times on a page that is no article, none is the page's.
        if self.times > 1
            && !self.is_article
            && let Some(slot) = self.values.get_mut(Fact::Published as usize).filter(|(rank, _)| *rank == 1)
        {
            *slot = (0, None);
        }
        let mut take = |fact: Fact| self.values.get_mut(fact as usize).and_then(|(_, value)| value.take());
        let mut other = Map::new();
        for (name, fact) in [("modified", Fact::Modified), ("site", Fact::Site)] {
            if let Some(value) = take(fact) {
                other.insert(name.to_owned(), value.into());
            }
        }
        Facts {
            title: take(Fact::Title),
            window_title: take(Fact::WindowTitle),
            author: take(Fact::Author),
            published: take(Fact::Published),
            language: take(Fact::Language),
            url: take(Fact::Url).filter(|url| url.starts_with("https://") || url.starts_with("http://")),
            tags: self.tags,
            other,
            is_article: self.is_article,
        }
    }
}

fn lang(tag: &Tag) -> Option<String> {
    attribute(tag, "lang").or_else(|| attribute(tag, "xml:lang")).map(str::to_owned)
}

/// The texts of a value of JSON-LD: itself, its name if it is a thing, or those of a list.
fn texts(value: Option<&Value>) -> Vec<String> {
    let name = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(thing) => thing.get("name").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    match value {
        Some(Value::Array(all)) => all.iter().take(20).filter_map(name).collect(),
        Some(value) => name(value).into_iter().collect(),
        None => Vec::new(),
    }
}
