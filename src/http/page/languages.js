// The words of the page in each of its languages, and which language it speaks.

import en from "./en.js";
import hant from "./zh-Hant.js";
import hans from "./zh-Hans.js";

const LANGUAGES = { en, "zh-Hant": hant, "zh-Hans": hans };
const REMEMBERED = "footnote.language";

let current = remembered() ?? preferred(navigator.languages);

/** The first of `tags` that the page speaks; English otherwise. */
function preferred(tags) {
  for (const tag of tags ?? []) {
    if (/^zh\b(?!.*\bHans\b).*\b(Hant|TW|HK|MO)\b/i.test(tag)) return "zh-Hant";
    if (/^zh\b/i.test(tag)) return "zh-Hans";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

function remembered() {
  try {
    const tag = localStorage.getItem(REMEMBERED);
    return Object.hasOwn(LANGUAGES, tag) ? tag : null;
  } catch {
    return null; // Storage may be forbidden; then nothing is remembered.
  }
}

/** The words for `key`, with `{name}` in them replaced by `values.name`. */
export function t(key, values = {}) {
  const words = LANGUAGES[current][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** `value` between 0 and 1 as a percentage. */
export function percent(value) {
  return new Intl.NumberFormat(current, { style: "percent", maximumFractionDigits: 0 }).format(value);
}

/** A count, or seconds, as this language writes it. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(current, options).format(value);
}

/** A size in bytes in the unit that suits it. */
export function size(bytes) {
  const [divisor, unit] = bytes < 1e3 ? [1, "byte"] : bytes < 1e6 ? [1e3, "kilobyte"] : [1e6, "megabyte"];
  return number(bytes / divisor, {
    style: "unit",
    unit,
    unitDisplay: unit === "byte" ? "long" : "short",
    maximumFractionDigits: bytes < 1e4 && bytes >= 1e3 ? 1 : 0,
  });
}

/** A date as documents give it, in this language where it is one: the day only, in no time zone but its own. */
export function date(published) {
  const day = /^(\d{4})-(\d{2})-(\d{2})/.exec(published ?? "");
  if (!day) return published;
  const noon = Date.UTC(day[1], day[2] - 1, day[3], 12);
  return new Intl.DateTimeFormat(current, { dateStyle: "long", timeZone: "UTC" }).format(noon);
}

/** The name of the language with this BCP 47 tag; the tag where it has none. */
export function languageName(tag) {
  try {
    return tag && new Intl.DisplayNames([current], { type: "language" }).of(tag);
  } catch {
    return tag; // What a document says of itself need not be a tag.
  }
}

/** Says all of the page's own words under `root` in the current language. */
export function translate(root = document) {
  document.documentElement.lang = current;
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
  for (const node of root.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
}

/** Fills `select` with the languages; `changed` is called when another one was chosen. */
export function offer(select, changed) {
  select.replaceChildren(
    ...Object.entries(LANGUAGES).map(([tag, words]) => new Option(words.name, tag, false, tag === current)),
  );
  for (const option of select.options) option.lang = option.value;
  select.addEventListener("change", () => {
    current = select.value;
    try {
      localStorage.setItem(REMEMBERED, current);
    } catch {
      // Then it lasts as long as the page.
    }
    translate();
    changed();
  });
}
