// Creates every element of the page. Text from documents only ever becomes a text node, never markup.

import { t } from "./languages.js";

/**
 * Creates an element: `element("a.title", { href, lang }, "text", child)`. Properties become attributes, functions named
 * `on…` become event listeners; null, undefined and false are left out.
 */
export function element(description, properties = {}, ...children) {
  const [name, ...classes] = description.split(".");
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...present(children));
  return made;
}

/** Replaces the contents of `parent` with `children`. */
export function fill(parent, ...children) {
  parent.replaceChildren(...present(children));
}

/** Flattens nested lists of children and drops absent ones. */
function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== "");
}

/** A click handler that calls `open`. Clicks with a modifier or another button are left to the browser. */
export function opens(open) {
  return (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(event);
  };
}

/** Announces `text` to screen readers. */
export function announce(text) {
  document.getElementById("status").textContent = text;
}

/** `uri` if it is http or https, else null, so that a document cannot supply a `javascript:` link. */
export function followable(uri) {
  try {
    const { protocol, href } = new URL(uri);
    return protocol === "http:" || protocol === "https:" ? href : null;
  } catch {
    return null;
  }
}

/** The space between two sentences, which is empty in Chinese and Japanese. */
export function gap(language) {
  return /^(zh|ja)\b/i.test(language ?? "") ? "" : " ";
}

/** A line of facts, separated by dots. */
export function facts(...known) {
  return element(
    "p.facts",
    {},
    present(known).map((fact) => element("span.fact", {}, fact)),
  );
}

/** Scrolls the panel so that `node` is in its middle. `scrollIntoView` would move the page beside it as well. */
export function center(node) {
  const scroller = node?.closest(".body");
  if (!scroller) return;
  const [inside, around] = [node.getBoundingClientRect(), scroller.getBoundingClientRect()];
  scroller.scrollTop += inside.top + inside.height / 2 - (around.top + around.height / 2);
}

/** Shows `problem` in `parent`, with a button for `retry` if it is given. */
export function showProblem(parent, problem, retry) {
  fill(
    parent,
    element(
      "div.problem",
      { role: "alert" },
      element("p.detail", { lang: problem.lang }, problem.detail ?? problem.message),
      problem.hint ? element("p.hint", { lang: problem.lang }, problem.hint) : null,
      retry ? element("button.plain", { type: "button", onclick: retry }, t("again")) : null,
    ),
  );
}
