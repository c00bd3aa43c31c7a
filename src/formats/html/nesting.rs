//! The open elements of a page, and which of them a tag ends. Each question takes constant time on average.

use std::collections::HashMap;

use html5ever::{LocalName, local_name};

use super::element::{is_block, is_cell, is_table_part};

/// The open elements, outermost first, with something known of each.
#[derive(Debug)]
pub(super) struct Nesting<T> {
    open: Vec<(LocalName, T)>,
    /// For each name, where its open elements are.
    positions: HashMap<LocalName, Vec<usize>>,
    /// Where the open blocks are.
    blocks: Vec<usize>,
    /// Where the open elements are that end tags from inside do not cross.
    bounds: Vec<usize>,
}

impl<T> Default for Nesting<T> {
    fn default() -> Self {
        Self { open: Vec::new(), positions: HashMap::new(), blocks: Vec::new(), bounds: Vec::new() }
    }
}

impl<T> Nesting<T> {
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn push(&mut self, name: LocalName, element: T) {
        let at = self.open.len();
        if is_block(&name) {
            self.blocks.push(at);
        }
        if is_bound(&name) {
            self.bounds.push(at);
        }
        self.positions.entry(name.clone()).or_default().push(at);
        self.open.push((name, element));
    }

    pub(super) fn pop(&mut self) -> Option<(LocalName, T)> {
        let (name, element) = self.open.pop()?;
        let at = self.open.len();
        if let Some(positions) = self.positions.get_mut(&name) {
            positions.pop();
        }
        for stack in [&mut self.blocks, &mut self.bounds] {
            if stack.last() == Some(&at) {
                stack.pop();
            }
        }
        Some((name, element))
    }

    /// The innermost element's name.
    pub(super) fn last_name(&self) -> Option<&LocalName> {
        self.open.last().map(|(name, _)| name)
    }

    pub(super) fn names_from_inside(&self) -> impl Iterator<Item = &LocalName> {
        self.open.iter().rev().map(|(name, _)| name)
    }

    /// Whether such an element is open.
    pub(super) fn has(&self, name: &LocalName) -> bool {
        self.last(name).is_some()
    }

    fn last(&self, name: &LocalName) -> Option<usize> {
        self.positions.get(name).and_then(|all| all.last()).copied()
    }

    /// Where the elements begin that end where an element of this name starts.
    pub(super) fn ended_by_start(&self, name: &LocalName) -> Option<usize> {
        let bound = self.bounds.last().copied();
        let last = |name: &LocalName| self.last(name);
        // Inside the innermost table's cell, list and so on.
        let inside = |names: &[LocalName], limits: &[LocalName]| {
            let limit = limits.iter().filter_map(last).max().max(bound);
            names.iter().filter_map(last).filter(|at| limit.is_none_or(|limit| *at > limit)).min()
        };
        let in_table = |names: &[LocalName]| {
            let table = last(&local_name!("table"));
            names.iter().filter_map(last).filter(|at| table.is_none_or(|table| *at > table)).min()
        };
        let lists = [local_name!("ul"), local_name!("ol"), local_name!("menu"), local_name!("dir")];
        match *name {
            local_name!("li") => inside(&[local_name!("li")], &lists),
            local_name!("dt") | local_name!("dd") => {
                inside(&[local_name!("dt"), local_name!("dd")], &[local_name!("dl")])
            }
            local_name!("rt") | local_name!("rp") | local_name!("rb") => {
                inside(&[local_name!("rt"), local_name!("rp"), local_name!("rb")], &[local_name!("ruby")])
            }
            local_name!("option") | local_name!("optgroup") => inside(&[local_name!("option")], &[]),
            local_name!("td") | local_name!("th") => {
                in_table(&[local_name!("td"), local_name!("th"), local_name!("caption")])
            }
            local_name!("tr") => {
                in_table(&[local_name!("tr"), local_name!("td"), local_name!("th"), local_name!("caption")])
            }
            local_name!("thead") | local_name!("tbody") | local_name!("tfoot") => in_table(&[
                local_name!("thead"),
                local_name!("tbody"),
                local_name!("tfoot"),
                local_name!("tr"),
                local_name!("caption"),
            ]),
            local_name!("body") => last(&local_name!("head")),
            local_name!("a") => inside(&[local_name!("a")], &[]).filter(|at| self.blocks.last() < Some(at)),
            _ if is_block(name) => inside(&[local_name!("p")], &[local_name!("button")]),
            _ => None,
        }
    }

    /// Where the elements begin that an end tag of this name ends: the last one of its name, if no element stands between
    /// that the tag does not cross.
    pub(super) fn ended_by_end(&self, name: &LocalName) -> Option<usize> {
        let at = self.last(name)?;
        let limit = if *name == local_name!("table") {
            None
        } else if is_table_part(name) {
            self.last(&local_name!("table"))
        } else if is_block(name) {
            self.bounds.last().copied()
        } else {
            self.blocks.last().copied()
        };
        limit.is_none_or(|limit| at >= limit).then_some(at)
    }
}

/// An element that end tags from inside it do not cross.
fn is_bound(name: &LocalName) -> bool {
    is_cell(name)
        || matches!(
            *name,
            local_name!("table")
                | local_name!("caption")
                | local_name!("object")
                | local_name!("template")
                | local_name!("html")
        )
}
