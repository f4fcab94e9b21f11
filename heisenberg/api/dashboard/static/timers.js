// Timers, alarms and reminders: how long they still run, and cancelling them.

import { announce } from "./announce.js";
import { asApiError, get, post } from "./api.js";
import { byId, element, refill } from "./dom.js";
import { countdown, duration, timeOfDay, weekdays } from "./numbers.js";
import { problem } from "./problem.js";
import { onLanguage, t } from "./words.js";

/** Shows the document of /api/timers, and counts down from it. */
export class TimersView {
  #timers = null;
  #error = null;
  #readMs = 0;
  #areThere = false;

  constructor() {
    onLanguage(() => this.#draw());
    setInterval(() => this.#tick(), 1000);
  }

  /** The document of /api/status: look again, where there are timers. */
  async status({ timers }) {
    this.#areThere = timers;
    await this.refresh();
  }

  async refresh() {
    if (!this.#areThere) {
      this.#timers = this.#error = null;
      this.#draw();
      return;
    }
    try {
      this.#show(await get("/api/timers"));
    } catch (error) {
      this.#timers = null;
      this.#error = asApiError(error);
    }
    this.#draw();
  }

  #show({ timers }) {
    this.#timers = timers;
    this.#error = null;
    this.#readMs = performance.now();
  }

  #draw() {
    const body = byId("timers-body");
    if (this.#error) {
      refill(body, ...problem(this.#error.message, this.#error.hint));
    } else if (this.#timers?.length) {
      const rows = this.#timers.map((one) => this.#row(one));
      refill(body, element("ul", { class: "timers", "aria-label": t("timers.list") }, ...rows));
    } else if (!this.#areThere) {
      refill(body, element("p", { class: "empty" }, t("timers.off")));
    } else if (this.#timers) {
      refill(
        body,
        element("p", { class: "empty" }, t("timers.none")),
        element("p", { class: "empty" }, t("timers.none.hint")),
      );
    }
  }

  #row(timer) {
    const name = nameOf(timer);
    return element(
      "li",
      { class: "timer" },
      element("h3", {}, timer.weekdays.length ? `${name} (${weekdays(timer.weekdays)})` : name),
      element("span", { class: "amount", "data-timer": String(timer.id) }, this.#left(timer)),
      element(
        "button",
        {
          type: "button",
          "aria-label": t("timers.cancel.label", { name }),
          "data-focus": `cancel ${timer.id}`,
          click: () => this.#cancel(timer.id, name),
        },
        t("timers.cancel"),
      ),
    );
  }

  #left({ left_s: left }) {
    const now = left - (performance.now() - this.#readMs) / 1000;
    return now > 0 ? countdown(now) : t("timers.rings");
  }

  #tick() {
    for (const timer of this.#timers ?? []) {
      const shown = document.querySelector(`[data-timer="${timer.id}"]`);
      if (shown) shown.textContent = this.#left(timer);
    }
  }

  async #cancel(id, name) {
    try {
      this.#show(await post("/api/timers/cancel", { id }));
      announce(t("timers.cancelled", { name }));
    } catch (error) {
      this.#error = asApiError(error);
      announce(this.#error.message);
    }
    this.#draw();
    byId("timers").focus({ preventScroll: true });
  }
}

function nameOf({ kind, name, about, length_s: length, left_s: left }) {
  if (about || name) return about || name;
  if (kind !== "alarm") return t("timers.unnamed", { time: duration(length) });
  return t("timers.alarm", { time: timeOfDay(new Date(Date.now() + left * 1000)) });
}
