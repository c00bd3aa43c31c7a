// Requests to the server that served the page. Every failure is thrown as a Problem.

import { several } from "./address.js";
import { t } from "./languages.js";

const KEY = "footnote.key";
/** Keys that an HTTP header can carry. */
const VALID_KEY = /^[\x21-\x7e]+$/;

/** What went wrong (`detail`), what to do about it (`hint`), and the language of both where it is not the page's. */
export class Problem extends Error {
  constructor({ status = 0, detail, hint, lang }) {
    super(detail);
    Object.assign(this, { status, detail, hint, lang });
  }
}

let promptForKey = async () => null;
let prompting = null;

/** Sets the function that asks the user for a key. It is called with a Problem and resolves to a key or null. */
export function onKeyNeeded(prompt) {
  promptForKey = prompt;
}

/**
 * Asks the user for a key after the server refused `refused`, once for all requests that wait for one. Returns whether
 * there is a key to try.
 */
async function obtainKey(refused) {
  if (refused !== key()) return true; // Another request has obtained one in the meantime.
  prompting ??= promptForValidKey(refused).finally(() => (prompting = null));
  const given = await prompting;
  if (given) keep(given);
  return Boolean(given);
}

async function promptForValidKey(refused) {
  let problem = new Problem({ detail: t(refused ? "key.refused" : "key.needed") });
  for (;;) {
    const given = await promptForKey(problem);
    if (!given || VALID_KEY.test(given)) return given;
    problem = new Problem({ detail: t("key.impossible"), hint: t("key.impossible.hint") });
  }
}

/** The key, if the browser's session storage is not available. */
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
    // Without storage the user is asked again on the next page.
  }
}

function authorised(headers = {}) {
  const given = key();
  return given ? { ...headers, Authorization: `Bearer ${given}` } : headers;
}

/** Sends a request, with the key if there is one. Returns the response if it succeeded. */
export async function send(path, { headers, ...options } = {}) {
  for (;;) {
    const used = key();
    const response = await fetch(path, { ...options, headers: authorised(headers) }).catch((error) => {
      throw error.name === "AbortError" ? error : unreachable();
    });
    if (response.ok) return response;
    const problem = problemOf(response.status, await response.text());
    if (response.status !== 401 || !(await obtainKey(used))) throw problem;
  }
}

function unreachable() {
  return new Problem({ detail: t("error.network"), hint: t("error.network.hint") });
}

function problemOf(status, body) {
  try {
    return new Problem({ ...JSON.parse(body), status, lang: "en" });
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

/**
 * Asks a question, with the mode and the filters that the page's address can hold. A language model takes its time, so an
 * answer that it writes is streamed: `progress` is called with the response so far whenever a sentence has come.
 */
export async function ask(question, signal, progress) {
  const request = post({ ...asked(question), mode: question.mode, stream: progress ? true : undefined }, signal);
  if (!progress) return json("/v1/ask", request);
  const partial = { answer: { answerable: true, sentences: [] }, citations: [] };
  for await (const [name, data] of events(await send("/v1/ask", request))) {
    if (name === "answer.done") return data;
    if (name === "error") throw new Problem({ ...data, lang: "en" });
    if (name === "answer.delta") partial.answer.sentences.push(data.sentence);
    if (name === "citation") partial.citations.push(data);
    if (name !== "passages") progress(partial);
  }
  throw unreachable();
}

/** Searches for passages, with the filters that the page's address can hold and further `options` of the API. */
export function search(question, options, signal) {
  return json("/v1/search", post({ ...asked(question), ...options }, signal));
}

/** A question as the API reads it. */
function asked({ q, collection, source, tag, language, since, until }) {
  const published = { ...(since && { gte: since }), ...(until && { lte: until }) };
  const filter = { source, tags: tag, language, published: since || until ? published : undefined };
  return { question: q, ...collectionsOf(collection), filter: Object.values(filter).some(Boolean) ? filter : undefined };
}

function post(body, signal) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal };
}

/** The server-sent events of a response: pairs of a name and data. */
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { done, value } = await reader.read().catch((error) => {
      throw error.name === "AbortError" ? error : unreachable();
    });
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const field = (name) => new RegExp(`^${name}: ?(.*)$`, "m").exec(part)?.[1];
      const data = field("data");
      if (data) yield [field("event"), JSON.parse(data)];
    }
  }
}

/** What is asked: one collection, several together, or the server's default. */
function collectionsOf(collection) {
  const names = several(collection);
  return names ? { collections: names } : { collection };
}

/** Keeps feedback on an answer; returns it with its id. */
export function giveFeedback(feedback) {
  const body = JSON.stringify(feedback);
  return json("/v1/feedback", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

export function takeBack(id, collection) {
  return send(`/v1/feedback/${encodeURIComponent(id)}${query({ collection })}`, { method: "DELETE" });
}

export function collections() {
  return json("/v1/collections");
}

export function createCollection(name) {
  const body = JSON.stringify({ name });
  return json("/v1/collections", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

export function removeCollection(name) {
  return send(`/v1/collections/${encodeURIComponent(name)}`, { method: "DELETE" });
}

/** A page of documents. `options` are the parameters of the list: `after`, `limit`, `q`, `sort` and filters. */
export function documents(collection, options) {
  return json(`/v1/documents${query({ collection, ...options })}`);
}

export function document(id, collection) {
  return json(`/v1/documents/${encodeURIComponent(id)}${query({ collection })}`);
}

/** What is known of a document's file, and where the bytes `[start, end]` of its text stand in it, if they are given. */
export function place(id, collection, bytes) {
  return json(`/v1/documents/${encodeURIComponent(id)}/place${query({ bytes: bytes?.join("-"), collection })}`);
}

/** Rows of a sheet. `options` are `sheet`, `bytes`, `skip` and `limit`. */
export function sheet(id, collection, { bytes, ...options }) {
  return json(`/v1/documents/${encodeURIComponent(id)}/sheet${query({ ...options, bytes: bytes?.join("-"), collection })}`);
}

/** A picture of a page, as a Blob. */
export async function picture(id, collection, page, scale) {
  const response = await send(`/v1/documents/${encodeURIComponent(id)}/pages/${page}.png${query({ scale, collection })}`);
  return response.blob();
}

/** The file that a document was read from, as a Blob. A link could not send the key. */
export async function original(id, collection) {
  return (await send(`/v1/documents/${encodeURIComponent(id)}/original${query({ collection })}`)).blob();
}

/** What the server does and did in the background. */
export function jobs() {
  return json("/v1/jobs");
}

export function cancelJob(id) {
  return send(`/v1/jobs/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export function remove(id, collection) {
  return send(`/v1/documents/${encodeURIComponent(id)}${query({ collection })}`, { method: "DELETE" });
}

/**
 * Fetches part of a document's text as `{ start, end, bytes }`, widened to whole characters: the server refuses a range
 * that cuts a character, and its hint ends with the nearest range that does not.
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

/**
 * Uploads a file under the name `path`; calls `progress` with the number of bytes sent. Uses XMLHttpRequest, since fetch
 * has no such event. Throws an AbortError if `signal` is aborted before all of it is sent.
 */
export async function upload(file, path, collection, { progress, signal }) {
  for (;;) {
    const used = key();
    const { status, body } = await sendForm(file, path, collection, progress, signal);
    if (status >= 200 && status < 300) return JSON.parse(body);
    const problem = status ? problemOf(status, body) : unreachable();
    if (status !== 401 || !(await obtainKey(used))) throw problem;
  }
}

function sendForm(file, path, collection, progress, signal) {
  const form = new FormData();
  if (collection) form.append("collection", collection);
  form.append("file", file, path);
  const request = new XMLHttpRequest();
  return new Promise((done, fail) => {
    signal.addEventListener("abort", () => {
      fail(signal.reason);
      request.abort();
    });
    request.upload.addEventListener("progress", ({ loaded }) => progress(loaded));
    request.addEventListener("loadend", () => done({ status: request.status, body: request.responseText }));
    request.open("POST", "/v1/documents");
    // A large request would be answered with a job.
    request.setRequestHeader("Prefer", "wait=86400");
    for (const [name, value] of Object.entries(authorised())) request.setRequestHeader(name, value);
    request.send(form);
  });
}
