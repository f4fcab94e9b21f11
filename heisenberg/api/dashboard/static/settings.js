// The effective configuration: to read and to search, not to change.

import { asApiError, get } from "./api.js";
import { byId, element } from "./dom.js";
import { problem } from "./problem.js";
import { onLanguage, t } from "./words.js";

const SECRET = /^\*+$/;

/** Shows the document of /api/settings, a group for each section. */
export class SettingsView {
  #settings = [];
  #error = null;

  constructor() {
    byId("settings-query").addEventListener("input", () => this.#draw());
    onLanguage(() => this.#draw());
  }

  /** Look again. */
  async refresh() {
    try {
      this.#settings = flat(await get("/api/settings"));
      this.#error = null;
    } catch (error) {
      this.#settings = [];
      this.#error = asApiError(error);
    }
    this.#draw();
  }

  #draw() {
    const body = byId("settings-body");
    const query = byId("settings-query").value.trim().toLowerCase();
    const shown = this.#settings.filter((one) => matches(one, query));
    byId("settings-count").textContent = this.#error
      ? ""
      : t("settings.count", { count: shown.length });
    if (this.#error) body.replaceChildren(...problem(this.#error.message, this.#error.hint));
    else if (shown.length === 0 && query) {
      body.replaceChildren(element("p", { class: "empty" }, t("settings.none", { query })));
    } else body.replaceChildren(...grouped(shown));
  }
}

/** Every value with the section and the key it stands under; deeper keys joined with dots. */
function flat(settings) {
  return Object.entries(settings).flatMap(([section, value]) =>
    isGroup(value)
      ? leaves(value).map(([key, leaf]) => ({ section, key, value: leaf }))
      : [{ section: "", key: section, value }],
  );
}

function leaves(group) {
  return Object.entries(group).flatMap(([key, value]) =>
    isGroup(value)
      ? leaves(value).map(([inner, leaf]) => [`${key}.${inner}`, leaf])
      : [[key, value]],
  );
}

function isGroup(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function matches({ section, key, value }, query) {
  return `${section}.${key} ${shownAs(value)}`.toLowerCase().includes(query);
}

function grouped(settings) {
  const sections = [...new Set(settings.map((one) => one.section))];
  return sections.map((section) => {
    const lines = settings
      .filter((one) => one.section === section)
      .map(({ key, value }) =>
        element(
          "div",
          {},
          element("dt", {}, ...breakable(key)),
          element("dd", { class: kind(value) }, shownAs(value)),
        ),
      );
    return element(
      "section",
      { class: "setting-group" },
      element("h3", {}, section || t("settings.general")),
      element("dl", { class: "facts" }, ...lines),
    );
  });
}

/** The key, which may go on in the next line after a low line. */
function breakable(key) {
  return key
    .split(/(?<=_)/)
    .flatMap((part, index) => (index > 0 ? [element("wbr"), part] : [part]));
}

function shownAs(value) {
  if (value === null || value === "") return t("value.unset");
  if (value === true) return t("value.on");
  if (value === false) return t("value.off");
  if (Array.isArray(value)) return value.length > 0 ? value.join(", ") : t("value.none");
  return SECRET.test(String(value)) ? t("value.secret") : String(value);
}

function kind(value) {
  const isEmpty = value === null || value === "" || (Array.isArray(value) && value.length === 0);
  if (isEmpty || SECRET.test(String(value))) return "unset";
  return "set";
}
