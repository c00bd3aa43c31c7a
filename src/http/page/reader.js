// Shows a document with the quoted span highlighted. Of a large text, only the part around the quote is loaded.

import * as api from "./api.js";
import { element, facts, fill, followable, showProblem } from "./view.js";
import { date, languageName, size, t } from "./languages.js";
import { Pages } from "./pages.js";
import { Sheets } from "./sheets.js";
import { placeWords } from "./places.js";

/** Texts of at most this many bytes are shown in full. */
const MAX_FULL_BYTES = 128 * 1024;
/** Bytes shown before and after the quote in a larger text. */
const CONTEXT_BYTES = 16 * 1024;
/** Bytes that one click adds. */
const STEP_BYTES = 64 * 1024;

/** Formats of spreadsheets. */
const SHEETS = new Set(["xlsx", "xls", "xlsb", "ods"]);

const NEWLINE = 10;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Shows the document `{ id, collection, bytes }` in `body`, scrolled to the quote. Returns its title, or null if it
 * could not be shown.
 */
export async function showDocument(body, { id, collection, bytes }, isCurrent) {
  body.setAttribute("aria-busy", "true");
  try {
    const known = await api.document(id, collection);
    const inside = bytes && bytes[1] <= known.size_bytes;
    const quote = inside ? [bytes[0], Math.min(bytes[1], bytes[0] + MAX_FULL_BYTES)] : null;
    // A span that cuts a character has no place; the text is then shown.
    const file = await api.place(id, collection, quote).catch(() => api.place(id, collection));
    const text = new Text(known, collection, quote);
    const hasPages = file.pages > 0 && file.original?.media_type === "application/pdf";
    const isSheet = SHEETS.has(known.format) && (!quote || file.place?.cells);
    const pages = hasPages ? new Pages(known, collection, file) : isSheet ? new Sheets(known, collection, quote) : null;
    const first = pages && (isSheet || file.place?.boxes?.length) ? pages : text;
    if (first === text) await text.load();
    if (!isCurrent()) return null;
    const view = element("div");
    fill(
      body,
      head(known, file),
      tools(known, collection, file, pages && { first, pages, text, view, body }),
      bytes && !inside ? element("p.aside", { role: "note" }, t("reader.elsewhere")) : null,
      view,
    );
    view.append(first.root);
    if (first === text) text.scrollTo(body);
    else await pages.show();
    return known.title;
  } catch (problem) {
    if (isCurrent()) showProblem(body, problem);
    return null;
  } finally {
    body.removeAttribute("aria-busy");
  }
}

/** The buttons above a document: its pages or its text, if it has both, and its file. */
function tools(known, collection, { original }, views) {
  const pages = views?.pages instanceof Sheets ? "reader.sheet" : "reader.pages";
  const switches = views ? [viewButton(pages, views.pages, views), viewButton("reader.text", views.text, views)] : [];
  const problems = element("div", { "aria-live": "polite" });
  const download = async () => {
    fill(problems);
    try {
      save(await api.original(known.id, collection), original?.name ?? `${known.title}.${known.format === "markdown" ? "md" : "txt"}`);
    } catch (problem) {
      showProblem(problems, problem);
    }
  };
  const canDownload = original || known.format === "plain" || known.format === "markdown";
  if (!switches.length && !canDownload) return null;
  return element(
    "div.tools",
    {},
    switches,
    canDownload ? element("button.plain.download", { type: "button", onclick: () => void download() }, t("download")) : null,
    problems,
  );
}

/** A button that shows one of two views. */
function viewButton(key, target, views) {
  const show = async ({ currentTarget }) => {
    for (const button of currentTarget.parentElement.querySelectorAll("[aria-pressed]"))
      button.setAttribute("aria-pressed", String(button === currentTarget));
    fill(views.view, target.root);
    if (target === views.pages) return target.show();
    try {
      if (!target.end) await target.load();
      target.scrollTo(views.body);
    } catch (problem) {
      showProblem(views.view, problem);
    }
  };
  const pressed = String(target === views.first);
  return element("button.plain", { type: "button", "aria-pressed": pressed, onclick: (event) => void show(event) }, t(key));
}

/** Has the browser save a file. */
function save(blob, name) {
  const href = URL.createObjectURL(blob);
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** The headers of a mail message, as far as its metadata have them. */
function mailHeaders({ from, to, cc }) {
  const people = (value) => [value].flat().filter((person) => typeof person === "string").join(", ");
  const headers = [["mail.from", people(from)], ["mail.to", people(to)], ["mail.cc", people(cc)]];
  const known = headers.filter(([, value]) => value);
  const row = ([key, value]) => [element("dt", {}, t(key)), element("dd", { dir: "auto" }, value)];
  return known.length ? element("dl.headers", {}, known.map(row)) : null;
}

function head({ title, source, published, language, uri, tags, size_bytes, format, metadata }, { place }) {
  const address = uri && followable(uri);
  const link = address ? element("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, uri) : uri;
  return element(
    "header.title",
    {},
    element("h2", { id: "panel-title", tabindex: "-1", lang: language, dir: "auto" }, title),
    facts(
      source && element("span", { lang: language, dir: "auto" }, source),
      date(published),
      languageName(language),
      size(size_bytes),
      placeWords(place),
    ),
    format === "eml" || format === "msg" || format === "mbox" ? mailHeaders(metadata) : null,
    tags.length
      ? element(
          "ul.tags",
          { "aria-label": t("tags") },
          tags.map((tag) => element("li", { lang: language }, tag)),
        )
      : null,
    uri ? element("p.uri", {}, link) : null,
  );
}

/** A document's text, of which the bytes `start` to `end` are on the page. */
class Text {
  constructor(known, collection, quote) {
    Object.assign(this, { known, collection, quote, start: 0, end: 0 });
    this.blocks = element("div.reading.text", { lang: known.language, dir: "auto" });
    this.root = element("div");
  }

  async load() {
    const { size_bytes: size } = this.known;
    const [from, to] = this.quote ?? [0, 0];
    const whole = size <= MAX_FULL_BYTES;
    const part = await this.fetch(whole ? 0 : Math.max(0, from - CONTEXT_BYTES), whole ? size : Math.min(size, to + CONTEXT_BYTES));
    // A span that cuts a character is widened to the whole character.
    if (this.quote) this.quote = [boundary(part, from, -1), boundary(part, to, 1)];
    const shown = this.wholeLines(part, ...(this.quote ?? [part.start, part.start]));
    [this.start, this.end] = [shown.start, shown.start + shown.bytes.length];
    fill(this.blocks, this.block(shown));
    this.renderFrame();
  }

  fetch(start, end) {
    return api.text(this.known.id, this.collection, start, end);
  }

  /** Trims incomplete lines from both ends of `part`, unless nothing before `first` or after `last` would remain. */
  wholeLines({ start, end, bytes }, first, last) {
    const [before, after] = [first - start, last - start];
    const newline = start > 0 ? bytes.subarray(0, before).indexOf(NEWLINE) + 1 : 0;
    const from = newline < before ? newline : 0;
    const tail = end < this.known.size_bytes ? bytes.lastIndexOf(NEWLINE) + 1 : bytes.length;
    const to = tail > after ? tail : bytes.length;
    return { start: start + from, bytes: bytes.subarray(from, to), startsLine: start === 0 || from > 0 };
  }

  /** An element for a part of the text, with the quote marked. A part of incomplete lines is inline. */
  block({ start, bytes, startsLine }) {
    const end = start + bytes.length;
    const endsLine = end === this.known.size_bytes || bytes.at(-1) === NEWLINE;
    const made = element(startsLine && endsLine ? "span.lines" : "span");
    const cut = (a, b) => utf8.decode(bytes.subarray(a - start, b - start));
    const [from, to] = this.quote ?? [end, end];
    if (from >= end || to <= start) {
      made.append(...this.render(cut(start, end), startsLine));
      return made;
    }
    const [before, quoted, after] = [cut(start, from), cut(from, to), cut(to, end)];
    const mark = element("mark", { id: "quote" }, this.render(quoted, before ? before.endsWith("\n") : startsLine));
    made.append(...this.render(before, startsLine), mark, ...this.render(after, quoted.endsWith("\n")));
    return made;
  }

  /** Text nodes for `words`; Markdown headings are emphasised. */
  render(words, atLineStart) {
    if (this.known.format !== "markdown") return words ? [words] : [];
    const parts = words.split(/^(#{1,6}[ \t][^\n]*)/m);
    return parts
      .map((part, at) => {
        const heading = at % 2 === 1 && (atLineStart || at > 1 || parts[0] !== "");
        return heading ? element("strong.heading", {}, part) : part;
      })
      .filter((part) => part !== "");
  }

  /** Puts buttons that show more around the text. */
  renderFrame() {
    const { size_bytes: total } = this.known;
    const button = (key, more) =>
      element(
        "button.plain",
        { type: "button", onclick: (event) => this.busy(event.currentTarget, more) },
        t(key, { size: size(total) }),
      );
    const earlier =
      this.start > 0
        ? element(
            "p.edge",
            {},
            button("reader.earlier", () => this.earlier()),
            button("reader.whole", () => this.whole()),
          )
        : null;
    const later =
      this.end < total
        ? element(
            "p.edge",
            {},
            button("reader.later", () => this.later()),
            earlier ? null : button("reader.whole", () => this.whole()),
          )
        : null;
    fill(this.root, earlier, this.blocks, later);
  }

  async busy(button, work) {
    button.disabled = true;
    const scroller = this.root.closest(".body");
    const below = scroller.scrollHeight - scroller.scrollTop;
    try {
      const keepsEnd = await work();
      this.renderFrame();
      if (keepsEnd) scroller.scrollTop = scroller.scrollHeight - below;
      this.blocks.tabIndex = -1;
      this.blocks.focus({ preventScroll: true });
    } catch (problem) {
      const place = element("div");
      button.parentElement.append(place);
      showProblem(place, problem);
      button.disabled = false;
    }
  }

  async earlier() {
    const part = await this.fetch(Math.max(0, this.start - STEP_BYTES), this.start);
    const shown = this.wholeLines(part, this.start, this.start);
    this.blocks.prepend(this.block(shown));
    this.start = shown.start;
    return true;
  }

  async later() {
    const startsLine = this.blocks.textContent.endsWith("\n");
    const part = await this.fetch(this.end, Math.min(this.known.size_bytes, this.end + STEP_BYTES));
    const shown = { ...this.wholeLines(part, this.end, this.end), startsLine };
    this.blocks.append(this.block(shown));
    this.end += shown.bytes.length;
    return false;
  }

  /** Shows the whole text, in blocks that the browser lays out only when they are visible. */
  async whole() {
    const { bytes } = await this.fetch(0, this.known.size_bytes);
    const made = [];
    for (let start = 0; start < bytes.length;) {
      const quoteEnd = this.quote && this.quote[0] < start + STEP_BYTES && this.quote[1] > start ? this.quote[1] : 0;
      const newline = bytes.indexOf(NEWLINE, Math.max(start + STEP_BYTES, quoteEnd));
      const end = newline < 0 ? bytes.length : newline + 1;
      made.push(this.block({ start, bytes: bytes.subarray(start, end), startsLine: true }));
      start = end;
    }
    fill(this.blocks, made);
    [this.start, this.end] = [0, bytes.length];
    if (this.quote) requestAnimationFrame(() => this.scrollTo(this.root.closest(".body")));
    return false;
  }

  /** Scrolls `scroller` so that the quote is visible, in its upper third if scrolling is needed. */
  scrollTo(scroller) {
    const mark = this.root.querySelector("mark");
    scroller.scrollTop = 0;
    if (!mark) return;
    const top = scroller.getBoundingClientRect().top;
    const { top: first, bottom: last } = mark.getBoundingClientRect();
    if (last - top > scroller.clientHeight * 0.8) scroller.scrollTop = first - top - scroller.clientHeight / 3;
  }
}

/** Moves `offset` by `step` until it is on a character boundary of `part`. */
function boundary({ start, end, bytes }, offset, step) {
  while (offset > start && offset < end && (bytes[offset - start] & 0xc0) === 0x80) offset += step;
  return offset;
}
