//! What holds within a group of an RTF file.

/// Where the text of a group goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Destination {
    /// Into the document.
    #[default]
    Body,
    /// Nowhere.
    Skip,
    /// Nowhere, but for the group `\ud`, which has the same in Unicode.
    Alternatives,
    /// The table of fonts.
    Fonts,
    /// The table of styles.
    Styles,
    /// What stands before an item of a list.
    Label,
    /// A field of the file's properties.
    Property(&'static str),
    /// A date among the properties.
    Date(&'static str),
    /// A footnote or endnote.
    Note,
    /// A comment.
    Comment,
    /// The author of the next comment.
    CommentAuthor,
}

/// The script that text is in, as far as fonts are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Script {
    #[default]
    Western,
    EastAsian,
}

/// The formatting of a group, which ends with it.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) destination: Destination,
    pub(super) font: i32,
    /// The font of text in East Asian scripts.
    pub(super) east_asian_font: Option<i32>,
    pub(super) script: Script,
    /// How many characters stand in for a `\u` in readers without Unicode.
    pub(super) fallback: usize,
    pub(super) hidden: bool,
    pub(super) deleted: bool,
    pub(super) style: i32,
    pub(super) outline: Option<i32>,
    pub(super) in_table: bool,
}

/// The destination that a control word begins, `None` for other words.
pub(super) fn destination(word: &str) -> Option<Destination> {
    Some(match word {
        "upr" => Destination::Alternatives,
        "fonttbl" => Destination::Fonts,
        "stylesheet" => Destination::Styles,
        "listtext" | "pntext" => Destination::Label,
        "title" => Destination::Property("title"),
        "author" => Destination::Property("creator"),
        "keywords" => Destination::Property("keywords"),
        "subject" => Destination::Property("subject"),
        "doccomm" => Destination::Property("description"),
        "creatim" => Destination::Date("created"),
        "revtim" => Destination::Date("modified"),
        "footnote" => Destination::Note,
        "annotation" => Destination::Comment,
        "atnauthor" => Destination::CommentAuthor,
        // Text in drawings, although readers may ignore it.
        "shpinst" | "shppict" => Destination::Body,
        "colortbl" | "pict" | "objdata" | "objclass" | "objname" | "fldinst" | "header" | "headerl" | "headerr"
        | "headerf" | "footer" | "footerl" | "footerr" | "footerf" | "nonshppict" | "shprslt" | "sp"
        | "nonesttables" | "ftnsep" | "ftnsepc" | "ftncn" | "aftnsep" | "aftnsepc" | "aftncn" | "xe" | "tc" | "tcn"
        | "rxe" | "bkmkstart" | "bkmkend" | "themedata" | "datastore" | "latentstyles" | "listtable"
        | "listoverridetable" | "rsidtbl" | "generator" | "filetbl" | "revtbl" | "operator" | "company"
        | "category" | "manager" | "hlinkbase" | "printim" | "buptim" | "comment" | "private" | "falt" | "panose"
        | "atnid" | "atndate" | "atnref" | "atntime" | "template" | "pn" | "revprops" => Destination::Skip,
        _ => return None,
    })
}

/// The text of a control word or symbol that stands for a character.
pub(super) fn character(word: &str) -> Option<&'static str> {
    Some(match word {
        "tab" => "\t",
        "line" | "lbr" => "\n",
        "emdash" => "—",
        "endash" => "–",
        "lquote" => "‘",
        "rquote" => "’",
        "ldblquote" => "“",
        "rdblquote" => "”",
        "bullet" => "•",
        "emspace" | "enspace" | "qmspace" => " ",
        _ => return None,
    })
}
