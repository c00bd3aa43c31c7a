// Renders an answer and its footnotes. Each sentence is a quote and carries the language of its document.

import { element, facts, fill, gap, opens } from "./view.js";
import { date, number, percent, t } from "./languages.js";
import { placeWords } from "./places.js";

/** Words for a confidence: the first row whose minimum it reaches. */
const WORDS = [
  [0.8, "confidence.high"],
  [0.5, "confidence.fair"],
  [0.3, "confidence.low"],
  [0, "confidence.none"],
];

/**
 * Shows the API's `response` to a question in the elements `answer` and `notes`. `address(citation)` returns the address
 * of the cited place and `open(citation)` opens it. `nothingFound` is the `title` and `advice` for a response without
 * passages; with `isEmpty` there are no documents at all.
 */
export function showAnswer(answer, notes, response, { address, open, nothingFound }) {
  const { answer: found, citations, took_ms } = response;
  const link = (citation) => ({ href: address(citation), onclick: opens(() => open(citation)) });
  if (found.answerable && found.sentences.length) {
    const byId = new Map(citations.map((citation) => [citation.id, citation]));
    fill(
      answer,
      renderStatements(found, byId, link),
      renderDifferences(found, byId, link),
      found.notice ? element("p.aside", { lang: found.notice.language, dir: "auto" }, found.notice.text) : null,
      remarks(found),
      took_ms ? certainty(found, took_ms) : null,
    );
  } else if (found.count) {
    fill(answer, remarks(found));
  } else if (["no_question", "order"].includes(found.notice?.reason) && !nothingFound.isEmpty) {
    fill(answer, element("p.unanswered", { lang: found.notice.language, dir: "auto" }, found.notice.text));
  } else if (found.missing?.length || found.notice?.reason === "outside_time") {
    fill(
      answer,
      element("h2.unanswered", { lang: found.notice.language, dir: "auto" }, found.notice.text),
      found.missing?.length ? element("p", {}, t("unanswered.nearest")) : null,
      remarks(found),
      certainty(found, took_ms),
    );
  } else {
    const { title, advice } = citations.length
      ? { title: t("unanswered"), advice: t("unanswered.nearest") }
      : nothingFound;
    fill(
      answer,
      element("h2.unanswered", {}, title),
      element("p", {}, advice),
      remarks(found),
      citations.length ? certainty(found, took_ms) : null,
    );
  }
  const values = (found.differences ?? []).flatMap((difference) => difference.values);
  const used = [...found.sentences.flatMap((sentence) => sentence.citations), ...values.map(({ citation }) => citation)];
  const cited = new Set(found.answerable ? used : []);
  const list = (shown) =>
    shown.length
      ? element(
          "ol.notes",
          {},
          shown.map((citation) => renderNote(citation, link)),
        )
      : null;
  const others = citations.filter(({ id }) => !cited.has(id));
  fill(
    notes,
    cited.size ? element("h2.unseen", {}, t("footnotes")) : null,
    list(citations.filter(({ id }) => cited.has(id))),
    cited.size && others.length ? element("h2.also", {}, t("footnotes.also")) : null,
    list(others),
  );
}

/** The sentences of an answer: one after the other, by part, in a table, or as a list with their sources. */
function renderStatements(found, byId, link) {
  const one = (sentence) => renderSentence(sentence, byId, link);
  if (found.comparison) {
    const { columns, rows } = found.comparison;
    const cell = (place) => element("td", {}, place === null ? "—" : one(found.sentences[place]));
    return element(
      "table.compared",
      {},
      element("thead", {}, element("tr", {}, columns.map((label) => element("th", { scope: "col", dir: "auto" }, label)))),
      element("tbody", {}, rows.map((row) => element("tr", {}, row.map(cell)))),
    );
  }
  if (found.parts?.length) {
    return found.parts.map(({ label, sentences: [first, end] }) => [
      element("h3.part", { dir: "auto" }, label),
      end > first ? found.sentences.slice(first, end).map(one) : element("p.aside", {}, t("part.unanswered")),
    ]);
  }
  if (!found.list) return found.sentences.map(one);
  const item = (sentence) => {
    const cited = byId.get(sentence.citations[0])?.document;
    return element("li", {}, one(sentence), cited ? facts(cited.source, date(cited.published)) : null);
  };
  return element("ul.items", {}, found.sentences.map(item));
}

/** What the sources give for the same thing and what differs, each with its source and date. */
function renderDifferences({ differences = [] }, byId, link) {
  const row = ({ value, citation, older }) => {
    const cited = byId.get(citation);
    if (!cited) return null;
    const label = t("footnote", { id: citation, title: cited.document.title });
    const mark = element("a.mark", { ...link(cited), "aria-label": label }, String(citation));
    return element(
      "tr",
      {},
      element("td", { lang: cited.document.language, dir: "auto" }, value, element("sup", {}, "\u2060", mark)),
      element("td", {}, cited.document.source ?? ""),
      element("td", {}, date(cited.document.published) ?? "", older ? ` (${t("older")})` : ""),
    );
  };
  return differences.map(({ values }) => [
    element("p.aside", {}, t("differences")),
    element("table.compared", {}, element("tbody", {}, values.map(row))),
  ]);
}

/** A sentence with its footnote marks. A word joiner before the marks keeps them from starting a line. */
function renderSentence({ text, citations, verdict, original }, byId, link) {
  const cited = citations.map((id) => byId.get(id)).filter(Boolean);
  const marks = cited.map((citation) => {
    const label = t("footnote", { id: citation.id, title: citation.document.title });
    return element(
      "a.mark",
      { ...link(citation), id: `mark-${citation.id}`, "aria-label": label, title: citation.document.title },
      String(citation.id),
    );
  });
  const language = cited[0]?.document.language;
  // Words of a language model are in the language of the question.
  const said = element(
    "p.said.reading",
    { lang: verdict ? null : language, dir: "auto" },
    text,
    marks.length ? element("sup", {}, "\u2060", marks) : null,
    verdict && verdict !== "supported" ? element("span.verdict", {}, ` ${t(`verdict.${verdict}`)}`) : null,
  );
  return original ? [said, element("p.original.reading", { lang: language, dir: "auto" }, original)] : said;
}

/** What Footnote says of how it understood the question. */
function remarks({ notes = [] }) {
  return notes.map(({ language, text }) => element("p.aside", { lang: language, dir: "auto" }, text));
}

function certainty({ confidence, answerable, sentences, mode, writer }, took) {
  const words = answerable && sentences.length ? t(WORDS.find(([from]) => confidence >= from)[1]) : null;
  const seconds = t("took", { seconds: number(Math.max(took.total / 1000, 0.01), { maximumFractionDigits: 2 }) });
  const written = writer && sentences.some(({ verdict }) => verdict);
  const line = facts(
    words,
    t("confidence", { percent: percent(confidence) }),
    written ? t(mode === "translate" ? "written.translated" : "written.by", { model: writer.model }) : null,
    written && writer.dropped ? t("written.dropped", { count: number(writer.dropped) }) : null,
    seconds,
  );
  line.classList.add("certainty");
  return line;
}

/** `text` with the words at `matches` marked, which are in order and disjoint. */
function marked(text, matches = []) {
  // The API counts characters, a script's strings have UTF-16 units.
  const characters = [...text];
  const parts = [];
  let at = 0;
  for (const { chars } of matches) {
    parts.push(characters.slice(at, chars[0]).join(""), element("mark.match", {}, characters.slice(...chars).join("")));
    at = chars[1];
  }
  return [...parts, characters.slice(at).join("")];
}

/** A footnote: its document, and the quote with the sentences around it. */
export function renderNote(citation, link) {
  const { id, collection, document, quote, passage, span, place } = citation;
  const space = gap(document.language);
  const context = (text, before) =>
    text.trim() ? element("span.around", {}, before ? text.trimEnd() + space : space + text.trimStart()) : null;
  const [first, last] = span.lines;
  const lines =
    first === last ? t("line", { line: number(first) }) : t("lines", { first: number(first), last: number(last) });
  return element(
    "li.note",
    { id: `note-${id}` },
    element("span.number", { "aria-hidden": "true" }, String(id)),
    element(
      "h3",
      { lang: document.language, dir: "auto" },
      element("a", { ...link(citation), "aria-label": t("footnote", { id, title: document.title }) }, document.title),
    ),
    facts(
      document.source && element("span", { lang: document.language, dir: "auto" }, document.source),
      date(document.published),
      collection && t("collection.in", { name: collection }),
      placeWords(place) ?? lines,
    ),
    element(
      "blockquote.reading",
      { lang: document.language, dir: "auto" },
      context(passage.before, true),
      element("span.quote", {}, marked(quote, citation.matches)),
      context(passage.after, false),
    ),
  );
}
