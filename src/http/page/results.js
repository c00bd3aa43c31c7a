// What stands beside an answer: the operators that were understood, counts of the documents that were found, and more results.

import * as api from "./api.js";
import { element, fill, showProblem } from "./view.js";
import { languageName, number, t } from "./languages.js";
import { formatName } from "./formats.js";
import { renderNote } from "./answer.js";

const MORE = 10;
/** Values of a facet that are shown. */
const MAX_VALUES = 8;
/** The facets that a click makes a filter, and the name of that filter in the page's address. */
const FILTERS = { source: "source", tag: "tag", language: "language" };

/**
 * The parts around an answer. `hooks.ask(question)` asks another question, `hooks.link(citation)` gives the properties of a link
 * to a passage, and `hooks.shown()` is called when passages were added.
 */
export class Results {
  constructor({ chips, facets, more }, hooks) {
    Object.assign(this, { chips, facets, more, hooks, request: 0 });
  }

  clear() {
    this.request += 1;
    this.pending?.abort();
    fill(this.chips);
    fill(this.facets);
    fill(this.more);
  }

  /** Shows what belongs to the `response` to `question`. */
  show(question, response) {
    this.clear();
    this.question = question;
    this.next = this.waiting = undefined;
    this.known = new Set(response.citations.map(keyOf));
    this.renderChips(response.answer.operators ?? []);
    if (!response.citations.length) return;
    this.list = element("ol.notes");
    this.button = element("button.plain", { type: "button", onclick: () => void this.load() }, t("more"));
    fill(this.more, this.list, this.button);
    void this.count();
  }

  /** A chip for each operator that limits the question; its button takes it out. */
  renderChips(operators) {
    const chip = ({ written, outcome, excludes }) => {
      const without = () => {
        // The last one that is written so: an address may have the same words before it.
        const at = this.question.q.lastIndexOf(written);
        const rest = at < 0 ? this.question.q : this.question.q.slice(0, at) + this.question.q.slice(at + written.length);
        this.hooks.ask({ ...this.question, q: rest.replace(/\s+/g, " ").trim() });
      };
      return element(
        `li.chip${excludes ? ".without" : ""}${outcome === "applied" ? "" : ".unused"}`,
        {},
        element("span", { dir: "auto" }, written),
        element("button", { type: "button", "aria-label": t("operator.remove", { operator: written }), onclick: without }, "×"),
      );
    };
    const shown = operators.filter(({ outcome }) => outcome !== "as_words");
    fill(this.chips, shown.length ? element("ul.chips", { "aria-label": t("operators") }, shown.map(chip)) : null);
  }

  /** Loads the counts, and where more passages go on. What goes wrong here is no reason to disturb the answer. */
  async count() {
    const request = this.request;
    try {
      const found = await this.search({ facets: true });
      if (request !== this.request) return;
      this.renderFacets(found.facets);
      this.waiting = found;
    } catch {
      // The button shows what is wrong.
    }
  }

  search(options) {
    this.pending?.abort();
    this.pending = new AbortController();
    return api.search(this.question, { top_k: MORE, ...options }, this.pending.signal);
  }

  renderFacets(counted) {
    const words = { language: languageName, format: formatName };
    const one = (name) => ({ value, count }) => {
      const label = words[name]?.(value) ?? value;
      const text = [element("span", { dir: "auto" }, label), " ", element("span.count", {}, number(count))];
      const isSet = FILTERS[name] && this.question[FILTERS[name]] === value;
      const wanted = name === "year" ? { since: `${value}-01-01`, until: `${value}-12-31` } : { [FILTERS[name]]: value };
      const clickable = !isSet && (FILTERS[name] || (name === "year" && /^\d{4}$/.test(value)));
      const ask = () => this.hooks.ask({ ...this.question, ...wanted });
      return element("li", {}, clickable ? element("button.plain", { type: "button", onclick: ask }, text) : element("span", {}, text));
    };
    const names = ["source", "year", "tag", "language", "format"];
    // One value says nothing that would narrow the search.
    const lists = names.filter((name) => (counted?.[name] ?? []).length > 1);
    const facet = (name) => [
      element("h3", {}, t(`facet.${name}`)),
      element("ul", {}, counted[name].slice(0, MAX_VALUES).map(one(name))),
    ];
    const summary = () => element("summary", {}, t("facets", { count: number(counted.documents) }));
    fill(this.facets, lists.length ? element("details.facets", {}, summary(), lists.map((name) => element("div", {}, facet(name)))) : null);
  }

  /** Adds further passages behind those that are shown. */
  async load() {
    const request = this.request;
    this.button.disabled = true;
    try {
      let added = 0;
      // A page may have only passages that the answer shows.
      for (let page = await this.page(); page && request === this.request; page = await this.page()) {
        const fresh = page.passages.filter((passage) => !this.known.has(keyOf(passage)));
        for (const passage of fresh) {
          this.known.add(keyOf(passage));
          this.list.append(renderNote({ ...passage, id: this.known.size }, this.hooks.link));
        }
        added += fresh.length;
        if (added) break;
      }
      if (request !== this.request) return;
      this.hooks.shown();
      if (this.next) this.button.disabled = false;
      else fill(this.more, this.list, element("p.aside", { role: "status" }, t("more.none")));
    } catch (problem) {
      if (request !== this.request || problem.name === "AbortError") return;
      const problems = element("div");
      this.next = this.waiting = undefined;
      showProblem(problems, problem, () => {
        fill(this.more, this.list, this.button);
        void this.load();
      });
      fill(this.more, this.list, problems);
      this.button.disabled = false;
    }
  }

  /** The next page; null behind the last one. */
  async page() {
    if (this.next === null) return null;
    const page = this.waiting ?? (await this.search({ cursor: this.next }));
    this.waiting = undefined;
    this.next = page.next ?? null;
    return page;
  }
}

/** What tells a passage from all others: ids are those of one collection. */
function keyOf({ collection, passage_id }) {
  return `${collection ?? ""}/${passage_id}`;
}
