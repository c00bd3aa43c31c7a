// The page as a whole: what its address asks for is shown, and what is done on it changes its address.

import * as api from "./api.js";
import { askForKey } from "./dialogs.js";
import { announce, element, fill, opens, showProblem } from "./view.js";
import { documentAddress, questionAddress, questionOf, read } from "./address.js";
import { number, offer, t, translate } from "./languages.js";
import { Panel } from "./panel.js";
import { showAnswer } from "./answer.js";

const FILTERS = ["source", "tag", "language", "since", "until"];

const at = (id) => document.getElementById(id);
const [form, answer, notes, welcome, picker, filters] = [
  "ask",
  "answer",
  "notes",
  "welcome",
  "collection",
  "filters",
].map(at);
const fields = form.elements;

/** The question that the page is about, its address and its answer. */
let asked = { address: null, question: null, response: null };
/** What is being asked now. */
let under = null;
/** The collections; null until they are known. */
let collections = null;

const panel = new Panel(at("panel"), at("column"), {
  collection: chosen,
  changed: () => void loadCollections(),
  show,
  title,
  home: () => asked.address ?? "/",
});

/** Brings the page to what its address says. */
function show() {
  const wanted = read(location);
  if (wanted.document) {
    if (wanted.document.collection) choose(wanted.document.collection);
  } else {
    showQuestion(wanted.question);
  }
  if (wanted.document || wanted.library) panel.show(wanted);
  else panel.close();
  pointOut(wanted);
}

/** Marks the footnote that is open, and the list if it is. */
function pointOut({ document: opened, library }) {
  const address = opened && location.pathname + location.search + location.hash;
  const current = (link, is) => (is ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));
  for (const link of at("column").querySelectorAll("main a[href]"))
    current(link, link.getAttribute("href") === address);
  current(at("to-documents"), library);
}

function go(address) {
  history.pushState(null, "", address);
  show();
}

function title(words = asked.question?.q) {
  document.title = [words, "Footnote"].filter(Boolean).join(" — ");
}

// The question and its answer.

function showQuestion(question) {
  const address = questionAddress(question);
  if (address === asked.address) return;
  asked = { address, question, response: null };
  under?.abort();
  for (const name of ["q", ...FILTERS]) fields[name].value = question?.[name] ?? "";
  if (question?.collection) choose(question.collection);
  if (countFilters()) filters.open = true;
  title();
  fill(notes);
  fill(answer);
  renderWelcome();
  if (question) void ask();
}

async function ask() {
  const { question } = asked;
  under?.abort();
  const own = (under = new AbortController());
  answer.setAttribute("aria-busy", "true");
  try {
    const response = await api.ask(question, own.signal);
    if (under !== own) return;
    asked.response = response;
    renderAnswer();
  } catch (problem) {
    if (under !== own || own.signal.aborted) return;
    fill(notes);
    showProblem(answer, problem, () => void ask());
  } finally {
    if (under === own) answer.removeAttribute("aria-busy");
  }
}

function renderAnswer() {
  if (!asked.response) return;
  const collection = asked.question.collection ?? only();
  const place = ({ document, span }) => documentAddress(document.id, collection, span.bytes);
  showAnswer(answer, notes, asked.response, place, (citation) => panel.go(place(citation)));
  pointOut(read(location));
}

function renderWelcome() {
  welcome.hidden = asked.question !== null;
  const count = collections?.reduce((sum, { documents }) => sum + documents, 0);
  const words = t(count ? "documents.see" : "documents.first");
  const link = element("a", { href: "/#documents", onclick: opens(() => panel.go("/#documents")) }, words);
  const known =
    count === undefined ? null : element("p.aside", {}, t("documents.count", { documents: number(count) }), " ", link);
  fill(welcome, element("p.lede", {}, t("lede")), known);
}

function countFilters() {
  const count = FILTERS.filter((name) => fields[name].value.trim()).length;
  filters.classList.toggle("set", count > 0);
  return count;
}

// Collections.

/** The name of the only collection; none if there are several, or that is not known. */
function only() {
  return collections?.length === 1 ? collections[0].name : undefined;
}

/** The collection that was chosen; none leaves the choice to the server. */
function chosen() {
  return picker.value || only();
}

function choose(name) {
  if (![...picker.options].some(({ value }) => value === name)) picker.add(new Option(name, name));
  picker.value = name;
}

async function loadCollections() {
  const before = only();
  try {
    ({ collections } = await api.collections());
  } catch {
    return; // What is asked, opened or listed will say what is wrong.
  }
  const wanted = picker.value;
  const named = collections.map(({ name, documents }) => new Option(`${name} (${number(documents)})`, name));
  picker.replaceChildren(new Option(t("collection.default"), ""), ...named);
  if (wanted) choose(wanted);
  at("picker").hidden = collections.length < 2;
  renderWelcome();
  // Drawn anew it is read aloud anew, so only where its links change.
  if (only() !== before) renderAnswer();
}

/** Offers the sources, tags and languages of the first documents. */
async function suggest() {
  const { documents } = await api.documents(chosen(), undefined, 500).catch(() => ({ documents: [] }));
  const offers = {
    sources: ({ source }) => source,
    tags: ({ tags }) => tags,
    "document-languages": ({ language }) => language,
  };
  for (const [list, of] of Object.entries(offers)) {
    const values = new Set(documents.flatMap((document) => of(document) ?? []));
    fill(
      at(list),
      [...values].sort().map((value) => element("option", { value })),
    );
  }
}

// What is done on the page.

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = questionOf(new URLSearchParams(new FormData(form)));
  if (!question) return fields.q.focus();
  // A keyboard on the screen would cover the answer.
  if (matchMedia("(pointer: coarse)").matches) fields.q.blur();
  if (questionAddress(question) === location.pathname + location.search) return void ask();
  go(questionAddress(question));
});
form.addEventListener("input", countFilters);
form.addEventListener("reset", (event) => {
  event.preventDefault();
  for (const name of FILTERS) fields[name].value = "";
  countFilters();
});
filters.addEventListener("toggle", () => filters.open && void suggest());
picker.addEventListener("change", () => {
  if (panel.library) panel.again(read(location));
  else if (fields.q.value.trim()) form.requestSubmit();
});

at("home").addEventListener(
  "click",
  opens(() => go("/")),
);
at("skip").addEventListener(
  "click",
  opens(() => fields.q.focus()),
);
at("to-documents").addEventListener(
  "click",
  opens(() => {
    if (read(location).library) panel.leave();
    else panel.go(`${asked.address ?? "/"}#documents`);
  }),
);
addEventListener("popstate", show);
addEventListener("keydown", (event) => {
  const elsewhere =
    event.target.closest?.("input, select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey;
  if (event.key !== "/" || elsewhere || at("column").inert) return;
  event.preventDefault();
  fields.q.select();
});

// Files that are dropped anywhere are added.

const brings = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  at("drop").hidden = false;
});
addEventListener("dragleave", (event) => event.relatedTarget === null && (at("drop").hidden = true));
addEventListener("drop", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  at("drop").hidden = true;
  const files = [...event.dataTransfer.items]
    .filter((item) => item.kind === "file" && !item.webkitGetAsEntry()?.isDirectory)
    .map((item) => item.getAsFile());
  if (!panel.library) panel.go(`${asked.address ?? "/"}#documents`);
  void panel.library.add(files);
});

api.onKeyNeeded(askForKey);
translate();
offer(at("language"), () => {
  renderWelcome();
  renderAnswer();
  void loadCollections();
  panel.again(read(location));
});
show();
void loadCollections();
