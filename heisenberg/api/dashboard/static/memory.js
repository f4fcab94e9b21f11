// Memory, what would help where it is short, and the machine.

import { byId, element, refill } from "./dom.js";
import { duration, megabytes } from "./numbers.js";
import { currentLanguage, named, onLanguage, t } from "./words.js";

/** Shows what /api/status says of them. */
export class MemoryView {
  #status = null;

  constructor() {
    onLanguage(() => this.#draw());
  }

  status(status) {
    this.#status = status;
    this.#draw();
  }

  #draw() {
    if (!this.#status) return;
    const { memory, version } = this.#status;
    const pressure = byId("memory-pressure");
    pressure.textContent = t(`pressure.${memory.pressure}`);
    pressure.dataset.level = memory.pressure;
    byId("version").textContent = t("page.version", { version });
    refill(byId("memory-body"), ...this.#parts(), this.#advice(), this.#machine());
  }

  #parts() {
    const { machine, memory } = this.#status;
    const others = Math.max(0, machine.memory_mb - machine.free_mb - memory.process_mb);
    const parts = [
      ["own", memory.process_mb],
      ["others", others],
      ["free", machine.free_mb],
    ];
    const bar = element("div", { class: "memory-bar", "aria-hidden": "true" });
    for (const [kind, size] of parts) {
      const part = element("span", { "data-part": kind });
      part.style.flexGrow = size;
      bar.append(part);
    }
    const legend = parts.map(([kind, size]) =>
      element(
        "div",
        {},
        element("dt", { "data-part": kind }, t(`memory.${kind}`)),
        element("dd", {}, megabytes(size)),
      ),
    );
    return [bar, element("dl", { class: "legend" }, ...legend)];
  }

  #advice() {
    const { advice } = this.#status.memory;
    if (advice.length === 0) return null;
    return element(
      "div",
      { class: "advice" },
      element("h3", {}, t("memory.advice")),
      element("ul", {}, ...advice.map((one) => element("li", { lang: "en" }, one))),
    );
  }

  #machine() {
    const { machine, model, languages, uptime_s: upS } = this.#status;
    const names = new Intl.DisplayNames(currentLanguage(), { type: "language" });
    const facts = [
      [
        "machine.processor",
        `${machine.processor}, ${t("machine.cores", { count: machine.cores })}`,
      ],
      ["machine.model", model.name],
      ["machine.where", `${named("device", model.device)} (${model.backend})`],
      ["machine.languages", languages.map((one) => names.of(one)).join(", ")],
      ["machine.up", duration(upS)],
    ];
    const list = facts.map(([key, value]) =>
      element("div", {}, element("dt", {}, t(key)), element("dd", {}, value)),
    );
    const away = model.local ? null : element("p", { class: "warning" }, t("machine.away"));
    return element(
      "div",
      {},
      element("h3", {}, t("machine.title")),
      away,
      element("dl", { class: "facts" }, ...list),
    );
  }
}
