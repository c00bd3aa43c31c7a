//! A web site on this machine: pages that tests put there, and a record of all that it was asked for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a site answers to a path.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Bytes that its length promises and that do not come.
    missing_bytes: usize,
    /// Whether bytes follow without end: one after the other, or as fast as they are taken.
    without_end: Option<Pace>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    Slow,
    Fast,
}

/// A request as it came: its path with the query, and its headers in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: String,
}

/// A site, which lives as long as the test.
pub(crate) struct Site {
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    pages: Arc<Mutex<BTreeMap<String, Vec<Page>>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Page {
    pub(crate) fn new(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), media_type.to_owned())];
        Self { status: 200, headers, body: body.into(), missing_bytes: 0, without_end: None }
    }

    /// A page with this title and text, and a validator.
    pub(crate) fn html(title: &str, text: &str) -> Self {
        let body = format!(
            "<!DOCTYPE html><html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p>\
             </article></body></html>"
        );
        let etag = format!("\"{}\"", &blake3::hash(body.as_bytes()).to_hex()[..12]);
        Self::new("text/html; charset=utf-8", body).with("ETag", &etag)
    }

    pub(crate) fn status(status: u16) -> Self {
        let body = b"<p>Nothing to see here.".to_vec();
        Self { status, headers: Vec::new(), body, missing_bytes: 0, without_end: None }
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).with("Location", location)
    }

    pub(crate) fn without_end(pace: Pace) -> Self {
        Self { without_end: Some(pace), ..Self::new("text/html", "<!DOCTYPE html><p>And then ") }
    }

    /// Only its first bytes: the connection ends in its midst.
    pub(crate) fn cut_to(mut self, bytes: usize) -> Self {
        self.missing_bytes = self.body.len().saturating_sub(bytes);
        self.body.truncate(bytes);
        self
    }

    pub(crate) fn with(mut self, header: &str, value: &str) -> Self {
        self.headers.push((header.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, header: &str) -> Self {
        self.headers.retain(|(name, _)| name != header);
        self
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Site {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let site = Self { url, pages: Arc::default(), asked: Arc::default() };
        let (pages, asked) = (Arc::clone(&site.pages), Arc::clone(&site.asked));
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (pages, asked) = (Arc::clone(&pages), Arc::clone(&asked));
                std::thread::spawn(move || answer(connection, &pages, &asked));
            }
        });
        site
    }

    /// Puts a page at a path.
    pub(crate) fn put(&self, path: &str, page: Page) {
        self.put_in_turn(path, vec![page]);
    }

    /// Puts pages at a path, one for each request; the last stays.
    pub(crate) fn put_in_turn(&self, path: &str, pages: Vec<Page>) {
        self.pages.lock().unwrap().insert(path.to_owned(), pages);
    }

    /// Puts a sitemap there, of paths with the times of their last changes.
    pub(crate) fn put_sitemap(&self, path: &str, entries: &[(&str, Option<&str>)]) {
        let mut body = "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>".to_owned();
        for (entry, changed) in entries {
            let changed = changed.map(|changed| format!("<lastmod>{changed}</lastmod>")).unwrap_or_default();
            let address = if entry.contains("://") { (*entry).to_owned() } else { format!("{}{entry}", self.url) };
            let _ = write!(body, "<url><loc>{address}</loc>{changed}</url>");
        }
        self.put(path, Page::new("application/xml", body + "</urlset>"));
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// What it was asked for since this was called last.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// The paths that it was asked for since, sorted.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.asked().into_iter().map(|asked| asked.path).collect();
        paths.sort();
        paths
    }
}

fn answer(mut connection: TcpStream, pages: &Mutex<BTreeMap<String, Vec<Page>>>, asked: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut headers = String::new();
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).unwrap_or(0) == 0 || header == "\r\n" {
            break;
        }
        headers += &header.to_lowercase();
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(Asked { path: path.clone(), headers: headers.clone() });
    let page = match pages.lock().unwrap().get_mut(&path) {
        Some(pages) if pages.len() > 1 => pages.remove(0),
        Some(pages) => pages[0].clone(),
        None => Page::status(404),
    };
    let is_known = |header: &str, validator: &str| {
        let sent = page.header(validator).map(|value| format!("{header}: {}\r\n", value.to_lowercase()));
        page.status == 200 && sent.is_some_and(|sent| headers.contains(&sent))
    };
    let is_same = is_known("if-none-match", "ETag") || is_known("if-modified-since", "Last-Modified");
    let (status, body) = if is_same { (304, &[][..]) } else { (page.status, page.body.as_slice()) };
    let mut head = format!("HTTP/1.1 {status} Status\r\nConnection: close\r\n");
    for (name, value) in &page.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if page.without_end.is_none() && !is_same {
        let _ = write!(head, "Content-Length: {}\r\n", body.len() + page.missing_bytes);
    }
    let _ = connection.write_all(format!("{head}\r\n").as_bytes()).and_then(|()| connection.write_all(body));
    while let Some(pace) = page.without_end {
        let more = if pace == Pace::Fast { "and then ".repeat(1_000) } else { "and ".to_owned() };
        if connection.write_all(more.as_bytes()).and_then(|()| connection.flush()).is_err() {
            return;
        }
        if pace == Pace::Slow {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let _ = connection.shutdown(Shutdown::Write);
}
