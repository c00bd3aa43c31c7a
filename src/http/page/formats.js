// The formats of documents by the names that the API gives them.

/** In the order in which they are offered. */
export const FORMATS =
  "pdf docx odt rtf xlsx xls xlsb ods csv tsv pptx odp html epub eml msg json jsonl plain markdown rst asciidoc org latex srt vtt code".split(
    " ",
  );

const NAMES = { plain: "TXT", markdown: "Markdown", asciidoc: "AsciiDoc", org: "Org", latex: "LaTeX", code: "{ }" };

/** What a format is called: mostly the extension of its files. */
export function formatName(format) {
  return NAMES[format] ?? format.toUpperCase();
}
