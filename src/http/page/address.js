// Reads and writes the page's addresses: a question, a span of a document, or the list of documents.

const CHOICES = ["collection", "mode", "source", "tag", "language", "since", "until"];

/** The question in the parameters of an address or form; null if it is blank. */
export function questionOf(parameters) {
  const text = (parameters.get("q") ?? "").trim().replace(/\s*[\r\n]+\s*/g, " ");
  if (!text) return null;
  const given = CHOICES.map((name) => [name, (parameters.get(name) ?? "").trim()]).filter(([, value]) => value);
  return { q: text, ...Object.fromEntries(given) };
}

/** Stands for all collections. */
export const ALL = "*";

/** The names in the value of a choice of collections; null if it is one collection or the server's default. */
export function several(value) {
  return value === ALL || value?.includes(",") ? value.split(",") : null;
}

/** `/?q=…`, with the collection and filters. */
export function questionAddress(question) {
  const named = ["q", ...CHOICES].filter((name) => question?.[name]).map((name) => [name, question[name]]);
  return named.length ? `/?${new URLSearchParams(named)}` : "/";
}

/** `/documents/ID?collection=NAME#bytes=START-END`. */
export function documentAddress(id, collection, bytes) {
  const query = collection ? `?${new URLSearchParams({ collection })}` : "";
  return `/documents/${encodeURIComponent(id)}${query}${bytes ? `#bytes=${bytes[0]}-${bytes[1]}` : ""}`;
}

/** What `location` asks for: `{ question, document: { id, collection, bytes }, library }`. Absent parts are null or false. */
export function read(location) {
  const parameters = new URLSearchParams(location.search);
  const path = /^\/documents\/(.+)$/.exec(location.pathname);
  const collection = parameters.get("collection") || undefined;
  if (path)
    return {
      question: null,
      library: false,
      document: { id: decoded(path[1]), collection, bytes: bytesOf(location.hash) },
    };
  return { question: questionOf(parameters), document: null, library: location.hash === "#documents" };
}

function bytesOf(hash) {
  const span = /^#bytes=(\d{1,15})-(\d{1,15})$/.exec(hash);
  if (!span) return null;
  const [start, end] = [Number(span[1]), Number(span[2])];
  return start < end ? [start, end] : null;
}

/** Percent-decodes `text`; returns it unchanged if it is malformed. */
export function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
