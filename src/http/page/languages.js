// The page's texts in each language, and the choice of language.

import en from "./en.js";
import hant from "./zh-Hant.js";
import hans from "./zh-Hans.js";

const LANGUAGES = { en, "zh-Hant": hant, "zh-Hans": hans };
const STORAGE_KEY = "footnote.language";

let current = remembered() ?? preferred(navigator.languages);

/** The first of the BCP 47 `tags` that the page supports, else English. */
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
    const tag = localStorage.getItem(STORAGE_KEY);
    return Object.hasOwn(LANGUAGES, tag) ? tag : null;
  } catch {
    return null; // The browser may forbid storage.
  }
}

/** The text for `key`, with each `{name}` replaced by `values.name`. */
export function t(key, values = {}) {
  const words = LANGUAGES[current][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** `value` between 0 and 1 as a percentage. */
export function percent(value) {
  return new Intl.NumberFormat(current, { style: "percent", maximumFractionDigits: 0 }).format(value);
}

/** Formats a number for the current language. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(current, options).format(value);
}

/** Formats a size in bytes, kilobytes or megabytes. */
export function size(bytes) {
  const [divisor, unit] = bytes < 1e3 ? [1, "byte"] : bytes < 1e6 ? [1e3, "kilobyte"] : [1e6, "megabyte"];
  return number(bytes / divisor, {
    style: "unit",
    unit,
    unitDisplay: unit === "byte" ? "long" : "short",
    maximumFractionDigits: bytes < 1e4 && bytes >= 1e3 ? 1 : 0,
  });
}

/** Formats the day of a document's date without converting its time zone; anything else is returned unchanged. */
export function date(published) {
  const day = /^(\d{4})-(\d{2})-(\d{2})/.exec(published ?? "");
  if (!day) return published;
  const noon = Date.UTC(day[1], day[2] - 1, day[3], 12);
  return new Intl.DateTimeFormat(current, { dateStyle: "long", timeZone: "UTC" }).format(noon);
}

/** The name of the language with this BCP 47 tag, or the tag itself. */
export function languageName(tag) {
  try {
    return tag && new Intl.DisplayNames([current], { type: "language" }).of(tag);
  } catch {
    return tag; // Documents may state something that is not a valid tag.
  }
}

/** Sets the texts of all elements under `root` that name a key. */
export function translate(root = document) {
  document.documentElement.lang = current;
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
  for (const node of root.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
}

/** Fills `select` with the languages and calls `changed` when the user chooses another one. */
export function offer(select, changed) {
  select.replaceChildren(
    ...Object.entries(LANGUAGES).map(([tag, words]) => new Option(words.name, tag, false, tag === current)),
  );
  for (const option of select.options) option.lang = option.value;
  select.addEventListener("change", () => {
    current = select.value;
    try {
      localStorage.setItem(STORAGE_KEY, current);
    } catch {
      // Without storage the choice lasts until the page is closed.
    }
    translate();
    changed();
  });
}
