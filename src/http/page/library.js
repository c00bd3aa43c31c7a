// The list of documents: searched, filtered and sorted, with adding and deleting.

import * as api from "./api.js";
import { date, languageName, number, size, t } from "./languages.js";
import { documentAddress } from "./address.js";
import { askForName, confirmDeletion } from "./dialogs.js";
import { announce, element, facts, fill, opens, showProblem } from "./view.js";
import { chosen } from "./folders.js";
import { FORMATS, formatName } from "./formats.js";
import { Jobs } from "./jobs.js";

const PAGE = 50;
/** How long to wait for another letter before a search. */
const PAUSE_MS = 250;
/** Remarks on a document that are shown in the list. */
const MAX_NOTES = 3;
const ORDERS = ["-added", "title", "-published", "-ingested", "-size"];

/** What the list was last searched and sorted by. It stays while the list is closed. */
const wanted = { sort: "-added" };

/** Shows the list of documents in `body`. `hooks` are those of the panel, with `open(address)` for a document. */
export class Library {
  constructor(body, hooks) {
    Object.assign(this, { body, hooks, collection: hooks.collection(), selected: new Map(), request: 0 });
    this.list = element("ul.documents");
    this.more = element("p.edge");
    this.problems = element("div", { "aria-live": "polite" });
    this.count = element("span.aside", { role: "status" });
    this.deleteSelected = element("button.plain.danger", { type: "button", onclick: () => this.removeSelected() });
    this.all = element("input", { type: "checkbox", id: "all", onchange: () => this.selectAll() });
    const field = (id, attributes, key) => {
      const input = element("input.unseen", { id, type: "file", multiple: true, ...attributes });
      input.addEventListener("change", () => {
        const files = chosen(input.files);
        input.value = "";
        void this.add(files);
      });
      return [input, element("label.button", { for: id }, t(key))];
    };
    fill(
      body,
      element("header.title", {}, element("h2", { id: "panel-title", tabindex: "-1" }, t("documents"))),
      element(
        "div.adding",
        {},
        field("files", {}, "add"),
        field("folder", { webkitdirectory: true }, "add.folder"),
        element("span.aside", {}, t("add.hint")),
      ),
      hooks.uploads.root,
      new Jobs({ busy: () => hooks.uploads.busy, changed: () => void this.load() }).root,
      this.search(),
      element("p.selecting", {}, element("label", { for: "all" }, this.all, t("select.all")), this.count, this.deleteSelected),
      this.problems,
      this.list,
      this.more,
      this.collections(),
    );
    this.updateSelection();
  }

  /** The form that searches the list. */
  search() {
    const set = (name, value) => {
      wanted[name] = value || undefined;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.load(), PAUSE_MS);
    };
    const input = (name, attributes = {}) =>
      element("input", { name, value: wanted[name] ?? "", autocomplete: "off", oninput: ({ target }) => set(name, target.value.trim()), ...attributes });
    const select = (name, options) => {
      const made = element("select", { name, onchange: () => set(name, made.value) });
      made.append(...options.map(([value, words]) => new Option(words, value, false, value === (wanted[name] ?? ""))));
      return made;
    };
    const labelled = (key, field) => element("label", {}, element("span", {}, t(key)), field);
    const orders = {
      "-added": t("sort.added"),
      title: t("sort.title"),
      "-published": t("sort.published"),
      "-ingested": t("sort.ingested"),
      "-size": t("sort.size"),
    };
    const formats = FORMATS.map((format) => [format, formatName(format)]);
    const noted = element("input", { type: "checkbox", name: "noted", onchange: () => set("noted", noted.checked && "true") });
    noted.checked = wanted.noted === "true";
    const filters = element(
      "details",
      {},
      element("summary", {}, element("span", {}, t("filters"))),
      element(
        "div.fields",
        {},
        labelled("type", select("format", [["", t("type.any")], ...formats])),
        labelled("source", input("source", { list: "sources" })),
        labelled("tag", input("tag", { list: "tags" })),
        labelled("document.language", input("language", { list: "document-languages", placeholder: "zh, en, ja" })),
        labelled("since", input("since", { type: "date" })),
        labelled("until", input("until", { type: "date" })),
        element("label.check", {}, noted, t("noted")),
      ),
    );
    filters.open = ["format", "source", "tag", "language", "since", "until", "noted"].some((name) => wanted[name]);
    filters.addEventListener("toggle", () => filters.open && this.hooks.suggest());
    const form = element(
      "form.finding",
      { role: "search", onsubmit: (event) => event.preventDefault() },
      labelled("find", input("q", { type: "search" })),
      labelled("sort", select("sort", ORDERS.map((order) => [order, orders[order]]))),
      filters,
    );
    return form;
  }

  /** Loads the first page of the list. */
  async load() {
    this.selected.clear();
    await this.page();
  }

  async page(after) {
    const request = (this.request += 1);
    fill(this.more);
    try {
      const { documents, total, next } = await api.documents(this.collection, { ...wanted, after, limit: PAGE });
      if (request !== this.request) return;
      const rows = documents.map((document) => this.row(document));
      if (after) this.list.append(...rows);
      else fill(this.list, rows);
      this.count.textContent = t("documents.count", { documents: number(total) });
      const isNarrowed = Object.keys(wanted).some((name) => name !== "sort" && wanted[name]);
      if (!total) fill(this.more, element("span.aside", {}, t(isNarrowed ? "documents.unmatched" : "documents.none")));
      if (next)
        fill(
          this.more,
          element("button.plain", { type: "button", onclick: () => this.page(next) }, t("documents.more")),
        );
      this.updateSelection();
    } catch (problem) {
      if (request === this.request) showProblem(this.more, problem, () => this.page(after));
    }
  }

  row(document) {
    const { id, title, source, published, language, size_bytes, format, metadata } = document;
    const notes = Array.isArray(metadata.reader_notes) ? metadata.reader_notes.slice(0, MAX_NOTES) : [];
    const box = element("input", { type: "checkbox", "aria-label": t("select.named", { title }) });
    const row = element(
      "li",
      {},
      box,
      element(
        "div",
        {},
        element("h3", { lang: language, dir: "auto" }, this.link(id, title)),
        facts(
          formatName(format),
          source && element("span", { lang: language, dir: "auto" }, source),
          date(published),
          languageName(language),
          size(size_bytes),
        ),
        notes.map((note) => element("p.noted", { lang: "en" }, String(note))),
      ),
      element(
        "button.plain.danger",
        { type: "button", "aria-label": t("delete.named", { title }), onclick: () => this.remove(document, row) },
        t("delete"),
      ),
    );
    box.addEventListener("change", () => {
      if (box.checked) this.selected.set(id, { title, row });
      else this.selected.delete(id);
      this.updateSelection();
    });
    return row;
  }

  link(id, title) {
    const href = documentAddress(id, this.collection);
    return element("a", { href, onclick: opens(() => this.hooks.open(href)) }, title);
  }

  selectAll() {
    for (const box of this.list.querySelectorAll("input[type=checkbox]"))
      if (box.checked !== this.all.checked) box.click();
  }

  updateSelection() {
    const [selected, shown] = [this.selected.size, this.list.children.length];
    this.all.checked = selected > 0 && selected === shown;
    this.all.indeterminate = selected > 0 && selected < shown;
    this.all.disabled = shown === 0;
    this.deleteSelected.hidden = selected === 0;
    this.deleteSelected.textContent = t("delete.selected", { documents: number(selected) });
  }

  async remove({ id, title }, row) {
    if (!(await confirmDeletion(t("delete.title"), title))) return;
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    if (!(await this.removeAll([[id, { title, row }]]))) return;
    (neighbour?.querySelector("a") ?? this.body.querySelector("h2")).focus();
    announce(t("deleted", { title }));
  }

  async removeSelected() {
    const chosen = [...this.selected];
    const title = t("documents.count", { documents: number(chosen.length) });
    if (!(await confirmDeletion(t("delete.several"), title))) return;
    if (await this.removeAll(chosen)) announce(t("deleted", { title }));
    this.body.querySelector("h2").focus();
  }

  /** Deletes documents; whether all of them are gone. */
  async removeAll(documents) {
    let problem = null;
    fill(this.problems);
    for (const [id, { row }] of documents) {
      try {
        await api.remove(id, this.collection);
      } catch (thrown) {
        // Someone else may have deleted it meanwhile.
        if (thrown.status !== 404) {
          problem = thrown;
          break;
        }
      }
      row.remove();
      this.selected.delete(id);
    }
    if (problem) showProblem(this.problems, problem);
    this.updateSelection();
    if (!this.list.children.length) await this.load();
    this.hooks.changed();
    return problem === null;
  }

  /** Uploads files, given as `{ file, path }`. */
  add(files) {
    return this.hooks.uploads.add(files, this.collection);
  }

  /** Buttons that make and delete collections. */
  collections() {
    const button = (description, key, onclick) => element(description, { type: "button", onclick }, t(key));
    const problems = element("div", { "aria-live": "polite" });
    const attempt = async (change, name) => {
      try {
        await change();
        await this.hooks.collectionsChanged(name);
      } catch (problem) {
        showProblem(problems, problem);
      }
    };
    const create = async () => {
      const name = await askForName();
      if (name) await attempt(() => api.createCollection(name), name);
    };
    const remove = async () => {
      const name = this.collection;
      if (await confirmDeletion(t("collection.delete.title"), name)) await attempt(() => api.removeCollection(name), "");
    };
    const isOneOfSeveral = this.collection && this.hooks.collections()?.length > 1;
    return element(
      "div.edge.kept",
      {},
      button("button.plain", "collection.new", () => void create()),
      isOneOfSeveral ? button("button.plain.danger", "collection.delete", () => void remove()) : null,
      problems,
    );
  }
}
