// Uploads files, a few at a time, with a row for each: how much of it is sent, and what became of it.

import * as api from "./api.js";
import { documentAddress } from "./address.js";
import { announce, element, fill, opens } from "./view.js";
import { number, percent, size, t } from "./languages.js";

/** Files that are sent at the same time. The server reads one while the next arrives. */
const AT_ONCE = 2;
/** Rows that are shown at once; more are folded below their counts. Failures and remarks always stay visible. */
const MAX_SHOWN = 10;
/** How often a file is sent again while the server is busy, and how long to wait before that. */
const MAX_ATTEMPTS = 6;
const PAUSE_MS = 2000;
const ENDS = ["added", "updated", "unchanged", "removed", "skipped", "cancelled", "failed"];

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** The uploads of this page. They go on while the list of documents is closed; `root` is shown in it. */
export class Uploads {
  /** `open` opens the address of a document; `changed` is called when documents were added. */
  constructor({ open, changed }) {
    Object.assign(this, { open, changed, waiting: [], running: 0, rows: [] });
    this.root = element("div.outcomes");
  }

  get busy() {
    return this.running > 0 || this.waiting.length > 0;
  }

  /** Adds files, given as `{ file, path }`, to a collection. */
  async add(files, collection) {
    if (!files.length) return;
    if (!this.busy) this.clear();
    const added = files.map(({ file, path }) => new Row(file, path, collection));
    this.rows.push(...added);
    this.waiting.push(...added);
    this.list.append(...added.map(({ root }) => root));
    this.details.open = this.rows.length <= MAX_SHOWN;
    this.update();
    const workers = [];
    while (this.running < Math.min(AT_ONCE, this.rows.length)) {
      this.running += 1;
      workers.push(this.work().finally(() => (this.running -= 1)));
    }
    await Promise.all(workers);
    if (this.busy) return;
    this.update();
    announce(this.summary.textContent);
    this.changed();
  }

  async work() {
    for (let row; (row = this.waiting.shift());) {
      await row.send((id, title) => this.link(id, title, row.collection));
      if (row.needsAttention && this.rows.length > MAX_SHOWN) this.attention.append(row.root);
      this.update();
    }
  }

  /** Cancels what the server has not received in full. What it has received it finishes. */
  cancel() {
    for (const row of this.waiting.splice(0)) row.end("cancelled");
    for (const row of this.rows) row.request?.abort();
    this.update();
  }

  /** Forgets the rows. */
  clear() {
    this.rows = [];
    this.bar = element("progress", { max: "1", value: "0", "aria-label": t("upload") });
    this.words = element("span");
    this.summary = element("summary");
    this.list = element("ul.results");
    this.attention = element("ul.results");
    this.details = element("details", {}, this.summary, this.list);
    this.stop = element("button.plain", { type: "button", onclick: () => this.cancel() }, t("upload.cancel"));
    const dismiss = () => fill(this.root);
    this.dismiss = element("button.plain", { type: "button", onclick: dismiss }, t("upload.clear"));
    const head = element("div.progress", {}, this.words, this.bar, this.stop, this.dismiss);
    fill(this.root, head, this.attention, this.details);
  }

  /** Shows how far it is. */
  update() {
    const done = this.rows.filter(({ ended }) => ended).length;
    const bytes = this.rows.reduce((sum, { file }) => sum + file.size, 0);
    const isDone = done === this.rows.length;
    this.bar.max = Math.max(this.rows.length, 1);
    this.bar.value = done;
    const counts = { done: number(done), files: number(this.rows.length), size: size(bytes) };
    this.words.textContent = t("upload.progress", counts);
    const count = (end) => this.rows.filter(({ root }) => root.classList.contains(end)).length;
    const ends = ENDS.map((end) => [end, count(end)]).filter(([, files]) => files);
    const words = ends.map(([end, files]) => `${t(`status.${end}`)}: ${number(files)}`).join(" · ");
    this.summary.textContent = words || t("upload.files");
    for (const node of [this.bar, this.words, this.stop]) node.hidden = isDone;
    this.dismiss.hidden = !isDone;
  }

  link(id, title, collection) {
    const href = documentAddress(id, collection);
    return element("a", { href, onclick: opens(() => this.open(href)) }, title);
  }
}

/** One file. */
class Row {
  constructor(file, path, collection) {
    Object.assign(this, { file, path, collection, ended: false, needsAttention: false, request: null });
    this.status = element("span.status", {}, t("upload.waiting"));
    this.outcomes = element("div");
    this.root = element("li", {}, this.status, element("div", {}, element("p.name", { dir: "auto" }, path), this.outcomes));
  }

  /** Sends the file and shows what became of it. `link(id, title)` makes a link to a document. */
  async send(link) {
    for (let attempt = 1; ; attempt += 1) {
      this.request = new AbortController();
      try {
        const { documents } = await api.upload(this.file, this.path, this.collection, {
          signal: this.request.signal,
          progress: (sent) => this.progress(sent),
        });
        return this.show(documents, link);
      } catch (problem) {
        if (problem.name === "AbortError") return this.end("cancelled");
        const isBusy = problem.status === 429 || problem.status === 503;
        if (!isBusy || attempt === MAX_ATTEMPTS) return this.fail(problem);
        this.status.textContent = t("upload.waiting");
        await pause(PAUSE_MS * attempt);
      } finally {
        this.request = null;
      }
    }
  }

  progress(sent) {
    const isSent = sent >= this.file.size;
    this.status.textContent = isSent ? t("upload.reading") : t("upload.sending", { percent: percent(sent / this.file.size) });
    // The server finishes what it has received.
    if (isSent) this.request = null;
  }

  end(status) {
    this.ended = true;
    this.root.className = status;
    this.status.textContent = t(`status.${status}`);
  }

  fail({ detail, message, hint, lang }) {
    this.needsAttention = true;
    this.outcomes.append(...explained({ detail: detail ?? message, hint }, lang));
    this.end("failed");
  }

  /** Shows the documents of the file. A file counts as failed if one of them failed, else as its first. */
  show(documents, link) {
    const shown = documents.length > 1 ? element("details", {}, element("summary", {}, t("upload.documents", { documents: number(documents.length) }))) : this.outcomes;
    if (shown !== this.outcomes) this.outcomes.append(shown);
    for (const outcome of documents) shown.append(...this.outcome(outcome, link));
    const statuses = documents.map(({ status }) => status);
    const first = ["failed", "added", "updated", "removed", "unchanged"].find((status) => statuses.includes(status));
    this.needsAttention = statuses.includes("failed") || documents.some(({ notes }) => notes.length);
    this.end(first ?? "skipped");
  }

  outcome({ id, title, status, passages, error, notes }, link) {
    const isStored = status === "added" || status === "updated" || status === "unchanged";
    const words = passages ? t("passages", { passages: number(passages) }) : null;
    return [
      isStored ? element("p.document", { dir: "auto" }, link(id, title || id), words ? element("span.aside", {}, ` ${words}`) : null) : null,
      ...explained(error, "en"),
      ...notes.map((note) => element("p.hint", { lang: "en" }, note)),
    ].filter(Boolean);
  }
}

function explained(problem, lang) {
  if (!problem) return [];
  const hint = problem.hint ? element("p.hint", { lang }, problem.hint) : null;
  return [element("p.detail", { lang }, problem.detail), hint].filter(Boolean);
}
