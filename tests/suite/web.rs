//! Documents from the web, from a site on this machine: what may be read is read once, and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::harness::{Pace, Page, Server, Site, Workspace, data, exclusive_address};

/// No pauses; a size that pages without an end reach at once; and a clock that no page reaches but one that never ends.
const SETTINGS: &[(&str, &str)] = &[
    ("FOOTNOTE_WEB_PAUSE_SECONDS", "0"),
    ("FOOTNOTE_WEB_TIMEOUT_SECONDS", "120"),
    ("FOOTNOTE_INGEST_MAX_FILE_BYTES", "2000000"),
];

/// The outcomes of `ingest --json` by the path of the page, with their exit status. Reasons are in the second place.
fn ingest(workspace: &Workspace, site: &Site, arguments: &[&str]) -> (i32, BTreeMap<String, (String, String)>) {
    ingest_with(workspace, site, arguments, SETTINGS)
}

fn ingest_with(
    workspace: &Workspace,
    site: &Site,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> (i32, BTreeMap<String, (String, String)>) {
    let output = workspace.run_with(&[&["ingest", "--json"], arguments].concat(), settings);
    let mut outcomes = BTreeMap::new();
    for line in output.stdout.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |field: &str| line[field].as_str().unwrap_or_default().to_owned();
        let name = match text("title") {
            title if title.is_empty() => text("id").replace(&site.url, ""),
            title => title,
        };
        let reason = line["error"]["detail"].as_str().unwrap_or_default().to_owned();
        assert!(!reason.is_empty() || !matches!(text("status").as_str(), "failed" | "skipped"), "{line}");
        let before = outcomes.insert(name, (text("status"), reason));
        assert_eq!(before, None, "{line} is reported twice: {}", output.stdout);
    }
    assert!(output.stderr.is_empty() || !output.stderr.contains("error:"), "{output:?}");
    (output.code, outcomes)
}

fn with_status(outcomes: &BTreeMap<String, (String, String)>, status: &str) -> Vec<String> {
    outcomes.iter().filter(|(_, (known, _))| known == status).map(|(name, _)| name.clone()).collect()
}

fn text(number: usize) -> String {
    format!(
        "The lighthouse of island {number} was lit in {}. Its lamp burns {number} litres of oil in a night.",
        1800 + number
    )
}

/// A site of thirty pages that may be read, and much that may not.
fn thirty_pages(secret: &Site) -> Site {
    let site = Site::start();
    let page = |number: usize| Page::html(&format!("Island {number:02}"), &text(number));
    (1..=26).for_each(|number| site.put(&format!("/islands/{number}"), page(number)));
    site.put(
        "/robots.txt",
        Page::new("text/plain", "User-agent: *\nDisallow: /private/\n\nUser-agent: other\nDisallow: /\n"),
    );
    // Two that redirects lead to, one of them over two hops.
    site.put("/old/25", Page::redirect(301, "/islands/25"));
    site.put("/old/26", Page::redirect(302, "/older/26"));
    site.put("/older/26", Page::redirect(307, "/islands/26#section"));
    // A redirect to a page that is read anyway.
    site.put("/old/4", Page::redirect(308, "/islands/4"));
    // Only the feed has these two.
    site.put("/islands/27", page(27));
    site.put("/islands/28", page(28));
    // A PDF without a name that says so, and a page in Big5 of which only its header says so.
    let pdf = std::fs::read(data("formats/pdf/en-table-without-rules-chromium.pdf")).unwrap();
    site.put(
        "/download?id=29",
        Page::new("application/pdf", pdf).with("Last-Modified", "Sat, 31 Jan 2026 10:00:00 GMT"),
    );
    let (big5, ..) =
        encoding_rs::BIG5.encode("<html><title>Island 30</title><p>元月的債市像一間剛熄燈的戲院，觀眾都坐好了。");
    site.put("/islands/30", Page::new("text/html; charset=Big5", &*big5).with("ETag", "W/\"thirty\""));
    // What may not be read, or cannot.
    site.put("/private/plan", Page::html("Plan", "A secret plan."));
    site.put("/loop/a", Page::redirect(302, "/loop/b"));
    site.put("/loop/b", Page::redirect(302, "/loop/a"));
    site.put("/endless", Page::without_end(Pace::Fast));
    site.put("/metadata", Page::redirect(302, "http://169.254.169.254/latest/meta-data/"));
    site.put("/inside", Page::redirect(302, &secret.at("/")));
    site.put("/mapped", Page::redirect(302, &secret.at("/").replace("127.0.0.1", "[::ffff:127.0.0.1]")));
    site.put("/far", Page::redirect(302, "https://elsewhere.example/far"));
    site.put("/local", Page::redirect(302, "file:///etc/passwd"));
    site.put("/picture", Page::new("image/png", "\u{89}PNG"));
    site.put("/quiet", Page::html("Quiet", "Not for an index.").with("X-Robots-Tag", "noindex"));
    site.put(
        "/quieter",
        Page::new("text/html", "<!DOCTYPE html><meta name=robots content=noindex><title>Quieter</title><p>No."),
    );
    site.put("/broken", Page::status(500));
    let mut entries: Vec<String> = (1..=24).map(|number| format!("/islands/{number}")).collect();
    for path in [
        "/islands/3",
        "/islands/3#twice",
        "/old/25",
        "/old/26",
        "/old/4",
        "/download?id=29",
        "/islands/30",
        "/private/plan",
        "/loop/a",
        "/endless",
        "/inside",
        "/local",
        "/far",
        "/picture",
        "/quiet",
        "/quieter",
        "/broken",
        "/gone",
        "https://elsewhere.example/page",
        "ftp://elsewhere.example/file",
        "/robots.txt-not",
        "/feed.xml",
    ] {
        entries.push(path.to_owned());
    }
    let entries: Vec<(&str, Option<&str>)> = entries.iter().map(|path| (path.as_str(), None)).collect();
    site.put_sitemap("/sitemap-pages.xml", &entries);
    let index = format!("<sitemapindex><sitemap><loc>{}</loc></sitemap></sitemapindex>", site.at("/sitemap-pages.xml"));
    site.put("/sitemap.xml", Page::new("application/xml", index));
    let feed = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Islands</title>\
                <entry><link href='/islands/27'/><updated>2026-01-01T00:00:00Z</updated></entry>\
                <entry><link rel='alternate' href='islands/28'/></entry><entry><link href='/islands/1'/></entry></feed>";
    site.put("/feed.xml", Page::new("application/atom+xml", feed));
    site
}

#[test]
fn of_a_site_what_may_be_read_is_read_once_and_nothing_else() {
    let secret = Site::start();
    secret.put("/", Page::html("Inside", "The key is under the mat."));
    let site = thirty_pages(&secret);
    let workspace = Workspace::new();
    let addresses = ["/sitemap.xml", "/feed.xml", "/metadata", "/mapped"].map(|path| site.at(path));
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let (code, outcomes) = ingest(&workspace, &site, &addresses);
    assert_eq!(code, 5, "{outcomes:?}");
    let added = with_status(&outcomes, "added");
    assert_eq!(added.len(), 30, "{added:?}");
    for number in (1..=28).chain([30]) {
        assert!(added.contains(&format!("Island {number:02}")), "{number}: {outcomes:?}");
    }
    let expected = [
        ("/loop/a", "failed", "in a loop"),
        ("/endless", "failed", "larger than 1 MB"),
        ("/metadata", "failed", "169.254.169.254 is an address of this machine or of a private network"),
        ("/inside", "failed", "127.0.0.1 is an address of this machine"),
        ("/local", "failed", "not an address of the web"),
        ("/broken", "failed", "status 500"),
        ("/gone", "failed", "does not exist"),
        ("/robots.txt-not", "failed", "does not exist"),
        ("/private/plan", "skipped", "robots.txt"),
        ("/far", "skipped", "leads to another site"),
        ("/picture", "skipped", "image/png"),
        ("/quiet", "skipped", "noindex"),
        ("/quieter", "skipped", "noindex"),
        ("/sitemap.xml", "skipped", "page of other hosts"),
    ];
    for (path, status, reason) in expected {
        let (known, why) = outcomes.get(path).unwrap_or_else(|| panic!("no {path} in {outcomes:?}"));
        assert!(known == status && why.contains(reason), "{path}: {known} {why}");
    }
    let mapped = outcomes.get("/mapped").unwrap_or_else(|| panic!("no /mapped in {outcomes:?}"));
    assert!(mapped.1.contains("private network"), "{mapped:?}");
    // The feed is a page of the sitemap, and named, so it is read as what it is.
    assert_eq!(outcomes.len(), added.len() + expected.len() + 1, "{outcomes:#?}");

    let asked = site.asked();
    let mut paths: Vec<&str> = asked.iter().map(|asked| asked.path.as_str()).collect();
    let count = paths.len();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), count, "each is asked for once: {asked:?}");
    assert!(!paths.contains(&"/private/plan"), "robots.txt forbids it");
    assert_eq!(asked[0].path, "/robots.txt");
    assert!(
        asked
            .iter()
            .all(|asked| asked.headers.contains(&format!("user-agent: footnote/{}", env!("CARGO_PKG_VERSION"))))
    );
    assert_eq!(secret.asked(), [], "a site that nobody named is not asked");

    // The addresses of documents are those of their pages, after redirects.
    let found = workspace.run(&["search", "--format", "json", "When was the lighthouse of island 26 lit?"]);
    assert!(found.stdout.contains(&format!("{}\"", site.at("/islands/26"))), "{}", found.stdout);
    let found = workspace.run(&["search", "--format", "json", "元月的債市像什麼？"]);
    assert!(found.stdout.contains("元月的債市像一間剛熄燈的戲院"), "{}", found.stdout);

    // Again: nothing is embedded, and what can say that it has not changed is not sent again.
    let (code, outcomes) = ingest(&workspace, &site, &addresses);
    assert_eq!((code, with_status(&outcomes, "unchanged")), (5, added));
    let asked = site.asked();
    for number in (1..=28).chain([30]) {
        let path = format!("/islands/{number}");
        let again: Vec<_> = asked.iter().filter(|asked| asked.path == path).collect();
        // Its entry in the feed says that it has not changed.
        let expected = usize::from(number != 27);
        assert_eq!(again.len(), expected, "{path}: {asked:?}");
        assert!(again.iter().all(|asked| asked.headers.contains("if-none-match: ")), "{again:?}");
    }
    let pdf = asked.iter().find(|asked| asked.path.starts_with("/download")).unwrap();
    assert!(pdf.headers.contains("if-modified-since: sat, 31 jan 2026 10:00:00 gmt"), "{pdf:?}");
    assert_eq!(secret.asked(), []);
    let verified = workspace.run(&["verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn a_page_that_trickles_for_ever_is_given_up_by_the_clock() {
    let site = Site::start();
    site.put("/trickle", Page::without_end(Pace::Slow));
    let settings = [SETTINGS[0], ("FOOTNOTE_WEB_TIMEOUT_SECONDS", "1")];
    let (code, outcomes) = ingest_with(&Workspace::new(), &site, &[&site.at("/trickle")], &settings);
    assert_eq!(code, 5);
    assert!(outcomes["/trickle"].1.contains("did not end within 1 s"), "{outcomes:?}");
}

#[test]
fn a_page_that_changed_is_read_again_and_one_that_only_lost_its_validator_is_not_embedded() {
    let site = Site::start();
    let workspace = Workspace::new();
    site.put("/a", Page::html("A", "Pears are ripe."));
    let address = site.at("/a");
    assert_eq!(ingest(&workspace, &site, &[&address]).1["A"].0, "added");
    // The same bytes, and nothing by which their server could tell.
    site.put("/a", Page::html("A", "Pears are ripe.").without("ETag"));
    assert_eq!(ingest(&workspace, &site, &[&address]).1["A"].0, "unchanged");
    site.put("/a", Page::html("A", "Figs are ripe."));
    assert_eq!(ingest(&workspace, &site, &[&address]).1["A"].0, "updated");
    // Whoever removed its documents gets them back.
    let id = serde_json::from_str::<Value>(workspace.run(&["ls", "--format", "ndjson"]).stdout.trim()).unwrap();
    assert_eq!(workspace.run(&["rm", id["id"].as_str().unwrap()]).code, 0);
    assert_eq!(ingest(&workspace, &site, &[&address]).1["A"].0, "added");
    site.asked();
    assert_eq!(ingest(&workspace, &site, &["--reread", &address]).1["A"].0, "unchanged");
    assert!(site.asked().iter().all(|asked| !asked.headers.contains("if-none-match")));
}

#[test]
fn what_a_sitemap_says_has_not_changed_is_not_even_asked_for() {
    let site = Site::start();
    let workspace = Workspace::new();
    ["/a", "/b"].into_iter().for_each(|path| site.put(path, Page::html(path, "Pears are ripe.")));
    let lists = |changed| site.put_sitemap("/sitemap.xml", &[("/a", Some("2026-01-01")), ("/b", Some(changed))]);
    lists("2026-01-01");
    let address = site.at("/sitemap.xml");
    ingest(&workspace, &site, &[&address]);
    site.asked();
    lists("2026-02-02");
    let (_, outcomes) = ingest(&workspace, &site, &[&address]);
    assert_eq!(with_status(&outcomes, "unchanged"), ["/a", "/b"]);
    assert_eq!(site.paths(), ["/b", "/robots.txt", "/sitemap.xml"]);
    ingest(&workspace, &site, &[&address]);
    assert_eq!(site.paths(), ["/robots.txt", "/sitemap.xml"], "the new time was kept");
}

#[test]
fn pruning_follows_a_sitemap_that_was_read_whole_and_never_a_feed() {
    let site = Site::start();
    let workspace = Workspace::new();
    let all = ["/a", "/b", "/c", "/fed", "/alone"];
    all.into_iter().for_each(|path| site.put(path, Page::html(path, &format!("The page {path} is about pears."))));
    site.put_sitemap("/sitemap.xml", &[("/a", None), ("/b", None), ("/c", None)]);
    let feed = |links: &str| {
        let feed = format!("<rss version='2.0'><channel>{links}</channel></rss>");
        site.put("/feed", Page::new("application/rss+xml", feed));
    };
    feed(&format!("<item><link>{}</link></item>", site.at("/fed")));
    let (sitemap, fed, alone) = (site.at("/sitemap.xml"), site.at("/feed"), site.at("/alone"));
    let (_, outcomes) = ingest(&workspace, &site, &[&sitemap, &fed, &alone]);
    assert_eq!(with_status(&outcomes, "added").len(), 5, "{outcomes:?}");
    site.put_sitemap("/sitemap.xml", &[("/b", None), ("/c", None)]);
    site.put("/b", Page::status(410));
    feed("");
    let (code, outcomes) = ingest(&workspace, &site, &[&sitemap, &fed]);
    assert_eq!((code, with_status(&outcomes, "failed")), (5, vec!["/b".to_owned()]), "nothing goes without --prune");
    // One page of it cannot be read, so nobody knows what it lists.
    site.put("/sitemap.xml", Page::new("application/xml", format!("<urlset><url><loc>{}</loc></url>", site.at("/c"))));
    let (_, outcomes) = ingest(&workspace, &site, &["--prune", &sitemap]);
    assert_eq!(with_status(&outcomes, "removed"), Vec::<String>::new(), "{outcomes:?}");
    site.put_sitemap("/sitemap.xml", &[("/b", None), ("/c", None)]);
    let (code, outcomes) = ingest(&workspace, &site, &["--prune", &sitemap, &fed]);
    assert_eq!((code, with_status(&outcomes, "removed")), (0, vec!["/a".to_owned(), "/b".to_owned()]), "{outcomes:?}");
    // A sitemap that lists nothing is more likely a mistake.
    site.put_sitemap("/sitemap.xml", &[]);
    let (code, outcomes) = ingest(&workspace, &site, &["--prune", &sitemap]);
    assert!(code == 5 && outcomes["/sitemap.xml"].1.contains("their documents stay"), "{outcomes:?}");
    let (_, outcomes) = ingest(&workspace, &site, &["--prune", "--prune-all", &sitemap]);
    assert_eq!(with_status(&outcomes, "removed"), ["/c"]);
    let listed = workspace.run(&["ls", "--format", "ndjson"]).stdout;
    assert!(listed.lines().count() == 2 && listed.contains("/fed") && listed.contains("/alone"), "{listed}");
}

#[test]
fn a_server_that_asks_for_patience_gets_it_within_limits() {
    let site = Site::start();
    let workspace = Workspace::new();
    let busy = |after: &str| Page::status(503).with("Retry-After", after);
    site.put_in_turn("/soon", vec![busy("0"), busy("1"), Page::html("Soon", "Pears are ripe.")]);
    assert_eq!(ingest(&workspace, &site, &[&site.at("/soon")]).1["Soon"].0, "added");
    assert_eq!(site.paths(), ["/robots.txt", "/soon", "/soon", "/soon"]);
    site.put("/late", Page::status(429).with("Retry-After", "86400"));
    let (code, outcomes) = ingest(&workspace, &site, &[&site.at("/late"), &site.at("/soon")]);
    assert_eq!(code, 5);
    assert!(outcomes["/late"].1.contains("come again in 86400 s"), "{outcomes:?}");
    assert!(outcomes["/soon"].1.contains("come again in"), "{outcomes:?}");
    assert_eq!(site.paths(), ["/late", "/robots.txt"], "the host is left alone");
}

#[test]
fn links_are_followed_only_on_request_and_below_the_folder_of_the_page() {
    let site = Site::start();
    let links = |title: &str, links: &[&str]| {
        let mut page = format!("<!DOCTYPE html><title>{title}</title><h1>{title}</h1>");
        for link in links {
            let _ = write!(page, "<p>A link to <a href='{link}'>{link}</a>.");
        }
        Page::new("text/html", page)
    };
    site.put(
        "/docs/",
        links("Start", &["a", "a#part", "/docs/deep/b", "/outside", "mailto:me@site.example", "/docs/robbed"]),
    );
    site.put("/docs/a", links("A", &["./", "c"]));
    site.put("/docs/deep/b", links("B", &["../a"]));
    site.put("/docs/c", links("C", &["d"]));
    site.put("/robots.txt", Page::new("text/plain", "User-agent: footnote\nDisallow: /docs/robbed\n"));
    let start = site.at("/docs/");
    let added = |arguments: &[&str]| {
        let (_, outcomes) = ingest(&Workspace::new(), &site, &[arguments, &[&start]].concat());
        (with_status(&outcomes, "added"), site.paths(), outcomes)
    };
    assert_eq!(added(&[]).0, ["Start"]);
    let (titles, paths, outcomes) = added(&["--depth", "1"]);
    assert_eq!(titles, ["A", "B", "Start"]);
    assert_eq!(paths, ["/docs/", "/docs/a", "/docs/deep/b", "/robots.txt"]);
    assert_eq!(outcomes["/docs/robbed"].0, "skipped");
    assert_eq!(added(&["--depth", "2"]).0, ["A", "B", "C", "Start"]);
    let (titles, _, outcomes) = added(&["--depth", "2", "--max-pages", "2"]);
    assert_eq!(titles, ["A", "Start"]);
    assert!(outcomes["/docs/"].1.contains("more than 2 pages"), "{outcomes:?}");
}

#[test]
fn a_dry_run_says_what_would_be_fetched_and_fetches_only_what_lists_it() {
    let site = Site::start();
    let workspace = Workspace::new();
    site.put("/a", Page::html("A", "Pears are ripe."));
    site.put("/b", Page::html("B", "Figs are ripe."));
    site.put("/robots.txt", Page::new("text/plain", "User-agent: *\nDisallow: /b\n"));
    site.put_sitemap("/sitemap.xml", &[("/a", None), ("/b", None), ("/c", None)]);
    let (code, outcomes) = ingest(&workspace, &site, &["--dry-run", "--max-pages", "2", &site.at("/sitemap.xml")]);
    assert_eq!(code, 0);
    assert_eq!(outcomes["/a"], ("skipped".to_owned(), "would be fetched".to_owned()));
    assert!(outcomes["/b"].1.contains("robots.txt") && outcomes["/sitemap.xml"].1.contains("more than 2 pages"));
    assert_eq!(site.paths(), ["/robots.txt", "/sitemap.xml"]);
    assert_eq!(ingest(&workspace, &site, &["--dry-run", &site.at("/a")]).1["A"].0, "added");
    assert_eq!(workspace.run(&["ls"]).stdout.lines().filter(|line| line.contains("http")).count(), 0);
}

#[test]
fn a_watched_page_is_asked_for_again() {
    let site = Site::start();
    let workspace = Workspace::new();
    site.put("/a", Page::html("A", "Pears are ripe."));
    let mut watch = workspace
        .command(&["ingest", "--json", "--watch", &site.at("/a")])
        .envs(SETTINGS.iter().copied())
        .env("FOOTNOTE_WEB_WATCH_SECONDS", "1")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap()["status"].clone();
    assert_eq!(next(), "added");
    site.put("/a", Page::html("A", "Figs are ripe."));
    assert_eq!(next(), "updated");
    let interrupted = Command::new("kill").arg("-INT").arg(watch.id().to_string()).status().unwrap();
    assert!(interrupted.success());
    assert_eq!(watch.wait().unwrap().code(), Some(130));
    let asked = site.asked();
    assert!(asked.iter().filter(|asked| asked.path == "/robots.txt").count() == 1, "its rules are kept: {asked:?}");
}

#[test]
fn pages_go_through_a_server_that_holds_the_index_with_their_originals() {
    let site = Site::start();
    let workspace = Workspace::new();
    site.put("/a", Page::html("A", "Pears are ripe."));
    let server = Server::over(&workspace, &exclusive_address(), SETTINGS);
    let settings = [SETTINGS, &[("FOOTNOTE_SERVER_LISTEN", server.address())]].concat();
    let (code, outcomes) = ingest_with(&workspace, &site, &[&site.at("/a")], &settings);
    assert_eq!((code, outcomes["A"].0.as_str()), (0, "added"));
    let listed = server.get("/v1/documents").json();
    let document = listed["documents"].as_array().unwrap().iter().find(|it| it["title"] == "A").unwrap();
    assert_eq!(document["uri"], site.at("/a").as_str(), "{listed}");
    let original = server.get(&format!("/v1/documents/{}/original", document["id"].as_str().unwrap()));
    assert!(original.status == 200 && original.body.starts_with(b"<!DOCTYPE html>"), "{}", original.text);
    let (_, outcomes) = ingest_with(&workspace, &site, &[&site.at("/a")], &settings);
    assert_eq!(outcomes["A"].0, "unchanged");
    assert!(site.asked().last().unwrap().headers.contains("if-none-match"));
}

#[test]
fn a_server_fetches_only_if_its_settings_allow_it_and_never_from_a_private_network() {
    let site = Site::start();
    site.put("/a", Page::html("A", "Pears are ripe."));
    site.put_sitemap("/sitemap.xml", &[("/a", None), ("/b", None)]);
    let request = json!({"url": site.at("/sitemap.xml")});
    let post = |server: &Server| {
        let headers = [("Content-Type", "application/json"), ("Prefer", "wait=100")];
        server.send("POST", "/v1/fetch", &headers, request.to_string().as_bytes())
    };
    let server = Server::start(&[]);
    let problem = post(&server).problem(403);
    assert!(problem["type"] == "/problems/no-fetching" && problem["hint"].as_str().unwrap().contains("allow_fetch"));
    drop(server);
    let server = Server::start_with("[server]\nallow_fetch = true\n[web]\npause_seconds = 0\n", &[]);
    let reply = post(&server);
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.text.contains("is an address of this machine or of a private network"), "{}", reply.text);
    for wrong in [
        json!({"url": "file:///etc/passwd"}),
        json!({"url": "x", "depth": 1}),
        json!({"url": site.url, "max_pages": 0}),
    ] {
        server.post("/v1/fetch", &wrong).problem(400);
    }
    assert_eq!(site.asked(), []);
    drop(server);
    let host = site.url.strip_prefix("http://").unwrap();
    let settings = format!("[server]\nallow_fetch = true\n[web]\npause_seconds = 0\nprivate_hosts = [\"{host}\"]\n");
    let server = Server::start_with(&settings, &[]);
    let reply = post(&server);
    assert_eq!(reply.status, 200, "{}", reply.text);
    let outcomes = reply.json();
    let of =
        |status: &str| outcomes["documents"].as_array().unwrap().iter().filter(|it| it["status"] == status).count();
    assert_eq!((of("added"), of("failed")), (1, 1), "{outcomes}");
    let job = server.send("POST", "/v1/fetch", &[("Content-Type", "application/json")], request.to_string().as_bytes());
    assert_eq!(job.status, 202, "{}", job.text);
    assert_eq!(site.paths().iter().filter(|path| *path == "/a").count(), 1);
}
