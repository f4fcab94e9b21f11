// The page that describes the API: what /openapi.json says, to read.

import { asApiError, get, onLocked } from "./api.js";
import { byId, element } from "./dom.js";
import { Login } from "./login.js";
import { endpoints } from "./openapi.js";
import { offerPreferences } from "./preferences.js";
import { problem } from "./problem.js";
import { apply, onLanguage, t } from "./words.js";

let found = [];

apply();
offerPreferences();
onLanguage(draw);
const login = new Login(read);
onLocked(() => login.open());
read();

async function read() {
  try {
    const document_ = await get("/openapi.json");
    const status = await get("/api/status");
    login.status(status);
    found = endpoints(document_, { origin: location.origin, withToken: status.token });
    draw();
    // The browser looked for the place before it was there.
    if (location.hash) byId(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  } catch (error) {
    const { message, hint } = asApiError(error);
    byId("endpoints").replaceChildren(...problem(message, hint));
  }
}

function draw() {
  const tags = [...new Set(found.map((one) => one.tag))];
  byId("endpoints").replaceChildren(
    ...tags.map((tag) =>
      element(
        "section",
        { class: "card", "aria-labelledby": `tag-${tag}` },
        element("h2", { id: `tag-${tag}` }, tag),
        ...found.filter((one) => one.tag === tag).map(article),
      ),
    ),
  );
  byId("contents").replaceChildren(...tags.map(contentsOf));
}

function contentsOf(tag) {
  const lines = found
    .filter((one) => one.tag === tag)
    .map((one) =>
      element("li", {}, element("a", { href: `#${idOf(one)}` }, ...breakable(one.path))),
    );
  return element("div", {}, element("p", {}, tag), element("ul", {}, ...lines));
}

function article(endpoint) {
  const { method, path, about, fields, reply, curl } = endpoint;
  const label = t("docs.example", { endpoint: `${method} ${path}` });
  const shown = { tabindex: "0", role: "region", "aria-label": label };
  return element(
    "article",
    { class: "endpoint", id: idOf(endpoint) },
    element(
      "h3",
      {},
      element("span", { class: `method ${method.toLowerCase()}` }, method),
      element("code", {}, ...breakable(path)),
    ),
    about ? element("p", { lang: "en" }, ...withCode(about)) : null,
    table(t("docs.takes"), fields, whether),
    table(t("docs.answers"), reply, () => ""),
    element("pre", shown, element("code", {}, curl)),
  );
}

function table(title, fields, more) {
  if (fields.length === 0) return null;
  const rows = fields.map((field) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, element("code", {}, field.name)),
      element("td", {}, element("code", {}, field.type)),
      element("td", {}, more(field)),
    ),
  );
  return element(
    "table",
    { class: "fields" },
    element("caption", {}, title),
    element("tbody", {}, ...rows),
  );
}

function whether({ isRequired, preset, place }) {
  const said = [];
  if (place !== "body") said.push(t("docs.place", { place }));
  if (isRequired) said.push(t("docs.required"));
  if (preset !== undefined) said.push(t("docs.preset", { value: JSON.stringify(preset) }));
  return said.join(", ");
}

/** ``words`` between two grave accents on each side are code. */
function withCode(text) {
  return text.split("``").map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

/** A path, which may go on in the next line at a stroke. */
function breakable(path) {
  return path.split(/(?=\/)/).flatMap((part) => [element("wbr"), part]);
}

function idOf({ method, path }) {
  return `${method.toLowerCase()}-${path.replaceAll(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "")}`;
}
