//! Tests of reading whole messages and mailboxes.

use proptest::prelude::*;

use super::*;
use crate::passage::At;

const MESSAGE: &[u8] = include_bytes!("../../../tests/data/formats/mail/zh-tw-big5-alternative-attachment.eml");
const MAILBOX: &[u8] = include_bytes!("../../../tests/data/formats/mail/three-charsets.mbox");

const OTHERS: [(&[u8], &str); 3] = [
    (include_bytes!("../../../tests/data/formats/mail/zh-cn-gb18030-8bit.eml"), "欧洲央行按兵不动：存款利率"),
    (include_bytes!("../../../tests/data/formats/mail/ja-iso-2022-jp-7bit.eml"), "日銀は7月の会合で"),
    (include_bytes!("../../../tests/data/formats/mail/ko-euc-kr-quoted-printable.eml"), "한국은행은 기준금리를"),
];

fn options() -> Options {
    Options { max_text_bytes: 1_000_000, ..Options::default() }
}

fn eml(text: &str) -> Contents {
    read(Format::Eml, text.as_bytes(), &options()).unwrap()
}

#[test]
fn a_message_is_read_with_its_header_text_and_files() {
    let contents = read(Format::Eml, MESSAGE, &options()).unwrap();
    let message = &contents.documents[0];
    assert_eq!(message.title.as_deref(), Some("債市展望:聯準會2026年降息三次"));
    assert_eq!(message.author.as_deref(), Some("陸以寧"));
    assert_eq!(message.published.as_deref(), Some("2026-01-09T08:30:00+08:00"));
    assert_eq!(message.metadata["to"], serde_json::json!(["desk@example.com"]));
    assert!(message.text.starts_with("聯準會2026年將降息三次,每次一碼。\n時間落在3月、6月與9月。"));
    assert!(matches!(&message.layout.places[0].at, At::Part { path, quoted: false } if path == "1.1"));
    assert!(matches!(&message.layout.places.last().unwrap().at, At::Part { quoted: true, .. }));
    assert_eq!(contents.files.len(), 1);
    assert!(contents.files[0].name.contains(".docx") && contents.files[0].bytes.starts_with(b"PK"));
}

#[test]
fn messages_in_other_encodings_are_read() {
    for (bytes, start) in OTHERS {
        let contents = read(Format::Eml, bytes, &options()).unwrap();
        let message = &contents.documents[0];
        assert!(message.text.starts_with(start) && message.title.as_ref().unwrap().starts_with(start));
        assert!(message.notes.is_empty() && message.metadata["in_reply_to"] == "0@example.com");
        assert!(matches!(&message.layout.places[1].at, At::Part { path, quoted: true } if path == "1"));
        assert_eq!(contents.files[0].name, "報告 一.pdf");
    }
}

#[test]
fn each_message_of_a_mailbox_is_a_document() {
    let contents = read(Format::Mbox, MAILBOX, &options()).unwrap();
    let parts: Vec<_> = contents.documents.iter().map(|document| document.part.as_str()).collect();
    assert_eq!(parts, ["zh-1@example.com", "ja-1@example.jp", "ko-1@example.kr"]);
    assert!(
        contents.documents.iter().any(|message| message.text.contains("\nFrom ") || message.text.starts_with("From "))
    );
    assert!(
        contents.documents.iter().all(|message| !message.text.contains(">From") && !message.text.contains('\u{fffd}'))
    );
    assert!(contents.files.iter().all(|file| file.name.contains("@example.")));
}

#[test]
fn html_is_read_if_the_plain_text_only_points_to_it() {
    let alternative = |plain: &str| {
        eml(&format!(
            "Subject: s\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\
             Content-Type: text/plain\n\n{plain}\n--b\nContent-Type: text/html\n\n\
             <p>Real <b>text</b>.</p><p style=display:none>no</p><blockquote>Old.</blockquote>\n--b--\n"
        ))
        .documents
        .remove(0)
    };
    for plain in ["", "This message needs an HTML reader."] {
        let message = alternative(plain);
        assert_eq!(message.text, "Real text.\n\nOld.");
        assert_eq!(message.notes, ["has hidden text, which was left out (2 characters)"]);
        assert!(matches!(&message.layout.places[1].at, At::Part { path, quoted: true } if path == "2"));
    }
    assert_eq!(alternative("Short.").text, "Short.");
}

#[test]
fn earlier_messages_in_html_are_marked() {
    let quoted = |html: &str| {
        let message = eml(&format!("Subject: s\nContent-Type: text/html\n\n{html}")).documents.remove(0);
        let is_quoted = |place: &crate::passage::Place| matches!(place.at, At::Part { quoted: true, .. });
        message.layout.places.iter().map(is_quoted).collect::<Vec<_>>()
    };
    let outlook = "<p>Yes.<div><p><b>From:</b> A<br><b>Sent:</b> Friday<br><b>Subject:</b> B</div><p>Old.";
    assert_eq!(quoted(outlook), [false, true, true]);
    let apple = "<div>Yes.</div><div>On 9 Jan 2026, A wrote:</div><blockquote type=cite><p>Old.</blockquote><p>New.";
    assert_eq!(quoted(apple), [false, true, true, false]);
    assert_eq!(
        quoted("<p>A.<div class=gmail_quote><div class=gmail_attr>On Friday</div>Old.</div>B"),
        [false, true, true, false]
    );
}

#[test]
fn what_declares_no_encoding_is_decoded_by_what_it_looks_like() {
    let body = "聯準會2026年將降息三次，每次一碼，時間落在三月、六月與九月。她的理由是小型企業的徵才廣告已減少。";
    let text = format!("From: 陸以寧 <lu@example.com>\nSubject: 債市展望與降息次數的看法\n\n{body}\n");
    let (bytes, ..) = encoding_rs::BIG5.encode(&text);
    let message = read(Format::Eml, &bytes, &options()).unwrap().documents.remove(0);
    assert_eq!(message.text, body);
    assert_eq!(message.title.as_deref(), Some("債市展望與降息次數的看法"));
    assert_eq!(message.notes.len(), 1);
}

#[test]
fn a_forwarded_message_is_a_file_of_its_own() {
    let contents = eml(
        "Subject: fwd\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee.\n--b\nContent-Type: message/rfc822\n\n\
         Subject: inner\nFrom: a@b.c\n\nInner text.\n--b--\n",
    );
    assert_eq!(contents.documents[0].text, "See.");
    assert_eq!(contents.files[0].name, "inner.eml");
    assert_eq!(eml(std::str::from_utf8(&contents.files[0].bytes).unwrap()).documents[0].text, "Inner text.");
}

#[test]
fn an_attachment_without_an_extension_gets_that_of_its_type() {
    let part = |header: &str| format!("--b\n{header}\n\nx\n");
    let parts = [
        "Content-Type: application/pdf; name=report",
        "Content-Type: application/pdf",
        "Content-Type: text/csv; name=\"a/b.csv\"\nContent-Disposition: attachment",
        "Content-Type: text/csv; name=\"a/b.csv\"\nContent-Disposition: attachment",
        "Content-Type: image/png\nContent-ID: <1>",
    ];
    let parts: Vec<_> = parts.into_iter().map(part).collect();
    let contents = eml(&format!("Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n{}--b--\n", parts.concat()));
    let names: Vec<_> = contents.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["report.pdf", "attachment-2.pdf", "a_b.csv", "a_b (2).csv"]);
}

#[test]
fn what_is_no_message_or_encrypted_is_told() {
    let failure = |text: &str| read(Format::Eml, text.as_bytes(), &options()).unwrap_err().reason;
    assert!(failure("").contains("not an e-mail message"));
    assert!(failure("just text").contains("not an e-mail message"));
    let sealed = "Subject: s\nContent-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\n--b--\n";
    assert_eq!(failure(sealed), "is encrypted");
    assert!(read(Format::Mbox, b"Subject: x\n\ny", &options()).unwrap_err().reason.contains("not a mailbox"));
}

/// With work that grows with the square of its size, a message would take minutes.
#[test]
fn hostile_messages_take_linear_time() {
    let level = "Content-Type: multipart/mixed; boundary=b\n\n--b\n";
    let nested = level.repeat(100_000);
    let messages = "Content-Type: message/rfc822\n\n".repeat(100_000);
    let many = "From a@b Thu Nov 26 06:49:29 2026\nSubject: s\n\n".repeat(100_000);
    for (format, text) in [
        (Format::Eml, format!("Subject: s\n{nested}")),
        (Format::Eml, format!("Subject: s\n{messages}")),
        (Format::Mbox, many),
        (Format::Eml, format!("Subject: s\n\n{}", "-----------------------------\n".repeat(200_000))),
        (Format::Eml, format!("Subject: s\n\n{}", "> ".repeat(2_000_000))),
        (Format::Eml, format!("Subject: s\n\n{}", "2026 wrote:\n\n".repeat(200_000) + &"\n".repeat(200_000))),
    ] {
        // Any answer is right, as long as there is one.
        let _ = read(format, text.as_bytes(), &options());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_messages_never_panic(cut in 0..MESSAGE.len(), at in 0..MESSAGE.len(), byte: u8, gone in 0..300_usize) {
        let mut bytes = MESSAGE.to_vec();
        bytes[at] = byte;
        let _ = read(Format::Eml, &bytes, &options());
        let _ = read(Format::Eml, &bytes[..cut], &options());
        bytes.drain(at..(at + gone).min(MESSAGE.len()));
        let _ = read(Format::Eml, &bytes, &options());
        let mut bytes = MAILBOX.to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = read(Format::Mbox, &bytes, &options());
        let _ = read(Format::Eml, &MAILBOX[at..], &options());
    }

    #[test]
    fn random_messages_never_panic(
        parts in proptest::collection::vec("(Content-Type: (multipart/(mixed|alternative|digest); boundary=b|message/rfc822|text/(html|plain; charset=(big5|utf-7|x)))\n|Content-Transfer-Encoding: (base64|quoted-printable)\n|Subject: =\\?big5\\?b\\?\\?=\n|\n|--b\n|--b--\n|> |From a:1 2026\n|=E|[a字=]{0,3})", 0..40)
    ) {
        let text = parts.concat();
        let _ = read(Format::Eml, text.as_bytes(), &options());
        let _ = read(Format::Mbox, format!("From \n{text}").as_bytes(), &options());
    }
}
