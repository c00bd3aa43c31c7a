// The list of documents, with adding and deleting.

import * as api from "./api.js";
import { date, languageName, number, size, t } from "./languages.js";
import { documentAddress } from "./address.js";
import { confirmDeletion } from "./dialogs.js";
import { announce, element, facts, fill, opens, showProblem } from "./view.js";

const PAGE = 50;
/** Maximum bytes in one upload request, unless one file is larger. Half of the server's default limit. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;
const TYPES = ".txt,.md,.markdown";
/** Outcomes of documents that are all shown; more are folded below their counts. */
const MAX_SHOWN_OUTCOMES = 10;
const STATUSES = ["added", "updated", "unchanged", "removed", "skipped", "failed"];

/** Shows the list of documents in `body`. Calls `open` with a document's address and `changed` after a change. */
export class Library {
  constructor(body, collection, open, changed) {
    Object.assign(this, { body, collection, open, changed });
    this.list = element("ul.documents");
    this.more = element("p.edge");
    this.outcomes = element("div.outcomes", { "aria-live": "polite" });
    const input = element("input.unseen", {
      id: "files",
      type: "file",
      multiple: true,
      accept: TYPES,
      onchange: () => this.add([...input.files]).then(() => (input.value = "")),
    });
    fill(
      body,
      element("header.title", {}, element("h2", { id: "panel-title", tabindex: "-1" }, t("documents"))),
      element(
        "div.adding",
        {},
        input,
        element("label.button", { for: "files" }, t("add")),
        element("span.aside", {}, t("add.hint")),
      ),
      this.outcomes,
      this.list,
      this.more,
    );
  }

  /** Loads the first page of the list. */
  async load() {
    fill(this.list);
    await this.page();
  }

  async page(after) {
    fill(this.more);
    try {
      const { documents, next } = await api.documents(this.collection, after, PAGE);
      this.list.append(...documents.map((document) => this.row(document)));
      if (!this.list.children.length) fill(this.more, element("span.aside", {}, t("documents.none")));
      if (next)
        fill(
          this.more,
          element("button.plain", { type: "button", onclick: () => this.page(next) }, t("documents.more")),
        );
    } catch (problem) {
      showProblem(this.more, problem, () => this.page(after));
    }
  }

  row(document) {
    const { id, title, source, published, language, size_bytes } = document;
    const row = element(
      "li",
      {},
      element(
        "div",
        {},
        element("h3", { lang: language, dir: "auto" }, this.link(id, title)),
        facts(
          source && element("span", { lang: language, dir: "auto" }, source),
          date(published),
          languageName(language),
          size(size_bytes),
        ),
      ),
      element(
        "button.plain.danger",
        { type: "button", "aria-label": t("delete.named", { title }), onclick: () => this.remove(document, row) },
        t("delete"),
      ),
    );
    return row;
  }

  link(id, title) {
    const href = documentAddress(id, this.collection);
    return element("a", { href, onclick: opens(() => this.open(href)) }, title);
  }

  async remove({ id, title }, row) {
    if (!(await confirmDeletion(title))) return;
    try {
      await api.remove(id, this.collection);
      const neighbour = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      (neighbour?.querySelector("a") ?? this.body.querySelector("h2")).focus();
      announce(t("deleted", { title }));
      if (!this.list.children.length) await this.load();
      this.changed();
    } catch (problem) {
      showProblem(this.outcomes, problem);
    }
  }

  /** Uploads files in batches and shows the outcome of each document. */
  async add(files) {
    if (!files.length) return;
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const bar = element("progress", { max: Math.max(total, 1), value: "0", "aria-label": t("uploading") });
    const words = element("span", {}, t("uploading.of", { files: number(files.length), size: size(total) }));
    const results = element("ul.results");
    fill(this.outcomes, element("p.progress", {}, words, bar), results);
    let done = 0;
    for (const batch of batches(files)) {
      const bytes = batch.reduce((sum, file) => sum + file.size, 0);
      const progress = (sent) => {
        bar.value = done + Math.min(sent, bytes);
        if (sent >= bytes) words.textContent = t("reading");
      };
      await this.send(batch, results, progress);
      done += bytes;
    }
    bar.parentElement.remove();
    if (results.children.length > MAX_SHOWN_OUTCOMES) this.fold(results);
    await this.load();
    this.changed();
  }

  /** Folds the list of outcomes below a line with the number of each. Failures stay visible. */
  fold(results) {
    const counts = STATUSES.map((status) => [status, results.querySelectorAll(`li.${status}`).length]);
    const words = counts.filter(([, count]) => count).map(([status, count]) => `${t(`status.${status}`)}: ${number(count)}`);
    const failed = element("ul.results", {}, [...results.querySelectorAll("li.failed")]);
    fill(this.outcomes, failed, element("details", {}, element("summary", {}, words.join(" · ")), results));
  }

  /** Uploads files in one request. If it fails because it is too large or the connection broke, sends them one by one. */
  async send(files, results, progress) {
    try {
      const { documents } = await api.upload(files, this.collection, progress);
      results.append(...documents.map((outcome) => this.result(outcome)));
    } catch (problem) {
      if (files.length > 1 && (problem.status === 0 || problem.status === 413)) {
        for (const file of files) await this.send([file], results, () => {});
        return;
      }
      const failed = ({ name }) => this.result({ id: name, title: name, status: "failed", error: problem });
      results.append(...files.map(failed));
    }
  }

  result({ id, title, status, passages, error }) {
    const named = title || id;
    const stored = status === "added" || status === "updated" || status === "unchanged";
    return element(
      `li.${status}`,
      {},
      element("span.status", {}, t(`status.${status}`)),
      element(
        "div",
        {},
        element("p.name", { dir: "auto" }, stored ? this.link(id, named) : named),
        passages ? element("p.aside", {}, t("passages", { passages: number(passages) })) : null,
        error ? element("p.detail", { lang: "en" }, error.detail) : null,
        error?.hint ? element("p.hint", { lang: "en" }, error.hint) : null,
      ),
    );
  }
}

/** Splits files into lists that each fit into one request. */
function batches(files) {
  const made = [];
  let room = 0;
  for (const file of files) {
    if (!made.length || file.size > room) {
      made.push([]);
      room = MAX_BATCH_BYTES;
    }
    made.at(-1).push(file);
    room -= file.size;
  }
  return made;
}
