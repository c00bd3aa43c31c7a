// Renders JSON Schema (as used by OpenAPI 3.1): fields with their types and descriptions.

import { element } from "./view.js";
import { t } from "./languages.js";

/** Schemas nested deeper than this are not expanded. */
const MAX_DEPTH = 6;

/** Renders `text` with code between backticks. */
export function words(text) {
  return text.split("`").map((part, at) => (at % 2 ? element("code", {}, part) : part));
}

/** Renders the schemas of an OpenAPI description. `required` says whether to label required fields. */
export class Schemas {
  constructor(description, required = true) {
    Object.assign(this, { description, required });
  }

  /** Resolves `value` if it is a reference; members beside the reference take precedence. */
  resolve(value) {
    let found = value;
    for (let steps = 0; found?.$ref?.startsWith("#/") && steps < 10; steps += 1) {
      const { $ref, ...own } = found;
      const names = $ref
        .slice(2)
        .split("/")
        .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
      found = { ...names.reduce((place, name) => place?.[name], this.description), ...own };
    }
    return found;
  }

  /** Unwraps a schema: drops the null option, follows a single option, merges `allOf`. */
  plain(schema) {
    const found = this.resolve(schema) ?? {};
    const options = (found.oneOf ?? found.anyOf ?? found.allOf)?.filter((option) => option.type !== "null");
    if (options?.length === 1) {
      const { oneOf, anyOf, allOf, ...own } = found;
      return { ...this.plain(options[0]), ...own };
    }
    return found.allOf ? this.merged(found) : found;
  }

  /** Merges the parts of an `allOf` into one object schema. */
  merged({ allOf, ...own }) {
    const parts = allOf.map((part) => this.plain(part));
    const properties = Object.assign({}, ...parts.map((part) => part.properties), own.properties);
    const required = [...parts, own].flatMap((part) => part.required ?? []);
    return { ...Object.assign({}, ...parts), ...own, properties, required };
  }

  /** A list of the fields of an object, or of the objects in a list. */
  tree(schema, depth = 0) {
    const found = this.plain(schema);
    if (found.items) return this.tree(found.items, depth);
    const fields = Object.entries(found.properties ?? {});
    const options = (found.oneOf ?? found.anyOf)
      ?.map((option) => this.plain(option))
      .filter((option) => option.properties);
    if (depth > MAX_DEPTH || !(fields.length || options?.length)) return null;
    const required = new Set(found.required ?? []);
    return element(
      "ul.schema",
      {},
      fields.map(([name, field]) => this.property(name, field, required.has(name), null, depth)),
      options?.map((option) => element("li.option", {}, this.tree(option, depth + 1))),
    );
  }

  property(name, schema, required, place, depth = 0) {
    const found = this.plain(schema);
    const inner = this.tree(found, depth + 1);
    const about = schema.description ?? found.description;
    const meanings = this.meanings(found);
    return element(
      "li",
      {},
      element(
        "p.field",
        {},
        element("code", {}, name),
        element("span.type", {}, this.type(schema)),
        place ? element("span.type", {}, place) : null,
        required && this.required
          ? element("span.required", { lang: document.documentElement.lang }, t("docs.required"))
          : null,
      ),
      about ? element("p.about", {}, words(about)) : null,
      meanings,
      inner,
    );
  }

  /** The described values of an enumeration. */
  meanings(found) {
    const options = (found.items ? this.plain(found.items) : found).oneOf;
    const explained = options
      ?.map((option) => [option.const ?? option.enum?.[0], option.description])
      .filter(([value, about]) => value !== undefined && about);
    return explained?.length
      ? element(
          "ul.values",
          {},
          explained.map(([value, about]) => element("li", {}, element("code", {}, String(value)), " ", words(about))),
        )
      : null;
  }

  /** A type as short text: `string`, `[integer]`, `"a" | "b"`, `integer 1–100 | null`. */
  type(schema) {
    const raw = this.resolve(schema) ?? {};
    const nullable =
      [raw.type].flat().includes("null") || (raw.oneOf ?? raw.anyOf)?.some(({ type }) => type === "null");
    const found = this.plain(schema);
    const values =
      found.enum ??
      found.oneOf?.map((option) => option.const ?? option.enum?.[0]).filter((value) => value !== undefined);
    const named = [found.type]
      .flat()
      .filter((type) => type && type !== "null")
      .join(" | ");
    const kind = values?.length
      ? values.map((value) => JSON.stringify(value)).join(" | ")
      : found.items
        ? `[${this.type(found.items)}]`
        : named || (found.properties ? "object" : "any");
    const { minimum = 0, maximum } = found;
    const range = maximum !== undefined ? ` ${minimum}–${maximum}` : minimum > 0 ? ` ≥ ${minimum}` : "";
    return kind + range + (nullable ? " | null" : "");
  }

  /** A value that is valid under a schema, for the curl command. */
  example(schema, depth = 0) {
    const found = this.plain(schema);
    if (found.example !== undefined) return found.example;
    if (found.default !== undefined) return found.default;
    if (found.enum) return found.enum[0];
    if (found.items) return depth > MAX_DEPTH ? [] : [this.example(found.items, depth + 1)];
    if (found.properties) {
      const required = (found.required ?? []).filter((name) => found.properties[name]);
      return Object.fromEntries(required.map((name) => [name, this.example(found.properties[name], depth + 1)]));
    }
    return { integer: found.minimum ?? 1, number: 1, boolean: true, object: {} }[[found.type].flat()[0]] ?? "…";
  }
}
