// Shows what the server still adds in the background, such as files that were sent from a tab that was closed.

import * as api from "./api.js";
import { element, fill, showProblem } from "./view.js";
import { number, t } from "./languages.js";

/** How often the server is asked, while there is something to show and while there is not. */
const OFTEN_MS = 1500;
const SELDOM_MS = 15_000;

/** The jobs of the server. `busy()` says whether this page shows uploads itself; `changed()` is called when jobs ended. */
export class Jobs {
  constructor({ busy, changed }) {
    Object.assign(this, { busy, changed, known: 0 });
    this.root = element("div.jobs");
    // Until it is on the page, and as long as it is.
    setTimeout(() => void this.look(), 0);
  }

  async look() {
    if (!this.root.isConnected) return;
    const { jobs } = await api.jobs().catch(() => ({ jobs: [] }));
    if (!this.root.isConnected) return;
    const open = this.busy() ? [] : jobs.filter(({ state }) => state === "queued" || state === "running");
    fill(this.root, open.map((job) => this.line(job)));
    if (open.length < this.known) this.changed();
    this.known = open.length;
    setTimeout(() => void this.look(), open.length ? OFTEN_MS : SELDOM_MS);
  }

  line({ id, progress: { items, items_done: done } }) {
    const words = t("jobs.line", { done: number(done), files: number(items) });
    const stop = element("button.plain", { type: "button" }, t("jobs.cancel"));
    const problems = element("div");
    stop.addEventListener("click", () => {
      stop.disabled = true;
      void api.cancelJob(id).catch((problem) => showProblem(problems, problem));
    });
    const bar = element("progress", { max: String(Math.max(items, 1)), value: String(done), "aria-label": words });
    return element("div.progress", {}, element("span", {}, words), bar, stop, problems);
  }
}
