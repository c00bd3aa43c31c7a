// An answer and its footnotes. Sentences are quotes: each carries the language of the document it is from.

import { element, facts, fill, gap, opens } from "./view.js";
import { date, number, percent, t } from "./languages.js";

/** Confidence in words, from these values on. */
const WORDS = [
  [0.8, "confidence.high"],
  [0.5, "confidence.fair"],
  [0.3, "confidence.low"],
  [0, "confidence.none"],
];

/**
 * Shows `response` to a question in `answer` and `notes`. `place` gives the address of a citation's document, `open`
 * opens one.
 */
export function showAnswer(answer, notes, response, place, open) {
  const { answer: found, citations, took_ms } = response;
  const link = (citation) => ({ href: place(citation), onclick: opens(() => open(citation)) });
  if (found.answerable && found.sentences.length) {
    const byId = new Map(citations.map((citation) => [citation.id, citation]));
    fill(
      answer,
      found.sentences.map((said) => sentence(said, byId, link)),
      certainty(found, took_ms),
    );
  } else {
    const nearest = citations.length ? t("unanswered.nearest") : t("unanswered.nothing");
    fill(
      answer,
      element("h2.unanswered", {}, t("unanswered")),
      element("p", {}, nearest),
      citations.length ? certainty(found, took_ms) : null,
    );
  }
  const cited = new Set(found.answerable ? found.sentences.flatMap((said) => said.citations) : []);
  const list = (shown) =>
    shown.length
      ? element(
          "ol.notes",
          {},
          shown.map((citation) => note(citation, link)),
        )
      : null;
  const others = citations.filter(({ id }) => !cited.has(id));
  fill(
    notes,
    list(citations.filter(({ id }) => cited.has(id))),
    cited.size && others.length ? element("h2.also", {}, t("footnotes.also")) : null,
    list(others),
  );
}

/** A sentence with its marks. The gap before a mark never breaks, so no mark begins a line. */
function sentence({ text, citations }, byId, link) {
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
  return element(
    "p.said.reading",
    { lang: language, dir: "auto" },
    text,
    marks.length ? element("sup", {}, "\u2060", marks) : null,
  );
}

function certainty({ confidence, answerable, sentences }, took) {
  const words = answerable && sentences.length ? t(WORDS.find(([from]) => confidence >= from)[1]) : null;
  const seconds = t("took", { seconds: number(Math.max(took.total / 1000, 0.01), { maximumFractionDigits: 2 }) });
  const facet = facts(words, t("confidence", { percent: percent(confidence) }), seconds);
  facet.classList.add("certainty");
  return facet;
}

/** A footnote: where it is from, and its quote with the sentences around it. */
function note(citation, link) {
  const { id, document, quote, passage, span } = citation;
  const space = gap(document.language);
  const around = (text, before) =>
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
      lines,
    ),
    element(
      "blockquote.reading",
      { lang: document.language, dir: "auto" },
      around(passage.before, true),
      element("span.quote", {}, quote),
      around(passage.after, false),
    ),
  );
}
