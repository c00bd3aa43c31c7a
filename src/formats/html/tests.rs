//! Tests of reading whole pages.

use proptest::prelude::*;

use super::*;

const ARTICLE: &[u8] = include_bytes!("../../../tests/data/formats/web/zh-tw-article-big5.html");

const PANDOC: &[u8] = include_bytes!("../../../tests/data/formats/web/zh-tw-pandoc.html");
const MKDOCS: &[u8] = include_bytes!("../../../tests/data/formats/web/en-mkdocs.html");
const SPHINX: &[u8] = include_bytes!("../../../tests/data/formats/web/en-sphinx.html");

fn options() -> Options {
    Options { max_text_bytes: 10_000_000, ..Options::default() }
}

fn page(html: &str) -> Extracted {
    read(html.as_bytes(), &options()).unwrap().documents.remove(0)
}

fn text(html: &str) -> String {
    page(html).text
}

#[test]
fn an_article_is_read_with_its_facts() {
    let article = read(ARTICLE, &options()).unwrap().documents.remove(0);
    assert_eq!(article.title.as_deref(), Some("2026債市展望:先看薪資,再看點陣圖"));
    assert_eq!(article.author.as_deref(), Some("陸以寧"));
    assert_eq!(article.published.as_deref(), Some("2026-01-09T08:30:00+08:00"));
    assert_eq!(article.language.as_deref(), Some("zh-Hant"));
    assert_eq!(article.url.as_deref(), Some("https://example.com/markets/2026-outlook"));
    assert_eq!(article.metadata["site"], "潮間帶財經");
    assert!(article.text.starts_with("2026債市展望:先看薪資,再看點陣圖\n\n元月的債市像一間剛熄燈的戲院"));
    assert!(article.text.contains("3月; 機率: 62%") && !article.text.contains("九次"));
    assert!(!article.text.contains("首頁") && !article.text.contains("版權所有") && !article.text.contains("金價"));
    assert_eq!(article.notes, ["has hidden text, which was left out (5 characters)"]);
}

#[test]
fn pages_of_generators_are_read_without_their_frame() {
    let page = |bytes| read(bytes, &options()).unwrap().documents.remove(0);
    let pandoc = page(PANDOC);
    assert_eq!((pandoc.title.as_deref(), pandoc.language.as_deref()), (Some("債市展望"), Some("zh-TW")));
    assert!(pandoc.text.contains(
        "\n\n月份: 3月; 機率: 62%\n月份: 6月; 機率: 31%\n\n註，面積 10²。\n\n1. 先看薪資\n2. 再看點陣圖\n  - 細項\n"
    ));
    assert!(pandoc.text.contains("\n\nif x:\n    y()"));
    let mkdocs = page(MKDOCS);
    assert!(mkdocs.text.starts_with("Operating a server\n\nKeys\n\nWithout keys"));
    assert_eq!(mkdocs.title.as_deref(), Some("Operating a server"));
    assert!(!mkdocs.text.contains("Search") && mkdocs.notes.len() == 1);
    let sphinx = page(SPHINX);
    assert_eq!(sphinx.title.as_deref(), Some("Guide"));
    assert!(sphinx.text.starts_with("Guide\n\nIntro text here.\n\nNote\n\nMind the tide.\n\nOptions\n\nterm"));
    assert!(sphinx.text.contains("Name: a; Value: 1\nName: b; Value: 2\n\nif x:\n    y()\n\nf(x, y)\n\nDoes it."));
}

#[test]
fn headings_lists_and_code_keep_their_shape() {
    let html = "<h1>Guide <a class=headerlink href=#a>¶</a></h1><p>One\n two.<ul><li>first<li>second <b>bold</b>\
        <ol start=3><li><p>third</p><p>more</p></li><li>fourth</ol></ul><pre>\nif x:\n    y()\n</pre>";
    let page = page(html);
    assert_eq!(
        page.text,
        "Guide\n\nOne two.\n\n- first\n- second bold\n  3. third\n\nmore\n  4. fourth\n\nif x:\n    y()"
    );
    assert_eq!((page.layout.headings[0].level, page.layout.headings[0].text.as_str()), (1, "Guide"));
    for place in &page.layout.places {
        assert!(!page.text[place.span.range()].starts_with(['-', '3', ' ', '\n']));
    }
}

#[test]
fn each_row_of_a_table_says_what_its_values_are() {
    let html = "<table><caption>Rates</caption><thead><tr><th rowspan=2>Year<th colspan=2>Yield</tr>\
        <tr><th>2 y<th>10 y</tr></thead><tr><td rowspan=2>2026<td>3.49 %<td>4.18 %<tr><td>3.5 %<td></table>";
    assert_eq!(text(html), "Rates\n\nYear: 2026; Yield 2 y: 3.49 %; Yield 10 y: 4.18 %\nYear: 2026; Yield 2 y: 3.5 %");
    let facts = "<table><tr><th>Born:<td>1912<tr><th>Died<td>1954, <i>Wilmslow</i></table>";
    assert_eq!(text(facts), "Born: 1912\nDied: 1954, Wilmslow");
}

#[test]
fn a_table_that_lays_out_a_page_is_not_a_table() {
    let html = "<table><tr><td><h2>News</h2><p>Text.</p><td><table><tr><th>A<th>B<tr><td>1<td>2</table></table>";
    assert_eq!(text(html), "News\n\nText.\n\nA: 1; B: 2");
    assert_eq!(text("<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>"), "a\n\nb\n\nc\n\nd");
}

#[test]
fn inline_elements_do_not_break_a_sentence_and_br_breaks_a_line() {
    assert_eq!(text("<p>An <em>ital</em>ic <a href=x>link</a>, <span>x</span>y."), "An italic link, xy.");
    assert_eq!(text("<p>one<br>two<br><br>three"), "one\ntwo\n\nthree");
    assert_eq!(
        text("<p>10<sup>2</sup> m<sup>2</sup> the 5<sup>th</sup><sup class=reference>[1]</sup>"),
        "10² m² the 5th"
    );
    assert_eq!(text("<ruby>漢<rp>(<rt>かん<rp>)</ruby>字 &amp; &lt;x&gt;"), "漢字 & <x>");
}

#[test]
fn what_is_not_shown_is_left_out_and_counted() {
    let html = "<p>seen<p hidden>ab c<p style='color:red; DISPLAY : none'>d<span aria-hidden=true>e</span>\
        <template>t</template><script>s</script><noscript>n</noscript><nav>nav</nav><p>end<select><option>o</select>";
    let page = page(html);
    assert_eq!(page.text, "seen\n\nend");
    assert_eq!(page.notes, ["has hidden text, which was left out (5 characters)"]);
}

#[test]
fn the_header_of_an_article_is_content_and_that_of_a_page_is_not() {
    let html = "<header>Site</header><article><header><h1>T</h1></header><p>x</article><footer>f</footer>";
    assert_eq!(text(html), "T\n\nx");
}

#[test]
fn main_content_is_preferred_if_it_is_most_of_the_page() {
    let html = "<div>menu</div><main><h1>Guide</h1><p>Content of the page.</main><div>cookies</div>";
    assert_eq!(text(html), "Guide\n\nContent of the page.");
    assert_eq!(text("<p>All of the text is here.</p><main>x</main>"), "All of the text is here.\n\nx");
}

#[test]
fn broken_markup_is_read_to_its_end() {
    assert_eq!(text("</p></b><div>a</span></div></table>b<td>c</html>d"), "a\n\nb\n\ncd");
    assert_eq!(text("<b><p>x</b>y<i>z"), "xyz");
    assert_eq!(text("plain"), "plain");
    assert_eq!(text(""), "");
}

#[test]
fn a_page_that_scripts_fill_is_refused() {
    let page = "<body><noscript>Enable JavaScript.</noscript><div id=app></div><script src=app.js></script>";
    assert!(read(page.as_bytes(), &options()).unwrap_err().reason.contains("scripts fill it"));
}

#[test]
fn the_only_time_on_a_page_is_its_date() {
    let page_of = |times: &str| page(&format!("<p>x {times}")).published;
    assert_eq!(page_of("<time datetime=2026-01-09>").as_deref(), Some("2026-01-09"));
    assert_eq!(page_of("<time datetime=2026-01-09></time><time datetime=2026-01-10>"), None);
}

#[test]
fn a_page_without_a_better_title_is_called_by_its_heading_or_its_window() {
    let title = |body: &str| page(&format!("<title>Guide - Site</title>{body}")).title.unwrap();
    assert_eq!(title("<h1>Guide</h1><p>x"), "Guide");
    assert_eq!(title("<h1>One</h1><h1>Two</h1>"), "Guide - Site");
    assert_eq!(title("<meta property=og:title content=Better><h1>Guide</h1>"), "Better");
}

/// With work that grows with the square of its size, a page would take minutes.
#[test]
fn hostile_pages_take_linear_time() {
    let n = 200_000;
    let cases = [
        format!("{}deep{}", "<div>".repeat(n), "</div>".repeat(n)),
        "<b>".repeat(n) + &"<div>".repeat(n) + &"</b>".repeat(n),
        "<p><b id=1>".repeat(n),
        "<table><td>".repeat(n) + "x",
        "<ul><li>".repeat(n) + "x",
        "<i><div>".to_owned() + &"<b>".repeat(n) + &"</i>".repeat(n),
        "<table><tr>".to_owned() + &"<td rowspan=65534 colspan=1000>x".repeat(1_000) + &"<tr><td>".repeat(n),
        "<a href=x>".repeat(n),
        "<svg>".repeat(n) + &"<script>".repeat(n),
    ];
    let options = Options { max_text_bytes: 64 << 20, ..Options::default() };
    for case in cases {
        // Any answer is right, as long as there is one.
        let _ = read(case.as_bytes(), &options);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_markup_never_panics_and_places_are_in_order(
        parts in proptest::collection::vec("(</?(p|b|a|ul|li|table|tr|td|th|pre|sup|h1|div|nav|main|br|svg|q)( hidden| rowspan=9)?>)|[a字 \n&]{0,4}", 0..60)
    ) {
        let page = page(&parts.concat());
        let mut end = 0;
        for place in &page.layout.places {
            prop_assert!(place.span.start >= end && place.span.end > place.span.start);
            prop_assert!(page.text.get(place.span.range()).is_some());
            end = place.span.end;
        }
    }

    #[test]
    fn a_damaged_page_never_panics(cut in 0..ARTICLE.len(), at in 0..ARTICLE.len(), byte: u8) {
        let mut bytes = ARTICLE.to_vec();
        bytes[at] = byte;
        let _ = read(&bytes, &options());
        let _ = read(&bytes[..cut], &options());
    }
}
