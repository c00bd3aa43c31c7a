// Shows /openapi.json for reading: the routes by tag, each with a curl command.

import * as api from "./api.js";
import { decoded } from "./address.js";
import { askForKey } from "./dialogs.js";
import { announce, element, fill, showProblem } from "./view.js";
import { offer, t, translate } from "./languages.js";
import { Schemas, words } from "./schema.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const UNTAGGED = "other";

const main = document.getElementById("api");
const contents = document.getElementById("contents");
let description = null;

/** Groups the operations by tag, in the order of the description's tags. */
function byTag({ paths, tags = [] }) {
  const groups = new Map(tags.map(({ name, description: about }) => [name, { about, operations: [] }]));
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS.filter((name) => item[name])) {
      const operation = item[method];
      const tag = operation.tags?.[0] ?? UNTAGGED;
      if (!groups.has(tag)) groups.set(tag, { operations: [] });
      groups.get(tag).operations.push({
        ...operation,
        path,
        method,
        parameters: [...(item.parameters ?? []), ...(operation.parameters ?? [])],
        anchor: operation.operationId ?? `${method}-${path}`,
      });
    }
  }
  return [...groups].filter(([, { operations }]) => operations.length);
}

function render() {
  if (!description) return;
  const groups = byTag(description);
  const requests = new Schemas(description);
  const replies = new Schemas(description, false);
  fill(
    contents,
    groups.map(([tag, { operations }]) =>
      element(
        "section",
        {},
        element("h2", { lang: "en" }, tag),
        element(
          "ul",
          {},
          operations.map(({ anchor, method, path }) =>
            element("li", {}, element("a", { href: `#${anchor}` }, verb(method), path)),
          ),
        ),
      ),
    ),
  );
  fill(
    main,
    element("h1.tagline", { lang: "en" }, `${description.info.title} ${description.info.version}`),
    element("p.lede", { lang: "en" }, words(description.info.description ?? "")),
    groups.map(([tag, { about, operations }]) => [
      element("h2.tag", { lang: "en" }, tag, about ? element("span.aside", {}, about) : null),
      operations.map((operation) => article(operation, requests, replies)),
    ]),
  );
  document.getElementById(decoded(location.hash.slice(1)))?.scrollIntoView();
}

function verb(method) {
  return element(`span.verb.${method}`, {}, method.toUpperCase());
}

function article(operation, requests, replies) {
  const { anchor, method, path, summary, description: about, parameters, requestBody, responses } = operation;
  const body = requests.resolve(requestBody);
  return element(
    "article.operation",
    { id: anchor, lang: "en" },
    element("h3", {}, element("a", { href: `#${anchor}` }, verb(method), element("code", {}, path))),
    element("p.summary", {}, summary ?? ""),
    about ? element("p", {}, words(about)) : null,
    command(curl(operation, body, requests)),
    parameters.length
      ? part(
          "docs.parameters",
          element(
            "ul.schema",
            {},
            parameters.map((named) => parameter(requests.resolve(named), requests)),
          ),
        )
      : null,
    body
      ? part(
          "docs.request",
          Object.entries(body.content ?? {}).map(([type, media]) => content(type, media, requests)),
        )
      : null,
    part(
      "docs.responses",
      Object.entries(responses ?? {})
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([status, response]) => answer(status, replies.resolve(response), replies)),
    ),
  );
}

function part(key, ...children) {
  return element("section", {}, element("h4", { lang: document.documentElement.lang }, t(key)), ...children);
}

function parameter({ name, in: place, required, description: about, schema, example }, schemas) {
  return schemas.property(
    name,
    { ...schema, description: about ?? schema?.description, example: example ?? schema?.example },
    required,
    place,
  );
}

function content(type, { schema, example, examples }, schemas) {
  const shown = example ?? Object.values(examples ?? {})[0]?.value;
  return element(
    "div.content",
    {},
    element("p.aside", {}, element("code", {}, type)),
    schema ? schemas.tree(schema) : null,
    shown === undefined
      ? null
      : element(
          "details",
          {},
          element("summary", {}, t("docs.example")),
          element("pre", { tabindex: "0" }, pretty(shown)),
        ),
  );
}

/** A successful response with its shape; an error with its meaning only, since all errors have the same shape. */
function answer(status, { description: about, content: media }, schemas) {
  const line = element("p.response", {}, element("code", {}, status), " ", words(about ?? ""));
  const full = status.startsWith("2") && media;
  return element(
    "div",
    {},
    line,
    full ? Object.entries(media).map(([type, shape]) => content(type, shape, schemas)) : null,
  );
}

function pretty(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** A shell command that sends the operation's example. */
function curl({ method, path, parameters, security }, body, schemas) {
  const parts = ["curl -s"];
  if (method !== "get" && !(method === "post" && body)) parts.push(`-X ${method.toUpperCase()}`);
  const needed = parameters
    .map((parameter) => schemas.resolve(parameter))
    .filter(({ in: place, required }) => place === "query" && required);
  const query = needed
    .map(({ name, example }) => `${name}=${encodeURIComponent(example ?? name.toUpperCase())}`)
    .join("&");
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => name.toUpperCase());
  parts.push(quoted(location.origin + filled + (query && `?${query}`)));
  if ((security ?? description.security)?.some((scheme) => Object.keys(scheme).length))
    parts.push(`-H "Authorization: Bearer $FOOTNOTE_API_KEY"`);
  const [type, media] = Object.entries(body?.content ?? {})[0] ?? [];
  if (type === "multipart/form-data") parts.push("-F file=@FILE");
  else if (type)
    parts.push(
      `-H ${quoted(`Content-Type: ${type}`)}`,
      `-d ${quoted(JSON.stringify(media.example ?? schemas.example(media.schema)))}`,
    );
  return parts.join(" ");
}

/** Quotes `text` as one word for a POSIX shell. */
function quoted(text) {
  return /^[\w:/.?=&%-]+$/.test(text) && !/[?&]/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function command(line) {
  const copy = element(
    "button.plain",
    {
      type: "button",
      onclick: async () => {
        await navigator.clipboard.writeText(line).then(
          () => {
            copy.textContent = t("docs.copied");
            announce(t("docs.copied"));
          },
          () => getSelection().selectAllChildren(code),
        );
      },
    },
    t("docs.copy"),
  );
  const code = element("pre", { tabindex: "0" }, line);
  return element("div.command", {}, code, copy);
}

api.onKeyNeeded(askForKey);
translate();
offer(document.getElementById("language"), render);
try {
  description = await (await api.send("/openapi.json")).json();
  render();
} catch (problem) {
  showProblem(main, problem);
}
