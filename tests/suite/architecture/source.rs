//! Reads which files of `src/` name which others, from their tokens. Code that only tests compile is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path as segments, such as `["crate", "index", "Collection"]`.
type Segments = Vec<String>;

/// One file that is part of the library or of the program.
pub(super) struct SourceFile {
    /// Its path below `src/`, such as `index/mod.rs`.
    pub(super) path: String,
    /// Lines in it before the module with its tests.
    pub(super) lines: usize,
    /// The root file of its crate: `lib.rs` or `main.rs`.
    root: &'static str,
    /// Its module, such as `["index", "store"]`; empty for a root file.
    module: Segments,
    parsed: Parsed,
}

/// What the tokens of one file say.
#[derive(Default)]
struct Parsed {
    /// Its child modules that have files of their own.
    children: BTreeSet<String>,
    /// The names that its `use` declarations bring in, with what each stands for.
    imports: BTreeMap<String, Segments>,
    /// Every path of more than one segment in it, and every import.
    paths: Vec<Segments>,
}

/// All files of the project.
pub(super) struct Sources {
    pub(super) files: Vec<SourceFile>,
    by_module: BTreeMap<(&'static str, Segments), usize>,
}

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    File(usize),
    Crate(String),
    /// A local type, a function of the standard prelude and the like.
    Other,
}

impl SourceFile {
    /// The module at the crate's top level that it belongs to, such as `index`.
    pub(super) fn top_level(&self) -> &str {
        self.module.first().map_or(self.root.trim_end_matches(".rs"), String::as_str)
    }
}

impl Sources {
    /// Reads all files that `lib.rs` and `main.rs` in `src` consist of.
    pub(super) fn read(src: &Path) -> Self {
        let mut sources = Self { files: Vec::new(), by_module: BTreeMap::new() };
        for root in ["lib.rs", "main.rs"] {
            sources.read_module(src, root, &[]);
        }
        sources
    }

    fn read_module(&mut self, src: &Path, root: &'static str, module: &[String]) {
        let stem = module.join("/");
        let candidates = if module.is_empty() {
            vec![root.to_owned()]
        } else {
            vec![format!("{stem}.rs"), format!("{stem}/mod.rs")]
        };
        let path = candidates.into_iter().find(|path| src.join(path).is_file());
        let path = path.unwrap_or_else(|| panic!("there is no file for the module {}", module.join("::")));
        let text = std::fs::read_to_string(src.join(&path)).unwrap();
        let parsed = Parsed::of(&text);
        let children = parsed.children.clone();
        self.by_module.insert((root, module.to_vec()), self.files.len());
        self.files.push(SourceFile {
            path,
            lines: text.split("#[cfg(test)]\nmod tests {").take(1).flat_map(str::lines).count(),
            root,
            module: module.to_vec(),
            parsed,
        });
        for child in children {
            self.read_module(src, root, &[module, &[child]].concat());
        }
    }

    /// The files that each file names. A parent module naming its own descendants is left out, because it is what puts
    /// them together.
    pub(super) fn edges(&self) -> BTreeMap<usize, BTreeSet<usize>> {
        let mut edges: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (from, file) in self.files.iter().enumerate() {
            for path in &file.parsed.paths {
                if let Target::File(to) = self.resolve(from, path, 0)
                    && to != from
                    && !(self.files[to].root == file.root && self.files[to].module.starts_with(&file.module))
                {
                    edges.entry(from).or_default().insert(to);
                }
            }
        }
        edges
    }

    /// The crates that each file names.
    pub(super) fn crates(&self) -> Vec<(&SourceFile, BTreeSet<String>)> {
        let names = |(at, file): (usize, _)| {
            let file: &SourceFile = file;
            let named = file.parsed.paths.iter().filter_map(|path| match self.resolve(at, path, 0) {
                Target::Crate(name) => Some(name),
                Target::File(_) | Target::Other => None,
            });
            (file, named.collect())
        };
        self.files.iter().enumerate().map(names).collect()
    }

    /// What a path in a file names. `depth` bounds chains of imports.
    fn resolve(&self, at: usize, path: &[String], depth: usize) -> Target {
        let file = &self.files[at];
        let Some((first, rest)) = path.split_first() else { return Target::Other };
        match first.as_str() {
            "crate" => self.descend(file.root, &[], rest, depth),
            "footnote" if file.root == "main.rs" => self.descend("lib.rs", &[], rest, depth),
            "self" => self.descend(file.root, &file.module, rest, depth),
            "super" => {
                let ups = path.iter().take_while(|segment| *segment == "super").count();
                let above = file.module.len().saturating_sub(ups);
                self.descend(file.root, &file.module[..above], &path[ups..], depth)
            }
            name if file.parsed.children.contains(name) => self.descend(file.root, &file.module, path, depth),
            name => match file.parsed.imports.get(name) {
                Some(import) if depth < 8 && import.as_slice() != path && import.first() != Some(first) => {
                    self.resolve(at, &[import.as_slice(), rest].concat(), depth + 1)
                }
                _ if name.starts_with(char::is_lowercase) => Target::Crate(name.to_owned()),
                _ => Target::Other,
            },
        }
    }

    /// Follows `path` from a module: into child modules, and through what modules import.
    fn descend(&self, root: &'static str, module: &[String], path: &[String], depth: usize) -> Target {
        let Some(&at) = self.by_module.get(&(root, module.to_vec())) else { return Target::Other };
        let Some((first, rest)) = path.split_first() else { return Target::File(at) };
        let parsed = &self.files[at].parsed;
        if parsed.children.contains(first) {
            return self.descend(root, &[module, std::slice::from_ref(first)].concat(), rest, depth);
        }
        match parsed.imports.get(first) {
            Some(import) if depth < 8 => self.resolve(at, &[import.as_slice(), rest].concat(), depth + 1),
            _ => Target::File(at),
        }
    }
}

impl Parsed {
    fn of(text: &str) -> Self {
        let mut parsed = Self::default();
        let tokens: TokenStream = text.parse().expect("the file compiles, so it consists of tokens");
        parsed.walk(tokens, true);
        parsed
    }

    fn walk(&mut self, tokens: TokenStream, is_top_level: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' && is_for_tests(tokens.get(at + 1)) => {
                    2 + item_length(&tokens[at + 2..])
                }
                TokenTree::Ident(ident) if ident == "use" => self.read_use(&tokens[at + 1..], is_top_level) + 1,
                TokenTree::Ident(ident) if ident == "mod" && is_punct(tokens.get(at + 2), ';') => {
                    self.children.insert(tokens[at + 1].to_string());
                    3
                }
                TokenTree::Ident(_) => {
                    let (path, length) = read_path(&tokens[at..]);
                    if path.len() > 1 {
                        self.paths.push(path);
                    }
                    length
                }
                TokenTree::Group(group) => {
                    self.walk(group.stream(), false);
                    1
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => 1,
            };
        }
    }

    /// Reads the tree of a `use` declaration up to its semicolon; returns how many tokens that were.
    fn read_use(&mut self, tokens: &[TokenTree], is_top_level: bool) -> usize {
        let length = tokens.iter().position(|token| is_punct(Some(token), ';')).unwrap_or(tokens.len());
        let mut found = Vec::new();
        read_tree(&tokens[..length], &[], &mut found);
        for (name, path) in found {
            if is_top_level && name != "*" && name != "_" {
                self.imports.insert(name, path.clone());
            }
            self.paths.push(path);
        }
        length + 1
    }
}

/// Whether an attribute's brackets say that what follows is compiled for tests only, or never.
fn is_for_tests(attribute: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = attribute else { return false };
    let text: String = group.stream().to_string().split_whitespace().collect();
    ["cfg(test)", "cfg(doctest)", "cfg(any())", "test"].contains(&text.as_str())
        || text.starts_with("cfg(all(test,")
        || text.starts_with("cfg(any(test,")
}

/// The tokens from here to the end of an item: a semicolon or a body in braces.
fn item_length(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => is_punct(Some(token), ';'),
    };
    tokens.iter().position(ends).map_or(tokens.len(), |at| at + 1)
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn is_separator(tokens: &[TokenTree]) -> bool {
    is_punct(tokens.first(), ':') && is_punct(tokens.get(1), ':')
}

/// Reads `a::b::c`; returns its segments and how many tokens they were.
fn read_path(tokens: &[TokenTree]) -> (Segments, usize) {
    let (mut path, mut at) = (Vec::new(), 0);
    while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
        path.push(ident.to_string());
        at += 1;
        if !is_separator(&tokens[at..]) {
            break;
        }
        at += 2;
    }
    (path, at)
}

/// Reads `a::{b, c::d as e}`, each path with the name that it brings in.
fn read_tree(tokens: &[TokenTree], prefix: &[String], found: &mut Vec<(String, Segments)>) {
    let (path, length) = read_path(tokens);
    let mut path = [prefix, path.as_slice()].concat();
    match tokens.get(length) {
        Some(TokenTree::Group(group)) => {
            let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
            for branch in tokens.split(|token| is_punct(Some(token), ',')).filter(|branch| !branch.is_empty()) {
                read_tree(branch, &path, found);
            }
        }
        Some(token) if is_punct(Some(token), '*') => found.push(("*".to_owned(), path)),
        _ => {
            if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
                path.pop();
            }
            // `a as b`
            let renamed = matches!(tokens.get(length), Some(TokenTree::Ident(ident)) if ident == "as");
            let name = if renamed { tokens.get(length + 1).map(ToString::to_string) } else { path.last().cloned() };
            found.extend(name.map(|name| (name, path)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> (tempfile::TempDir, Sources) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let sources = Sources::read(folder.path());
        (folder, sources)
    }

    fn edges(sources: &Sources) -> Vec<(&str, &str)> {
        let name = |at: &usize| sources.files[*at].path.as_str();
        let edges = sources.edges();
        edges.iter().flat_map(|(from, to)| to.iter().map(move |to| (name(from), name(to)))).collect()
    }

    #[test]
    fn imports_inline_paths_and_re_exports_are_followed_to_the_file_that_defines_the_item() {
        let (_folder, sources) = sources(&[
            ("lib.rs", "mod a;\nmod b;\npub use b::Thing as Other;"),
            ("a.rs", "use crate::b::{self, Thing, deep::{Deep as D}};\nfn f() { b::g(); }"),
            ("b/mod.rs", "mod deep;\nmod thing;\npub use thing::Thing;\npub fn g() {}"),
            ("b/deep.rs", "fn f() { super::thing::h(); json!({\"x\": super::g()}) }"),
            (
                "b/thing.rs",
                "// use crate::a;\nfn f() { \"crate::a::f\"; }\n#[cfg(test)]\nmod tests { use crate::a::f; }",
            ),
            ("main.rs", "mod cli;"),
            ("cli.rs", "use footnote::Other;\nuse serde::Deserialize;"),
        ]);
        let expected = [
            ("a.rs", "b/mod.rs"),
            ("a.rs", "b/deep.rs"),
            ("a.rs", "b/thing.rs"),
            ("b/deep.rs", "b/mod.rs"),
            ("b/deep.rs", "b/thing.rs"),
            ("cli.rs", "b/thing.rs"),
        ];
        assert_eq!(edges(&sources), expected);
        let crates = sources.crates();
        let cli = crates.iter().find(|(file, _)| file.path == "cli.rs").unwrap();
        assert_eq!(cli.1, BTreeSet::from(["serde".to_owned()]));
    }
}
