// The start page: shows what the browser's address asks for, and changes the address when the user acts.

import * as api from "./api.js";
import { askForCollections, askForKey } from "./dialogs.js";
import { announce, element, fill, opens, showProblem } from "./view.js";
import { ALL, documentAddress, questionAddress, questionOf, read, several } from "./address.js";
import { number, offer, t, translate } from "./languages.js";
import { Feedback } from "./feedback.js";
import { Panel } from "./panel.js";
import { Results } from "./results.js";
import { Uploads } from "./uploads.js";
import { dropped } from "./folders.js";
import { showAnswer } from "./answer.js";

const FILTERS = ["source", "tag", "language", "since", "until"];

/** The choice that opens a dialog in which to choose several collections. */
const CHOOSE = "?";

const byId = (id) => document.getElementById(id);
const [form, answer, notes, welcome, picker, filters] = [
  "ask",
  "answer",
  "notes",
  "welcome",
  "collection",
  "filters",
].map(byId);
const fields = form.elements;

/** The question on the page, with its address and its answer. */
let asked = { address: null, question: null, response: null };
/** Cancels the request that is under way. */
let pending = null;
/** The server's collections; null until they are loaded. */
let collections = null;
/** How the server can answer, its default first. */
let modes = ["extract"];

const feedback = new Feedback(byId("feedback"), (citation) => citation?.collection ?? one(asked.question?.collection) ?? only());

const results = new Results(
  { chips: byId("chips"), facets: byId("facets"), more: byId("more") },
  {
    ask: (question) => go(questionAddress(question.q ? question : null)),
    link: (citation) => ({ href: address(citation), onclick: opens(() => panel.go(address(citation))) }),
    shown: () => markCurrent(read(location)),
  },
);

const uploads = new Uploads({
  open: (href) => panel.go(href, { listed: true }),
  changed: () => {
    void panel.library?.load();
    void loadCollections();
  },
});

const panel = new Panel(byId("panel"), byId("column"), {
  uploads,
  collection: chosen,
  collections: () => collections,
  collectionsChanged: async (name) => {
    picker.value = "";
    await loadCollections();
    if (name) choose(name);
    panel.refresh(read(location));
  },
  suggest: () => void suggest(),
  footnotes,
  changed: () => void loadCollections(),
  show,
  title,
  home: () => asked.address ?? "/",
});

/** Updates the page to match its address. */
function show() {
  const wanted = read(location);
  if (wanted.document) {
    // A document of one of several that were asked leaves them chosen.
    if (wanted.document.collection && !several(picker.value)) choose(wanted.document.collection);
  } else {
    showQuestion(wanted.question);
  }
  if (wanted.document || wanted.library) panel.show(wanted);
  else panel.close();
  markCurrent(wanted);
}

/** Marks the links to what is open: a footnote, or the list of documents. */
function markCurrent({ document: opened, library }) {
  const address = opened && location.pathname + location.search + location.hash;
  const mark = (link, isCurrent) =>
    isCurrent ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  for (const link of byId("column").querySelectorAll("main a[href]"))
    mark(link, link.getAttribute("href") === address);
  mark(byId("to-documents"), library);
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
  pending?.abort();
  for (const name of ["q", ...FILTERS]) fields[name].value = question?.[name] ?? "";
  if (question?.collection) choose(question.collection);
  if (question) fields.mode.value = question.mode ?? "";
  if (countFilters()) filters.open = true;
  title();
  fill(notes);
  feedback.clear();
  results.clear();
  fill(answer);
  renderWelcome();
  if (question) void ask();
}

async function ask() {
  const { question } = asked;
  pending?.abort();
  feedback.clear();
  results.clear();
  const request = (pending = new AbortController());
  answer.setAttribute("aria-busy", "true");
  try {
    const isWritten = (question.mode ?? modes[0]) !== "extract";
    const progress = (partial) => pending === request && renderPartial(partial);
    const response = await api.ask(question, request.signal, isWritten ? progress : undefined);
    if (pending !== request) return;
    asked.response = response;
    renderAnswer();
  } catch (problem) {
    if (pending !== request || request.signal.aborted) return;
    fill(notes);
    showProblem(answer, problem, () => void ask());
  } finally {
    if (pending === request) answer.removeAttribute("aria-busy");
  }
}

/** The address of a citation of the present answer. */
function address({ collection, document, span }) {
  return documentAddress(document.id, collection ?? asked.question.collection ?? only(), span.bytes);
}

/** The addresses of the answer's footnotes in the order in which they are shown. */
function footnotes() {
  const links = [notes, byId("more")].flatMap((part) => [...part.querySelectorAll("h3 a[href]")]);
  return links.map((link) => link.getAttribute("href"));
}

function renderAnswer() {
  if (!asked.response) return;
  const isFiltered = FILTERS.some((name) => asked.question[name]);
  showAnswer(answer, notes, asked.response, {
    address,
    open: (citation) => panel.go(address(citation)),
    nothingFound: isEmpty()
      ? { title: t("documents.none"), advice: documentsLink("documents.first"), isEmpty: true }
      : { title: t("unanswered"), advice: t(isFiltered ? "unanswered.filtered" : "unanswered.nothing") },
  });
  results.show(asked.question, asked.response);
  // Feedback is about a question to all documents.
  if (isFiltered || asked.response.answer.operators?.length) feedback.clear();
  else feedback.offer(asked.question, asked.response);
  markCurrent(read(location));
}

/** Shows the sentences of an answer that is being written. */
function renderPartial(response) {
  showAnswer(answer, notes, response, { address, open: (citation) => panel.go(address(citation)), nothingFound: {} });
}

function renderWelcome() {
  welcome.hidden = asked.question !== null;
  const count = collections?.reduce((sum, { documents }) => sum + documents, 0);
  const link = documentsLink(count ? "documents.see" : "documents.first");
  const counted =
    count === undefined ? null : element("p.aside", {}, t("documents.count", { documents: number(count) }), " ", link);
  fill(welcome, element("p.lede", {}, t("lede")), counted);
}

/** A link to the list of documents, with the words for `key`. */
function documentsLink(key) {
  const href = `${asked.address ?? "/"}#documents`;
  return element("a", { href, onclick: opens(() => panel.go(href)) }, t(key));
}

/** Whether the collection that was asked has no documents, as far as is known. */
function isEmpty() {
  if (!collections) return false;
  const name = asked.question?.collection ?? only();
  const names = several(name) ?? [name];
  const known = collections.filter((collection) => names.includes(collection.name));
  const areEmpty = (counted) => counted.every((collection) => collection.documents === 0);
  return (known.length > 0 && areEmpty(known)) || areEmpty(collections);
}

function countFilters() {
  const count = FILTERS.filter((name) => fields[name].value.trim()).length;
  filters.classList.toggle("set", count > 0);
  return count;
}

// Collections.

/** The name of the only collection; undefined if there are several or they are not loaded yet. */
function only() {
  return collections?.length === 1 ? collections[0].name : undefined;
}

/** The chosen collection, the first of several; undefined leaves the choice to the server. */
function chosen() {
  return one(picker.value) ?? only();
}

/** The first of the collections in the value of a choice; undefined if that is the server's default. */
function one(value) {
  return value === ALL ? undefined : several(value)?.[0] ?? (value || undefined);
}

function choose(name) {
  const known = [...picker.options].some(({ value }) => value === name);
  if (!known) picker.add(new Option(several(name)?.join(", ") ?? name, name));
  picker.value = name;
  picked = picker.value;
}

/** What was picked last, for a dialog that is cancelled. */
let picked = "";

/** Asks which collections to ask together. */
async function chooseSeveral() {
  const names = collections.map(({ name }) => name);
  const before = picked === ALL ? names : several(picked) ?? [picked];
  picker.value = picked;
  const wanted = await askForCollections(names, before);
  if (!wanted?.length) return;
  choose(wanted.length === names.length ? ALL : wanted.join(","));
  picker.dispatchEvent(new Event("change"));
}

async function loadCollections() {
  const [before, wasEmpty] = [only(), isEmpty()];
  try {
    ({ collections, modes = modes } = await api.collections());
  } catch {
    return; // The next request shows what is wrong.
  }
  const wanted = picker.value;
  const named = collections.map(({ name, documents }) => new Option(`${name} (${number(documents)})`, name));
  const together = [new Option(t("collection.all"), ALL), new Option(t("collection.several"), CHOOSE)];
  picker.replaceChildren(new Option(t("collection.default"), ""), ...named, ...(named.length > 1 ? together : []));
  if (wanted) choose(wanted);
  byId("picker").hidden = collections.length < 2;
  offerModes();
  renderWelcome();
  // Screen readers announce the answer again when it is rendered, so only render it if it changes.
  if (wasEmpty && !isEmpty() && asked.question) void ask();
  else if (only() !== before || isEmpty()) renderAnswer();
}

/** The modes to choose from, if there are several. The value of the default is empty, so that addresses leave it out. */
function offerModes() {
  const chosenMode = fields.mode.value || asked.question?.mode;
  fields.mode.replaceChildren(...modes.map((mode, at) => new Option(t(`mode.${mode}`), at ? mode : "")));
  fields.mode.value = modes.includes(chosenMode) && chosenMode !== modes[0] ? chosenMode : "";
  byId("modes").hidden = modes.length < 2;
}

/** Suggests filter values: the sources, tags and languages of the first documents. */
async function suggest() {
  const { documents } = await api.documents(chosen(), { limit: 500 }).catch(() => ({ documents: [] }));
  const offers = {
    sources: ({ source }) => source,
    tags: ({ tags }) => tags,
    "document-languages": ({ language }) => language,
  };
  for (const [list, of] of Object.entries(offers)) {
    const values = new Set(documents.flatMap((document) => of(document) ?? []));
    fill(
      byId(list),
      [...values].sort().map((value) => element("option", { value })),
    );
  }
}

// Event handlers.

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = questionOf(new URLSearchParams(new FormData(form)));
  if (!question) return fields.q.focus();
  // An on-screen keyboard would cover the answer.
  if (matchMedia("(pointer: coarse)").matches) fields.q.blur();
  if (questionAddress(question) === location.pathname + location.search) return void ask();
  go(questionAddress(question));
});
fields.q.addEventListener("keydown", (event) => {
  // Shift and Enter make a new line; Enter may also confirm a choice of an input method.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
form.addEventListener("input", countFilters);
form.addEventListener("reset", (event) => {
  event.preventDefault();
  for (const name of FILTERS) fields[name].value = "";
  countFilters();
});
filters.addEventListener("toggle", () => filters.open && void suggest());
picker.addEventListener("change", () => {
  if (picker.value === CHOOSE) return void chooseSeveral();
  picked = picker.value;
  if (panel.library) panel.refresh(read(location));
  else if (fields.q.value.trim()) form.requestSubmit();
});

fields.mode.addEventListener("change", () => {
  if (fields.q.value.trim()) form.requestSubmit();
});

byId("home").addEventListener(
  "click",
  opens(() => go("/")),
);
byId("skip").addEventListener(
  "click",
  opens(() => fields.q.focus()),
);
byId("to-documents").addEventListener(
  "click",
  opens(() => {
    if (read(location).library) panel.leave();
    else panel.go(`${asked.address ?? "/"}#documents`);
  }),
);
addEventListener("popstate", show);
addEventListener("keydown", (event) => {
  const ignored =
    event.target.closest?.("input, select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey;
  if (event.key !== "/" || ignored || byId("column").inert) return;
  event.preventDefault();
  fields.q.select();
});

// Files dropped anywhere on the page are added.

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  byId("drop").hidden = false;
});
addEventListener("dragleave", (event) => event.relatedTarget === null && (byId("drop").hidden = true));
addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  byId("drop").hidden = true;
  const files = dropped(event.dataTransfer);
  if (!panel.library) panel.go(`${asked.address ?? "/"}#documents`);
  const { library } = panel;
  void files.then((found) => library.add(found));
});
addEventListener("beforeunload", (event) => uploads.busy && event.preventDefault());

api.onKeyNeeded(askForKey);
translate();
offer(byId("language"), () => {
  renderWelcome();
  renderAnswer();
  void loadCollections();
  panel.refresh(read(location));
});
show();
void loadCollections();
