// Requests to the server that the page is from. Whatever fails is a Problem, in the server's own words.

import { t } from "./languages.js";

const KEY = "footnote.key";
/** What a header can carry as a key. */
const POSSIBLE = /^[\x21-\x7e]+$/;

/** What went wrong (`detail`) and what to do about it (`hint`). */
export class Problem extends Error {
  constructor({ status = 0, detail, hint }) {
    super(detail);
    Object.assign(this, { status, detail, hint });
  }
}

let promptForKey = async () => null;
let prompting = null;

/** `prompt` is called with a Problem when the server asks for a key; it resolves to one, or to null. */
export function onKeyNeeded(prompt) {
  promptForKey = prompt;
}

/** Asks for a key, once for all requests that wait for one. Whether there is one now. */
async function obtainKey(problem, refused) {
  if (refused !== key()) return true; // Another request has got one meanwhile.
  prompting ??= possibleKey(problem).finally(() => (prompting = null));
  const given = await prompting;
  if (given) keep(given);
  return Boolean(given);
}

async function possibleKey(problem) {
  for (;;) {
    const given = await promptForKey(problem);
    if (!given || POSSIBLE.test(given)) return given;
    problem = new Problem({ detail: t("key.impossible"), hint: t("key.impossible.hint") });
  }
}

/** The key for as long as the page, where the browser keeps nothing for the tab. */
let held = null;

function key() {
  try {
    return sessionStorage.getItem(KEY) ?? held;
  } catch {
    return held;
  }
}

function keep(given) {
  held = given;
  try {
    sessionStorage.setItem(KEY, given);
  } catch {
    // Then it is asked for again on the next page.
  }
}

function authorised(headers = {}) {
  const given = key();
  return given ? { ...headers, Authorization: `Bearer ${given}` } : headers;
}

/** Sends a request and gives its response if that is a success. */
export async function send(path, { headers, ...options } = {}) {
  for (;;) {
    const used = key();
    const response = await fetch(path, { ...options, headers: authorised(headers) }).catch((error) => {
      throw error.name === "AbortError" ? error : unreachable();
    });
    if (response.ok) return response;
    const problem = problemOf(response.status, await response.text());
    if (response.status !== 401 || !(await obtainKey(problem, used))) throw problem;
  }
}

function unreachable() {
  return new Problem({ detail: t("error.network"), hint: t("error.network.hint") });
}

function problemOf(status, body) {
  try {
    return new Problem({ ...JSON.parse(body), status });
  } catch {
    return new Problem({ status, detail: t("error.status", { status }) });
  }
}

async function json(path, options) {
  return (await send(path, options)).json();
}

function query(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

/** Asks `question`, as the address of the page has it. */
export function ask({ q, collection, source, tag, language, since, until }, signal) {
  const published = { ...(since && { gte: since }), ...(until && { lte: until }) };
  const filter = { source, tags: tag, language, published: since || until ? published : undefined };
  const body = JSON.stringify({
    question: q,
    collection,
    filter: Object.values(filter).some(Boolean) ? filter : undefined,
  });
  return json("/v1/ask", { method: "POST", headers: { "Content-Type": "application/json" }, body, signal });
}

export function collections() {
  return json("/v1/collections");
}

export function documents(collection, after, limit) {
  return json(`/v1/documents${query({ collection, after, limit })}`);
}

export function document(id, collection) {
  return json(`/v1/documents/${encodeURIComponent(id)}${query({ collection })}`);
}

export function remove(id, collection) {
  return send(`/v1/documents/${encodeURIComponent(id)}${query({ collection })}`, { method: "DELETE" });
}

/**
 * The bytes of a document's stored text from about `start` to about `end`: `{ start, end, bytes }`, widened to whole
 * characters. The server refuses to cut a character and names the nearest part that does not.
 */
export async function text(id, collection, start, end) {
  const part = (bytes) => send(`/v1/documents/${encodeURIComponent(id)}/text${query({ bytes, collection })}`);
  const read = async (response) => new Uint8Array(await response.arrayBuffer());
  try {
    return { start, end, bytes: await read(await part(`${start}-${end}`)) };
  } catch (problem) {
    const nearest = problem.status === 416 && /(\d+)-(\d+)$/.exec(problem.hint ?? "");
    if (!nearest) throw problem;
    const [, from, to] = nearest.map(Number);
    return { start: from, end: to, bytes: await read(await part(`${from}-${to}`)) };
  }
}

/** Uploads files; `progress` is called with the bytes sent so far. Fetch does not tell that, XMLHttpRequest does. */
export async function upload(files, collection, progress) {
  for (;;) {
    const used = key();
    const { status, body } = await sendForm(files, collection, progress);
    if (status >= 200 && status < 300) return JSON.parse(body);
    const problem = status ? problemOf(status, body) : unreachable();
    if (status !== 401 || !(await obtainKey(problem, used))) throw problem;
  }
}

function sendForm(files, collection, progress) {
  const form = new FormData();
  if (collection) form.append("collection", collection);
  for (const file of files) form.append("file", file, file.name);
  const request = new XMLHttpRequest();
  return new Promise((done) => {
    request.upload.addEventListener("progress", ({ loaded }) => progress(loaded));
    request.addEventListener("loadend", () => done({ status: request.status, body: request.responseText }));
    request.open("POST", "/v1/documents");
    for (const [name, value] of Object.entries(authorised())) request.setRequestHeader(name, value);
    request.send(form);
  });
}
