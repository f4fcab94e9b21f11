// Reads an OpenAPI document: which endpoints there are, what they take, and an example of each.

const METHODS = ["get", "post", "put", "patch", "delete"];
const EXAMPLES = {
  message: "What is the capital of France?",
  messages: [{ role: "user", content: "What is the capital of France?" }],
  question: "How do I descale the coffee machine?",
  questions: ["How do I descale the coffee machine?"],
  q: "coffee machine",
  input: "The kettle is ready.",
  token: "YOUR TOKEN",
};

/** Endpoints `{method, path, tag, about, fields, reply, curl}`, in the document's order. */
export function endpoints(document, { origin, withToken }) {
  const found = [];
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const method of METHODS.filter((one) => one in operations)) {
      const operation = operations[method];
      const [type, body] = bodyOf(document, operation);
      const parameters = operation.parameters ?? [];
      found.push({
        method: method.toUpperCase(),
        path,
        tag: operation.tags?.[0] ?? "",
        about: operation.description ?? operation.summary ?? "",
        fields: [
          ...parameters.map((one) => ofParameter(document, one)),
          ...properties(document, body),
        ],
        reply: properties(document, replyOf(document, operation)),
        curl: curl(document, { method, path: origin + path, parameters, type, body, withToken }),
      });
    }
  }
  return found;
}

/** The fields `{name, type, isRequired, preset, place}` of an object's schema. */
function properties(document, schema) {
  return Object.entries(schema?.properties ?? {}).map(([name, one]) => ({
    name,
    type: typeOf(document, one),
    isRequired: schema.required?.includes(name) ?? false,
    preset: one.default,
    place: "body",
  }));
}

function ofParameter(document, { name, schema, required, in: place }) {
  return {
    name,
    type: typeOf(document, schema),
    isRequired: required === true,
    preset: schema.default,
    place,
  };
}

function bodyOf(document, operation) {
  const [entry] = Object.entries(operation.requestBody?.content ?? {});
  return entry ? [entry[0], resolved(document, entry[1].schema)] : ["", null];
}

function replyOf(document, operation) {
  const schema = operation.responses["200"]?.content?.["application/json"]?.schema;
  return schema ? resolved(document, schema) : null;
}

function resolved(document, schema) {
  if (!schema?.$ref) return schema;
  return schema.$ref
    .replace("#/", "")
    .split("/")
    .reduce((at, part) => at[part], document);
}

function typeOf(document, schema) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.anyOf) return schema.anyOf.map((one) => typeOf(document, one)).join(" | ");
  if (schema.type === "array") return `${typeOf(document, schema.items ?? {})}[]`;
  return schema.type ?? "any";
}

function example(document, name, schema) {
  if (name in EXAMPLES && schema.type !== "object") return fitting(document, name, schema);
  const real = resolved(document, schema);
  if (real.const !== undefined) return real.const;
  if (real.default !== undefined) return real.default;
  if (real.enum) return real.enum[0];
  if (real.anyOf) return example(document, name, real.anyOf[0]);
  if (real.type === "array") return [example(document, name, real.items ?? {})];
  if (real.type === "integer" || real.type === "number") return real.minimum ?? 1;
  if (real.type === "boolean") return true;
  if (real.type === "object") return exampleObject(document, real);
  return name.toUpperCase();
}

/** Messages of our own are not those of OpenAI's interface. */
function fitting(document, name, schema) {
  const item = resolved(document, schema.items);
  const isOther = item?.properties && !("role" in item.properties);
  return isOther ? [exampleObject(document, item)] : EXAMPLES[name];
}

function exampleObject(document, schema) {
  const required = schema.required ?? [];
  return Object.fromEntries(
    required.map((name) => [name, example(document, name, schema.properties[name])]),
  );
}

function curl(document, { method, path, parameters, type, body, withToken }) {
  const query = parameters
    .filter((one) => one.in === "query" && one.required)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(example(document, name, schema))}`);
  const address = query.length > 0 ? `${path}?${query.join("&")}` : path;
  const parts = [`curl ${quoted(address)}`];
  if (withToken) parts.push(`-H "Authorization: Bearer $TOKEN"`);
  if (type === "application/json") {
    parts.push(`-H 'Content-Type: application/json'`);
    parts.push(`-d ${quoted(JSON.stringify(exampleObject(document, body)))}`);
  } else if (type === "multipart/form-data") parts.push("-F file=@question.wav");
  else if (type) parts.push(`-H 'Content-Type: ${type}'`, "--data-binary @question.wav");
  else if (method !== "get") parts.push(`-X ${method.toUpperCase()}`);
  return parts.join(" \\\n  ");
}

function quoted(text) {
  return /^[\w:/.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
