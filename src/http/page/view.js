// Elements out of text: the only place where the page makes any. What a document says is only ever a text node.

import { t } from "./languages.js";

/**
 * An element: `element("a.title", { href, lang }, "text", child)`. Names with a dash and those that only exist as
 * attributes become attributes; `on…` functions become listeners; null and undefined are left out.
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

/** Puts `children` in place of what is in `parent`. */
export function fill(parent, ...children) {
  parent.replaceChildren(...present(children));
}

/** Children in lists of any depth; nothing for what there is not. */
function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== "");
}

/** A click that opens `href` here; with a modifier or another button the browser does what it does with any link. */
export function opens(open) {
  return (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(event);
  };
}

/** Says `text` to a screen reader. */
export function announce(text) {
  document.getElementById("status").textContent = text;
}

/** `uri` if a browser may follow it: http and https only, so that no document can bring a script to be clicked. */
export function followable(uri) {
  try {
    const { protocol, href } = new URL(uri);
    return protocol === "http:" || protocol === "https:" ? href : null;
  } catch {
    return null;
  }
}

/** The space between two sentences; Chinese and Japanese have none. */
export function gap(language) {
  return /^(zh|ja)\b/i.test(language ?? "") ? "" : " ";
}

/** What is known of something, in one line. */
export function facts(...known) {
  return element(
    "p.facts",
    {},
    present(known).map((fact) => element("span.fact", {}, fact)),
  );
}

/** Says in `parent` what went wrong and what to do about it; `retry`, if given, does it again. */
export function showProblem(parent, problem, retry) {
  fill(
    parent,
    element(
      "div.problem",
      { role: "alert" },
      element("p.detail", {}, problem.detail ?? problem.message),
      problem.hint ? element("p.hint", {}, problem.hint) : null,
      retry ? element("button.plain", { type: "button", onclick: retry }, t("again")) : null,
    ),
  );
}
