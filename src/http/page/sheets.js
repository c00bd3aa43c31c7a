// Shows a sheet of a spreadsheet as a table, with the quoted cells marked.

import * as api from "./api.js";
import { center, element, fill, showProblem } from "./view.js";
import { number, t } from "./languages.js";

/** Rows that are shown at once. */
const ROWS = 200;

/** The sheets of a document, one at a time. `bytes` is the quote's place in the text, if there is one. */
export class Sheets {
  constructor({ id, language }, collection, bytes) {
    Object.assign(this, { id, language, collection, bytes, end: false });
    this.picker = element("select", { "aria-label": t("sheet"), onchange: () => void this.show({ sheet: this.picker.value }) });
    const button = (key, step) =>
      element("button.plain", { type: "button", onclick: () => void this.turn(step) }, t(key));
    [this.previous, this.next] = [button("sheet.previous", -ROWS), button("sheet.next", ROWS)];
    this.where = element("span.aside", { role: "status" });
    this.table = element("div.cells", { tabindex: "0", role: "region", "aria-label": t("sheet") });
    this.root = element(
      "div.pages",
      {},
      element("p.turning", {}, this.previous, this.picker, this.where, this.next),
      this.table,
    );
  }

  turn(step) {
    const skip = Math.max(0, this.shown.skipped + step);
    return this.show({ sheet: this.shown.sheet, skip });
  }

  /** Shows rows of a sheet; without options those of the quote. */
  async show(options = {}) {
    this.table.setAttribute("aria-busy", "true");
    const asked = (this.asked = Symbol("asked"));
    try {
      const bytes = options.sheet === undefined ? this.bytes : undefined;
      const shown = await api.sheet(this.id, this.collection, { limit: ROWS, bytes, ...options });
      if (this.asked !== asked) return;
      this.shown = shown;
      this.render();
      center(this.table.querySelector(".quoted"));
    } catch (problem) {
      if (this.asked === asked) showProblem(this.table, problem, () => void this.show(options));
    } finally {
      this.table.removeAttribute("aria-busy");
    }
  }

  render() {
    const { sheets, sheet, columns, rows, skipped, total } = this.shown;
    fill(this.picker, sheets.map((name) => element("option", { value: name }, name)));
    this.picker.value = sheet;
    this.picker.hidden = sheets.length < 2;
    this.where.textContent = t("sheet.rows", { first: number(skipped + 1), last: number(skipped + rows.length), rows: number(total) });
    this.previous.disabled = skipped === 0;
    this.next.disabled = skipped + rows.length >= total;
    const heads = columns.map(({ number: column }) => element("th", { scope: "col" }, letters(column)));
    const names = columns.some(({ header }) => header)
      ? element("tr.names", {}, element("td"), columns.map(({ header }) => element("th", { scope: "col", dir: "auto" }, header ?? "")))
      : null;
    const row = ({ number: position, cells }) => {
      const of = new Map(cells.map((cell) => [cell.column, cell]));
      return element(
        "tr",
        {},
        element("th", { scope: "row" }, String(position)),
        columns.map(({ number: column }) => this.cell(of.get(column))),
      );
    };
    fill(
      this.table,
      element(
        "table",
        { lang: this.language },
        element("thead", {}, element("tr", {}, element("td"), heads), names),
        element("tbody", {}, rows.map(row)),
      ),
    );
  }

  cell(cell) {
    if (!cell) return element("td");
    const [from, to] = this.bytes ?? [0, 0];
    const isQuoted = cell.bytes.some(([start, end]) => start < to && from < end);
    return element(isQuoted ? "td.quoted" : "td", { dir: "auto" }, isQuoted ? element("mark", {}, cell.text) : cell.text);
  }
}

/** The letters of a column: 28 is AB. */
function letters(column) {
  let [rest, name] = [column, ""];
  while (rest > 0) {
    rest -= 1;
    name = String.fromCharCode(65 + (rest % 26)) + name;
    rest = Math.floor(rest / 26);
  }
  return name;
}
