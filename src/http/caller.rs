//! Who sent a request, and what they may do.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;

use super::privacy::Addresses;
use super::problem::Problem;
use crate::filter::Filter;
use crate::keys::{Holder, Key, Rights, Scope};
use crate::library::Reach;
use crate::wire::Job;

/// Who sent a request. The guard puts it into the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    kind: Kind,
    rights: Rights,
    reach: Reach,
    /// Whether it may learn the paths of the server's files.
    sees_paths: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// A program on this machine, where there are no keys.
    Local,
    /// The server's own user, who has proved it.
    Owner,
    /// The holder of a key.
    Key(Arc<Holder>),
    /// A user of `LibreChat`, if its token names one.
    LibreChat(Option<Arc<str>>),
}

impl Caller {
    /// A program on this machine, where there are no keys. It may do everything.
    pub(super) fn local() -> Self {
        Self { kind: Kind::Local, rights: Rights::all(), reach: Reach::All, sees_paths: true }
    }

    /// The server's own user.
    pub(super) fn owner() -> Self {
        Self { kind: Kind::Owner, rights: Rights::all(), reach: Reach::All, sees_paths: true }
    }

    /// The holder of a key.
    pub(super) fn of_key(key: Key, sees_paths: bool) -> Self {
        let reach = key.rights.collections().map_or(Reach::All, |names| Reach::Only(names.into()));
        Self { kind: Kind::Key(key.holder().into()), rights: key.rights, reach, sees_paths }
    }

    /// A user of `LibreChat`, with access to these collections.
    pub(super) fn of_librechat(user: Option<String>, collections: &[&str]) -> Self {
        let reach = Reach::Only(collections.iter().map(|&name| name.to_owned()).collect());
        Self { kind: Kind::LibreChat(user.map(Into::into)), rights: Rights::all(), reach, sees_paths: false }
    }

    /// The caller of a request that passed the guard.
    pub(super) fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// Whether requests of this scope are allowed.
    pub(super) fn may(&self, scope: Scope) -> bool {
        self.rights.allow(scope)
    }

    /// What it may see of `found`: without the addresses of files, unless it may learn them.
    pub(super) fn shown<T: Addresses>(&self, mut found: T) -> T {
        if !self.sees_paths {
            found.hide_files();
        }
        found
    }

    /// Its filter, which compares no address that it may not see.
    pub(super) fn allowed(&self, filter: Filter) -> Filter {
        if self.sees_paths { filter } else { filter.without_files() }
    }

    /// Whether it may learn the paths of the server's files.
    pub(super) fn sees_paths(&self) -> bool {
        self.sees_paths
    }

    /// The collections that it may use.
    pub(super) fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether it has proved to be the server's own user.
    pub(super) fn is_owner(&self) -> bool {
        self.kind == Kind::Owner
    }

    /// The name of its key, or of the user for whom `LibreChat` sends the request; for logs and limits.
    pub(super) fn name(&self) -> Option<String> {
        match &self.kind {
            Kind::Local | Kind::Owner => None,
            Kind::Key(holder) => Some(holder.name.clone()),
            Kind::LibreChat(user) => Some(format!("librechat:{}", user.as_deref().unwrap_or_default())),
        }
    }

    /// Who it is in records of what it asked and said: its key, or the user for whom `LibreChat` sends the request.
    pub(super) fn holder(&self) -> Option<Holder> {
        match &self.kind {
            Kind::Key(holder) => Some(Holder::clone(holder)),
            Kind::Local | Kind::Owner | Kind::LibreChat(_) => self.name().map(|name| Holder { id: name.clone(), name }),
        }
    }

    /// Whether a token of `LibreChat` came with the request.
    pub(super) fn is_of_librechat(&self) -> bool {
        matches!(self.kind, Kind::LibreChat(_))
    }

    /// The user for whom `LibreChat` sends the request, if its token names one.
    pub(super) fn user(&self) -> Option<&str> {
        match &self.kind {
            Kind::LibreChat(user) => user.as_deref(),
            Kind::Local | Kind::Owner | Kind::Key(_) => None,
        }
    }

    /// Whether it may see a job: its own, with the scope `admin` those of others, too; none of a collection that it may not
    /// use.
    pub(super) fn sees(&self, job: &Job) -> bool {
        self.reach.includes(&job.collection) && self.sees_record_of(job.key_id.as_deref())
    }

    /// Whether it may see a record that has this id of a key (none if it came without a key): its own, with the scope `admin`
    /// those of others, too. A name is not enough, because another key may have had it.
    pub(super) fn sees_record_of(&self, id: Option<&str>) -> bool {
        let is_own = id.is_some() && id == self.holder().map(|holder| holder.id).as_deref();
        is_own || self.may(Scope::Admin)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Self::of(&parts.extensions).cloned().ok_or_else(Problem::internal)
    }
}
