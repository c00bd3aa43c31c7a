//! The things that some tests need and that a machine may lack. A test without them is skipped by name, or fails where
//! `TESTS_REQUIRE` says that they must be there.

use std::io::Write as _;

/// The environment variable that lists what must be there: names separated by commas, or `all`.
///
/// Its name does not start with `FOOTNOTE_`, because the program takes every such variable for a setting.
const VARIABLE: &str = "TESTS_REQUIRE";

/// Something that a machine may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    /// A bash that can be run.
    Bash,
    /// Chromium and chromedriver.
    Browser,
    /// A Python with the packages of tests/clients/requirements.txt.
    Clients,
    /// The larger question sets, in a folder `shared` beside the project.
    Data,
    /// A `man` that formats a page.
    Man,
    /// The right to mount a file system.
    Mount,
    /// A package registry from which the model can be fetched. Tests use it only where it is required.
    Network,
    /// Node.js, and a folder with the packages of tests/clients/package.json.
    Node,
    /// A way to take the right to read a file from a process.
    Permissions,
    /// A Python 3.
    Python,
    /// An strace that may trace programs.
    Strace,
    /// The server of a language model at `TESTS_WRITER_URL`, with the model `TESTS_WRITER_MODEL`.
    Writer,
}

impl Resource {
    const ALL: [Self; 12] = [
        Self::Bash,
        Self::Browser,
        Self::Clients,
        Self::Data,
        Self::Man,
        Self::Mount,
        Self::Network,
        Self::Node,
        Self::Permissions,
        Self::Python,
        Self::Strace,
        Self::Writer,
    ];

    /// Its name in `TESTS_REQUIRE`.
    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// Whether a test that lacks it fails.
    pub(crate) fn is_required(self) -> bool {
        let list = std::env::var(VARIABLE).unwrap_or_default();
        is_listed(self, &list).unwrap_or_else(|error| panic!("{error}"))
    }
}

fn is_listed(resource: Resource, list: &str) -> Result<bool, String> {
    let known = Resource::ALL.map(Resource::name);
    let mut listed = false;
    for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if name != "all" && !known.iter().any(|known| known == name) {
            return Err(format!("{VARIABLE} names `{name}`; the names are all, {}", known.join(", ")));
        }
        listed |= name == "all" || name == resource.name();
    }
    Ok(listed)
}

/// Passes on what was found. If it was not found, says which test is skipped and why, or fails the test where the
/// resource is required.
pub(crate) fn needs<T>(resource: Resource, found: Result<T, String>) -> Option<T> {
    let why = match found {
        Ok(found) => return Some(found),
        Err(why) => why,
    };
    let (name, thread) = (resource.name(), std::thread::current());
    assert!(!resource.is_required(), "{VARIABLE} requires {name}, but {why}");
    // The test harness shows what `println!` prints only for tests that fail.
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(std::io::stderr(), "skipped {test}: {why} ({VARIABLE}={name} makes this a failure)");
    None
}

#[test]
fn a_missing_resource_fails_a_test_only_where_it_is_listed_and_an_unknown_name_is_refused() {
    assert_eq!(is_listed(Resource::Data, ""), Ok(false));
    assert_eq!(is_listed(Resource::Data, "browser, man"), Ok(false));
    assert_eq!(is_listed(Resource::Data, "browser, data"), Ok(true));
    assert_eq!(is_listed(Resource::Data, "all"), Ok(true));
    let refused = is_listed(Resource::Data, "data,dta").unwrap_err();
    assert!(refused.contains("`dta`") && refused.contains("permissions"), "{refused}");
}
