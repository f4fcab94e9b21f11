// The documents that answers are looked up in: which there are, and what is found in them.

import { announce } from "./announce.js";
import { asApiError, get } from "./api.js";
import { byId, element, refill, show } from "./dom.js";
import { percent } from "./numbers.js";
import { problem } from "./problem.js";
import { onLanguage, t } from "./words.js";

const HITS = 5;

/** Lists and searches them. */
export class DocumentsView {
  #documents = null;
  #error = null;
  #found = null;
  #seen = "";

  constructor() {
    byId("documents-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search(byId("documents-query").value.trim());
    });
    onLanguage(() => {
      this.#drawList();
      this.#drawFound();
    });
  }

  /** The document of /api/status: look again where it tells that they have changed. */
  async status({ knowledge }) {
    const seen = JSON.stringify(knowledge);
    if (seen === this.#seen) return;
    this.#seen = seen;
    show(byId("documents-form"), knowledge !== null);
    if (knowledge === null) this.#documents = [];
    else await this.#refresh();
    this.#drawList();
  }

  async #refresh() {
    try {
      this.#documents = (await get("/api/documents")).documents;
      this.#error = null;
    } catch (error) {
      this.#documents = null;
      this.#error = asApiError(error);
      this.#seen = "";
    }
  }

  async #search(query) {
    if (query === "") {
      this.#found = null;
      this.#drawFound();
      return;
    }
    try {
      const asked = new URLSearchParams({ q: query, limit: HITS });
      this.#found = { query, hits: (await get(`/api/documents/search?${asked}`)).hits };
      announce(this.#summary());
    } catch (error) {
      this.#found = { query, error: asApiError(error) };
      announce(this.#found.error.message);
    }
    this.#drawFound();
  }

  #summary() {
    const { hits, query } = this.#found;
    return hits.length > 0
      ? t("documents.hits", { count: hits.length })
      : t("documents.no_hits", { query });
  }

  #drawFound() {
    const found = byId("documents-found");
    if (!this.#found) found.replaceChildren();
    else if (this.#found.error)
      found.replaceChildren(...problem(this.#found.error.message, this.#found.error.hint));
    else {
      const summary = element("p", { class: "facts-line" }, this.#summary());
      found.replaceChildren(
        summary,
        element("ol", { class: "hits" }, ...this.#found.hits.map(hitLine)),
      );
    }
  }

  #drawList() {
    const body = byId("documents-body");
    const count = byId("documents-count");
    count.textContent = "";
    if (this.#error) {
      body.replaceChildren(...problem(this.#error.message, this.#error.hint));
      return;
    }
    if (!this.#documents) return;
    if (this.#documents.length === 0) {
      refill(
        body,
        element("p", { class: "empty" }, t("documents.none")),
        element("p", { class: "empty" }, t("documents.none.hint")),
      );
      return;
    }
    count.textContent = t("documents.count", { count: this.#documents.length });
    const lines = this.#documents.map(({ path, passages }) =>
      element(
        "li",
        {},
        element("span", { class: "path" }, path),
        element("span", { class: "amount" }, t("documents.passages", { count: passages })),
      ),
    );
    refill(
      body,
      element("ul", { class: "documents", "aria-label": t("documents.list") }, ...lines),
    );
  }
}

function hitLine({ file, heading, line, score, text }) {
  const where = [heading, t("documents.line", { line })].filter(Boolean).join(" · ");
  return element(
    "li",
    {},
    element(
      "div",
      { class: "hit-head" },
      element("h3", {}, file),
      element("span", { class: "amount" }, t("documents.score", { score: percent(score) })),
    ),
    element("p", { class: "facts-line" }, where),
    element("p", { class: "hit-text", dir: "auto" }, text),
  );
}
