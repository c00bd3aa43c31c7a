// Shows the pages of a PDF as pictures, with the quote marked where it stands.

import * as api from "./api.js";
import { center, element, fill, showProblem } from "./view.js";
import { number, t } from "./languages.js";

/** Pixels for each point of a page. */
const SCALE = devicePixelRatio > 1.25 ? 3 : 1.75;

/** The pages of a document, one at a time. `place` is the quote's place, if there is one. */
export class Pages {
  constructor({ id, title }, collection, { pages, place }) {
    Object.assign(this, { id, title, collection, count: pages, boxes: place?.boxes ?? [], page: place?.page ?? 1 });
    this.sheet = element("div.sheet");
    const button = (key, step) => element("button.plain", { type: "button", onclick: () => void this.show(this.page + step) }, t(key));
    [this.previous, this.next] = [button("page.previous", -1), button("page.next", 1)];
    this.where = element("span.aside", { role: "status" });
    this.root = element("div.pages", {}, element("p.turning", {}, this.previous, this.where, this.next), this.sheet);
  }

  /** Shows the page with this number, from 1. */
  async show(page = this.page) {
    this.page = Math.min(Math.max(page, 1), this.count);
    const wanted = this.page;
    this.where.textContent = t("page.of", { page: number(wanted), pages: number(this.count) });
    [this.previous.disabled, this.next.disabled] = [wanted === 1, wanted === this.count];
    this.sheet.setAttribute("aria-busy", "true");
    try {
      const picture = await api.picture(this.id, this.collection, wanted, SCALE);
      const image = element("img", { alt: t("page.alt", { page: number(wanted), title: this.title }) });
      const address = URL.createObjectURL(picture);
      await new Promise((done) => {
        image.onload = image.onerror = done;
        image.src = address;
      });
      URL.revokeObjectURL(address);
      if (this.page !== wanted) return;
      fill(this.sheet, image, this.boxes.filter((box) => box.page === wanted).map(marked));
      center(this.sheet.querySelector(".spot"));
    } catch (problem) {
      if (this.page === wanted) showProblem(this.sheet, problem, () => void this.show(wanted));
    } finally {
      if (this.page === wanted) this.sheet.removeAttribute("aria-busy");
    }
  }
}

/** A line of the quote, in proportion to its page, so that it stays in its place at any size of the picture. */
function marked({ x0, y0, x1, y1, page_width, page_height }) {
  const box = element("span.spot", { "aria-hidden": "true" });
  const part = (length, whole) => `${(length / whole) * 100}%`;
  box.style.left = part(x0, page_width);
  box.style.top = part(y0, page_height);
  box.style.width = part(x1 - x0, page_width);
  box.style.height = part(y1 - y0, page_height);
  return box;
}
