// What opens beside the answer, or over it on a narrow screen: a document, or the list of them.

import { Library } from "./library.js";
import { element, fill } from "./view.js";
import { showDocument } from "./reader.js";
import { t } from "./languages.js";

const narrow = matchMedia("(max-width: 60rem)");

/**
 * The panel `root` beside `column`. `hooks`: `collection()` that the list is of, `changed()` when a document came or
 * went, `show()` when the address is another one, `title(words)` of the page, `home()`, the address without a panel.
 *
 * An entry of the history with a panel knows in `state.back` how many steps back there is none, 0 for never, and in
 * `state.listed` whether the step before is the list.
 */
export class Panel {
  constructor(root, column, hooks) {
    Object.assign(this, { root, column, hooks, address: null, opener: null });
    narrow.addEventListener("change", () => this.shelter());
    addEventListener("keydown", (event) => {
      // Escape may be meant for an input method, or for a list that is open.
      if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
      if (this.address && !document.querySelector("dialog[open]")) this.leave();
    });
  }

  /** Goes to `address`, a document's or the list's. From one document to another is no step of the history. */
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

  /** Back to where there was no panel. */
  leave() {
    const back = history.state?.back ?? 0;
    if (back > 0) return history.go(-back);
    history.pushState(null, "", this.hooks.home());
    this.hooks.show();
  }

  /** Shows what the page's address asks for. */
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
    fill(this.root, element("div.bar", {}, back, close), body);
    this.root.setAttribute("aria-label", t(wanted.library ? "documents" : "document"));
    this.root.hidden = false;
    this.shelter();
    if (wanted.library) this.list(body);
    else void this.read(body, wanted.document);
  }

  list(body) {
    const library = new Library(
      body,
      this.hooks.collection(),
      (href) => this.go(href, { listed: true }),
      this.hooks.changed,
    );
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

  /** Shows the same once more: in another language, or from another collection. */
  again(wanted) {
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
    this.shelter();
    this.hooks.title();
    // The mark or note that opened it may have been drawn anew.
    const same = [...this.column.querySelectorAll("a[href]")].find((link) => link.getAttribute("href") === address);
    const to = opener?.isConnected && opener !== document.body ? opener : same;
    to?.focus({ preventScroll: true });
  }

  /** Where the panel covers the page, nothing beneath it can be reached. */
  shelter() {
    const covered = !this.root.hidden && narrow.matches;
    for (const beneath of [this.column, document.querySelector(".skip")]) beneath.inert = covered;
    document.body.classList.toggle("opened", !this.root.hidden);
  }
}
