// The panel beside the answer (over it on a narrow screen): a document, or the list of documents.

import { Library } from "./library.js";
import { element, fill, opens } from "./view.js";
import { showDocument } from "./reader.js";
import { number, t } from "./languages.js";

const narrow = matchMedia("(max-width: 60rem)");

/**
 * The panel `root` beside `column`. `hooks`: `collection()` returns the collection to list and `collections()` all of them,
 * `uploads` are the page's uploads, `footnotes()` returns the addresses of the answer's footnotes, `changed()` is called after documents were deleted, `collectionsChanged(name)` after a
 * collection was made or deleted, `suggest()` before filters are used, `show()` after the address changed, `title(words)`
 * sets the page's title, and `home()` returns the address without a panel.
 *
 * In a history entry with a panel, `state.back` is the number of steps back to the entry without one (0: there is none)
 * and `state.listed` says whether the previous entry is the list.
 */
export class Panel {
  constructor(root, column, hooks) {
    Object.assign(this, { root, column, hooks, address: null, opener: null });
    narrow.addEventListener("change", () => this.updateInert());
    addEventListener("keydown", (event) => {
      // Escape may be meant for an input method or an open list.
      if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
      if (this.address && !document.querySelector("dialog[open]")) this.leave();
    });
  }

  /** Opens `address`, a document's or the list's. Going from one document to another replaces the history entry. */
  go(address, { listed = false } = {}) {
    const back = history.state?.back ?? 0;
    const open = this.address !== null;
    if (open && !listed && location.pathname.startsWith("/documents/") && address.startsWith("/documents/")) {
      history.replaceState(history.state, "", address);
    } else {
      history.pushState({ back: open && back === 0 ? 0 : back + 1, listed }, "", address);
    }
    this.hooks.show();
  }

  /** Closes the panel by going back to the entry without one. */
  leave() {
    const back = history.state?.back ?? 0;
    if (back > 0) return history.go(-back);
    history.pushState(null, "", this.hooks.home());
    this.hooks.show();
  }

  /** Shows the document or list of the page's address. */
  show(wanted) {
    const address = location.pathname + location.search + location.hash;
    if (this.address === address) return;
    if (this.address === null) this.opener = document.activeElement;
    this.address = address;
    const body = element("div.body", { tabindex: "0", role: "region", "aria-labelledby": "panel-title" });
    const back = history.state?.listed
      ? element("button.plain", { type: "button", onclick: () => history.back() }, `‹ ${t("documents")}`)
      : null;
    const close = element("button.plain.close", { type: "button", onclick: () => this.leave() }, t("close"));
    fill(this.root, element("div.bar", {}, back, this.neighbours(address), close), body);
    this.root.setAttribute("aria-label", t(wanted.library ? "documents" : "document"));
    this.root.hidden = false;
    this.updateInert();
    if (wanted.library) this.list(body);
    else void this.read(body, wanted.document);
  }

  /** Links to the footnotes before and after the one at `address`; null if it is none of the answer's. */
  neighbours(address) {
    const all = this.hooks.footnotes();
    const at = all.indexOf(address);
    if (at < 0 || all.length < 2) return null;
    const link = (key, href) =>
      href
        ? element("a.button.plain", { href, "aria-label": t(key), title: t(key), onclick: opens(() => this.go(href)) }, key === "footnote.next" ? "›" : "‹")
        : element("span.button.plain", { "aria-hidden": "true", "data-off": "" }, key === "footnote.next" ? "›" : "‹");
    return element(
      "span.neighbours",
      {},
      link("footnote.previous", all[at - 1]),
      element("span.aside", {}, t("footnote.of", { footnote: number(at + 1), footnotes: number(all.length) })),
      link("footnote.next", all[at + 1]),
    );
  }

  list(body) {
    const library = new Library(body, { ...this.hooks, open: (href) => this.go(href, { listed: true }) });
    this.library = library;
    this.hooks.title(t("documents"));
    this.focus("h2");
    void library.load();
  }

  async read(body, wanted) {
    const { address } = this;
    this.library = null;
    this.focus(".close");
    const title = await showDocument(body, wanted, () => this.address === address);
    if (this.address !== address) return;
    if (title !== null) this.hooks.title(title);
    this.focus("h2");
  }

  focus(selector) {
    this.root.querySelector(selector)?.focus({ preventScroll: true });
  }

  /** Renders the contents again, after the language or collection changed. */
  refresh(wanted) {
    if (this.address === null) return;
    const { opener } = this;
    const focused = document.activeElement;
    this.address = null;
    this.show(wanted);
    this.opener = opener;
    if (focused?.isConnected) focused.focus();
  }

  close() {
    if (this.address === null) return;
    const { opener, address } = this;
    Object.assign(this, { address: null, opener: null, library: null });
    this.root.hidden = true;
    fill(this.root);
    this.updateInert();
    this.hooks.title();
    // The link that opened the panel may have been rendered again.
    const same = [...this.column.querySelectorAll("a[href]")].find((link) => link.getAttribute("href") === address);
    const to = opener?.isConnected && opener !== document.body ? opener : same;
    to?.focus({ preventScroll: true });
  }

  /** Makes the page inert while the panel covers it. */
  updateInert() {
    const isCovered = !this.root.hidden && narrow.matches;
    for (const beneath of [this.column, document.querySelector(".skip")]) beneath.inert = isCovered;
    document.body.classList.toggle("opened", !this.root.hidden);
  }
}
