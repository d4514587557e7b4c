/**
 * The description of the operations, drawn from openapi.json: what each takes and gives. Loads
 * nothing else.
 */

/** @typedef {Record<string, any>} Schema */

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * A schema in a few words or lines.
 * @param {Schema | undefined} schema
 * @param {Record<string, Schema>} known
 * @param {string} indent
 * @returns {string}
 */
function words(schema, known, indent = "") {
  if (!schema) return "anything";
  if (schema.$ref) return words(known[schema.$ref.split("/").pop()], known, indent);
  if (schema.anyOf) {
    return schema.anyOf.map((/** @type {Schema} */ one) => words(one, known, indent)).join(" | ");
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((/** @type {any} */ one) => JSON.stringify(one)).join(" | ");
  if (schema.type === "array") return `[${words(schema.items, known, indent)}, ...]`;
  if (schema.type === "object" && schema.properties) {
    const inner = `${indent}  `;
    const required = new Set(schema.required ?? []);
    const lines = Object.entries(schema.properties).map(([name, field]) => {
      const mark = required.has(name) ? "" : "?";
      const about = field.description ? `  -- ${field.description}` : "";
      return `${inner}${name}${mark}: ${words(field, known, inner)}${about}`;
    });
    return `{\n${lines.join("\n")}\n${indent}}`;
  }
  if (schema.type === "object" && typeof schema.additionalProperties === "object") {
    return `{name: ${words(schema.additionalProperties, known, indent)}}`;
  }
  return `${schema.type ?? "anything"}${range(schema)}`;
}

/** @param {Schema} schema */
function range(schema) {
  const low = schema.minimum ?? schema.exclusiveMinimum;
  const high = schema.maximum ?? schema.exclusiveMaximum;
  if (low === undefined && high === undefined) return "";
  return ` (${low ?? "..."} to ${high ?? "..."})`;
}

/**
 * What a body is: JSON with its fields, or the types of a file.
 * @param {Schema} body
 * @param {Record<string, Schema>} known
 */
function bodyOf(body, known) {
  const json = body.content?.["application/json"];
  if (json) return words(json.schema, known);
  return Object.keys(body.content ?? {}).join(", ");
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Schema} operation
 * @param {Record<string, Schema>} known
 */
function article(method, path, operation, known) {
  const address = element("code", { class: "address" });
  address.append(element("span", { class: "method" }, method.toUpperCase()), ` ${path}`);
  const made = element(
    "article",
    { id: operation.operationId },
    element("h3", {}, operation.summary),
    element("p", {}, address),
    element("p", {}, operation.description ?? ""),
  );
  const options = (operation.parameters ?? []).filter((/** @type {Schema} */ one) => one.in === "query");
  if (options.length) {
    const list = element("dl", {});
    for (const option of options) {
      const said = [option.description, words(option.schema, known)].filter(Boolean).join(" ");
      const otherwise = option.schema.default;
      const end = otherwise === undefined ? "" : `; default ${JSON.stringify(otherwise)}`;
      list.append(element("dt", {}, `?${option.name}=`), element("dd", {}, said + end));
    }
    made.append(list);
  }
  if (operation.requestBody) {
    const about = operation.requestBody.description;
    const content = Object.values(operation.requestBody.content)[0];
    made.append(element("p", {}, `Takes: ${about ?? content.schema?.description ?? ""}`));
    made.append(element("pre", { tabindex: "0" }, bodyOf(operation.requestBody, known)));
  }
  for (const [status, answer] of Object.entries(operation.responses)) {
    if (!/^2/.test(status)) continue;
    const gives = bodyOf(answer, known);
    made.append(element("p", {}, `Gives ${status}${gives ? ":" : "."}`));
    if (gives) made.append(element("pre", { tabindex: "0" }, gives));
  }
  return made;
}

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`There is no element ${id}.`);
  return found;
}

async function draw() {
  const answer = await fetch("openapi.json");
  const description = await answer.json();
  byId("about").textContent = description.info.description;
  /** @type {Map<string, Node[]>} */
  const sections = new Map();
  const links = element("ul", {});
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? "more";
      const list = sections.get(tag) ?? [];
      list.push(article(method, path, operation, description.components.schemas));
      sections.set(tag, list);
      links.append(
        element("li", {}, element("a", { href: `#${operation.operationId}` }, operation.summary)),
      );
    }
  }
  byId("contents").append(links);
  for (const [tag, articles] of sections) {
    byId("operations").append(element("h2", {}, tag), ...articles);
  }
}

draw().catch((error) => {
  byId("about").textContent = `The description cannot be shown: ${error.message}`;
});
