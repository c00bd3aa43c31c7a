// Feedback on an answer: whether it is right and, if it is not, which of the passages is. It goes to the server that gave
// the answer and nowhere else.

import * as api from "./api.js";
import { announce, element, fill, showProblem } from "./view.js";
import { t } from "./languages.js";

/** The choices below an answer, and below a question that was not answered. */
const ANSWERED = ["right", "wrong_sentence"];
const DECLINED = ["right", "has_answer"];

/** The row of buttons in `parent`. `collection(citation)` is that of a citation, or else the one that was asked. */
export class Feedback {
  constructor(parent, collection) {
    Object.assign(this, { parent, collection });
    this.clear();
  }

  /** Removes the row: there is no answer. */
  clear() {
    Object.assign(this, { question: null, response: null });
    this.forget();
    fill(this.parent);
  }

  /** What was begun or given is forgotten. */
  forget() {
    Object.assign(this, { picking: null, given: null, problem: null, busy: false });
  }

  /** Offers the row for the `response` to `question`. For the same response, what was given stays. */
  offer(question, response) {
    if (response !== this.response) {
      this.forget();
      Object.assign(this, { question, response });
    }
    this.render();
  }

  /** Whether the question is one that can be answered rightly or wrongly. */
  get isJudged() {
    const { answer, citations } = this.response;
    return citations.length > 0 && !["no_question", "order"].includes(answer.notice?.reason);
  }

  get isAnswered() {
    const { answerable, sentences } = this.response.answer;
    return answerable && sentences.length > 0;
  }

  render() {
    if (!this.response || !this.isJudged) return fill(this.parent);
    const problem = element("div");
    fill(this.parent, this.given ? this.thanks() : this.picking ? this.passages() : this.buttons(), problem);
    if (this.problem) showProblem(problem, this.problem);
  }

  buttons() {
    const button = (verdict) =>
      element(
        "button.plain",
        {
          type: "button",
          "data-verdict": verdict,
          "aria-label": t(`feedback.${this.isAnswered ? "answered" : "declined"}.${verdict}`),
          disabled: this.busy,
          onclick: () => (verdict === "right" ? this.judge(verdict, this.cited()) : this.pick(verdict)),
        },
        t(`feedback.${verdict}`),
      );
    const verdicts = this.isAnswered ? ANSWERED : DECLINED;
    return element(
      "div.choice",
      { role: "group", "aria-label": t("feedback") },
      element("span", { "aria-hidden": "true" }, t("feedback")),
      verdicts.map(button),
    );
  }

  /** The passage that the first sentence of the answer quotes; undefined if there is no answer. */
  cited() {
    const first = this.isAnswered ? this.response.answer.sentences[0].citations[0] : null;
    return this.response.citations.find(({ id }) => id === first);
  }

  /** The passages to choose the right one from. */
  passages() {
    const wrong = this.isAnswered ? this.response.answer.sentences[0].citations : [];
    const others = this.response.citations.filter(({ id }) => !wrong.includes(id));
    const choose = (citation) =>
      element(
        "li",
        {},
        element(
          "button.plain",
          { type: "button", disabled: this.busy, onclick: () => this.judge(this.picking, citation) },
          element("span.from", { lang: citation.document.language, dir: "auto" }, citation.document.title),
          element("span.reading", { lang: citation.document.language, dir: "auto" }, citation.quote),
        ),
      );
    const plain = (name, key, onclick) =>
      element("button.plain", { type: "button", "data-choice": name, disabled: this.busy, onclick }, t(key));
    return element(
      "fieldset",
      { onkeydown: (event) => this.leaves(event) },
      element("legend", {}, t("feedback.which")),
      element("ul", {}, others.map(choose)),
      element(
        "div.choice",
        {},
        plain("none", "feedback.none", () => this.judge(this.picking)),
        this.isAnswered ? plain("no_answer", "feedback.no_answer", () => this.judge("no_answer")) : null,
        plain("cancel", "cancel", () => this.back()),
      ),
    );
  }

  thanks() {
    return element(
      "div.choice",
      {},
      element("span", {}, t("feedback.kept", { verdict: t(`feedback.${this.given.verdict}`) })),
      element(
        "button.plain",
        { type: "button", "data-choice": "undo", disabled: this.busy, onclick: () => this.takeBack() },
        t("feedback.undo"),
      ),
    );
  }

  pick(verdict) {
    Object.assign(this, { picking: verdict, problem: null });
    this.render();
    this.parent.querySelector("button")?.focus();
  }

  /** Leaves the choice of a passage. */
  back() {
    const verdict = this.picking;
    Object.assign(this, { picking: null, problem: null });
    this.render();
    this.parent.querySelector(`[data-verdict=${verdict}]`)?.focus();
  }

  leaves(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    // The open document stays open.
    event.preventDefault();
    event.stopPropagation();
    this.back();
  }

  /** Sends a verdict, with the passage that is right if there is one. */
  judge(verdict, citation) {
    const { question, response, isAnswered } = this;
    return this.send(response, async () => {
      const collection = this.collection(citation);
      const { id } = await api.giveFeedback({
        question: question.q,
        collection,
        verdict,
        answerable: isAnswered,
        document: citation?.document.id,
        bytes: citation?.span.bytes,
      });
      return { id, verdict, collection };
    });
  }

  takeBack() {
    return this.send(this.response, async () => {
      await api.takeBack(this.given.id, this.given.collection);
      return null;
    });
  }

  /** Does `request`, whose result is what is given then, unless another answer has come meanwhile. */
  async send(response, request) {
    Object.assign(this, { busy: true, problem: null });
    this.render();
    try {
      const given = await request();
      if (response !== this.response) return;
      Object.assign(this, { given, picking: null });
      announce(given ? t("feedback.kept", { verdict: t(`feedback.${given.verdict}`) }) : t("feedback.undone"));
    } catch (problem) {
      if (response !== this.response) return;
      this.problem = problem;
    }
    this.busy = false;
    this.render();
    // The button that had the focus is gone.
    if (document.activeElement === document.body) this.parent.querySelector("button")?.focus();
  }
}
