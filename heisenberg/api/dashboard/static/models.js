// Language models: which answers, which are in memory, and changing that.

import { announce } from "./announce.js";
import { asApiError, get, post } from "./api.js";
import { byId, element, refill } from "./dom.js";
import { duration, megabytes } from "./numbers.js";
import { problem } from "./problem.js";
import { onLanguage, t } from "./words.js";

const DONE = { use: "models.used", load: "models.was_loaded", unload: "models.was_unloaded" };

/** Shows the document of /api/models, and asks for changes. */
export class ModelsView {
  #models = null;
  #error = null;
  #working = null;
  #isElsewhere = false;

  constructor() {
    onLanguage(() => this.#draw());
  }

  /** The document of /api/status: look again, where there is something to choose. */
  async status({ switch: hasChoice }) {
    this.#isElsewhere = !hasChoice;
    if (hasChoice) await this.#refresh();
    else this.#draw();
  }

  async #refresh() {
    if (this.#working) return;
    try {
      this.#models = await get("/api/models");
      this.#error = null;
    } catch (error) {
      this.#models = null;
      this.#error = asApiError(error);
    }
    this.#draw();
  }

  #draw() {
    const body = byId("models-body");
    byId("models-room").textContent = "";
    if (this.#isElsewhere || !this.#models) {
      refill(body, ...this.#whyNone());
      return;
    }
    const { models, room_mb: room, installed, present } = this.#models;
    const used = models.reduce((sum, one) => sum + one.needs_mb, 0);
    byId("models-room").textContent = t("models.room", {
      used: megabytes(used),
      room: megabytes(room),
    });
    const loaded = new Map(models.map((one) => [one.name, one]));
    const known = new Map(installed.map((one) => [one.name, one]));
    const names = [...new Set([present, ...loaded.keys(), ...known.keys()])];
    names.sort((one, other) => rank(other, present, loaded) - rank(one, present, loaded));
    const rows = names.map((name) => this.#row(name, known.get(name), loaded.get(name)));
    const list = element("ul", { class: "models", "aria-label": t("models.list") }, ...rows);
    refill(body, roomBar(models, used, room, present), list);
  }

  #whyNone() {
    if (this.#isElsewhere) return [element("p", { class: "empty" }, t("models.server"))];
    return this.#error ? problem(this.#error.message, this.#error.hint) : [];
  }

  #row(name, known, loaded) {
    const isPresent = name === this.#models.present;
    const title = known?.title ?? name;
    const chips = [];
    if (isPresent) chips.push(element("span", { class: "chip good" }, t("models.answers")));
    else if (loaded) chips.push(element("span", { class: "chip soft" }, t("models.loaded")));
    return element(
      "li",
      { class: "model" },
      element(
        "div",
        { class: "model-name" },
        element("h3", { title: name }, title),
        ...chips,
        element("p", { class: "facts-line" }, factsOf(known, loaded).join(" · ")),
      ),
      this.#controls(name, title, { isPresent, isLoaded: Boolean(loaded) }),
    );
  }

  #controls(name, title, { isPresent, isLoaded }) {
    if (this.#working?.name === name) {
      const words = t(this.#working.what === "unload" ? "models.unloading" : "models.loading");
      // It keeps the focus of the button that was pressed.
      return element(
        "p",
        { class: "busy", tabindex: "-1", "data-focus": this.#working.focus },
        words,
      );
    }
    const offered = [isPresent ? "" : "use", isLoaded ? (isPresent ? "" : "unload") : "load"];
    const buttons = offered.filter(Boolean).map((what) => {
      const focus = `${what} ${name}`;
      return element(
        "button",
        {
          type: "button",
          "aria-label": t(`models.${what}.label`, { name: title }),
          "aria-disabled": this.#working ? "true" : null,
          "data-focus": focus,
          click: () => this.#change(what, name, title, focus),
        },
        t(`models.${what}`),
      );
    });
    return element("div", { class: "buttons" }, ...buttons);
  }

  async #change(what, name, title, focus) {
    if (this.#working) return;
    this.#working = { what, name, focus };
    this.#say();
    this.#draw();
    announce(t(what === "unload" ? "models.unloading" : "models.loading"));
    let failure = null;
    try {
      this.#models = await post(`/api/models/${what}`, { model: name });
    } catch (error) {
      failure = asApiError(error);
    }
    const kept = document.activeElement?.dataset.focus === focus;
    this.#working = null;
    this.#draw();
    if (kept) this.#focus(name);
    if (failure) this.#say(...problem(failure.message, failure.hint));
    announce(failure ? failure.message : t(DONE[what], { name: title }));
  }

  /** The button that was pressed may be another one now: the first of its row, or the heading. */
  #focus(name) {
    const buttons = [...byId("models-body").querySelectorAll("button")];
    const same = buttons.find((button) => button.dataset.focus.endsWith(` ${name}`));
    (same ?? byId("models")).focus({ preventScroll: true });
  }

  #say(...lines) {
    byId("models-said").replaceChildren(...lines);
  }
}

function factsOf(known, loaded) {
  const facts = [];
  const needsMb = loaded?.needs_mb ?? known?.needs_mb;
  if (needsMb) facts.push(t("models.needs", { size: megabytes(needsMb) }));
  if (loaded?.replies) facts.push(t("models.busy"));
  else if (loaded) facts.push(t("models.unused", { time: duration(loaded.unused_s) }));
  else if (known) facts.push(t("models.file", { size: megabytes(known.file_mb) }));
  return facts;
}

function rank(name, present, loaded) {
  return name === present ? 2 : loaded.has(name) ? 1 : 0;
}

function roomBar(models, used, room, present) {
  const bar = element("div", { class: "memory-bar", "aria-hidden": "true" });
  for (const one of models) {
    const part = element("span", { "data-part": one.name === present ? "own" : "others" });
    part.style.flexGrow = one.needs_mb;
    bar.append(part);
  }
  const free = element("span", { "data-part": "free" });
  free.style.flexGrow = Math.max(0, room - used);
  bar.append(free);
  return bar;
}
