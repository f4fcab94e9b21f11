// Where the time of the last turns went: a column for each, and the stages of one as a waterfall.

import { byId, element, refill } from "./dom.js";
import { decimal, seconds } from "./numbers.js";
import { named, onLanguage, t } from "./words.js";

const MOST_TURNS = 20;

/** Shows latencies `{t, first_sound_s, stages: {name: seconds}}`, newest last. */
export class Waterfall {
  #turns = [];
  #chosen = null;

  constructor() {
    onLanguage(() => this.#draw());
  }

  /** All of them. */
  replace(turns) {
    this.#turns = turns;
    this.#draw();
  }

  /** One more. */
  add(turn) {
    this.#turns = [...this.#turns, turn].slice(-MOST_TURNS);
    this.#draw();
  }

  #draw() {
    const body = byId("latency-body");
    const summary = byId("latency-summary");
    if (this.#turns.length === 0) {
      summary.textContent = "";
      body.replaceChildren(element("p", { class: "empty" }, t("latency.empty")));
      return;
    }
    const turn = this.#turns.find((one) => one.t === this.#chosen) ?? this.#turns.at(-1);
    const middle = median(this.#turns.map((one) => one.first_sound_s));
    summary.textContent = t("latency.summary", { median: seconds(middle) });
    refill(
      body,
      element(
        "p",
        { class: "big-figure" },
        element("strong", {}, seconds(turn.first_sound_s)),
        ` ${t("latency.to_first")} · ${this.#name(turn)}`,
      ),
      this.#columns(turn),
      stagesOf(turn),
      this.#table(),
    );
  }

  #columns(chosen) {
    const longest = Math.max(...this.#turns.map((one) => one.first_sound_s));
    const columns = this.#turns.map((turn) => {
      const label = t("latency.turn.label", {
        turn: this.#name(turn),
        seconds: seconds(turn.first_sound_s),
      });
      const input = element("input", {
        type: "radio",
        name: "latency-turn",
        class: "unseen",
        "aria-label": label,
        "data-focus": `turn-${turn.t}`,
        checked: turn === chosen,
        change: () => {
          this.#chosen = turn === this.#turns.at(-1) ? null : turn.t;
          this.#draw();
        },
      });
      const bars = Object.entries(turn.stages).map(([stage, value]) => {
        const bar = element("span", { class: "bar", "data-stage": stage });
        bar.style.height = `${(100 * value) / longest}%`;
        return bar;
      });
      const stack = element("span", { class: "stack", "aria-hidden": "true" }, ...bars.reverse());
      return element("label", { class: "column", title: label }, input, stack);
    });
    return element(
      "fieldset",
      { class: "columns" },
      element("legend", { class: "unseen" }, t("latency.chart")),
      ...columns,
    );
  }

  #name(turn) {
    const back = this.#turns.length - 1 - this.#turns.indexOf(turn);
    return back === 0 ? t("latency.last") : t("latency.ago", { count: back });
  }

  #table() {
    const stages = Object.keys(this.#turns.at(-1).stages);
    const heads = [t("latency.turn.head"), ...stages.map(stageName), t("latency.total")];
    const rows = this.#turns
      .toReversed()
      .map((turn) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, this.#name(turn)),
          ...stages.map((stage) => element("td", {}, decimal(turn.stages[stage] ?? 0, 2))),
          element("td", {}, decimal(turn.first_sound_s, 2)),
        ),
      );
    const table = element(
      "table",
      { class: "numbers" },
      element("caption", { class: "unseen" }, t("latency.chart")),
      element(
        "thead",
        {},
        element("tr", {}, ...heads.map((one) => element("th", { scope: "col" }, one))),
      ),
      element("tbody", {}, ...rows),
    );
    const scroll = element(
      "div",
      { class: "wide", tabindex: "0", role: "region", "aria-label": t("latency.table") },
      table,
    );
    const open = byId("latency-body").querySelector("details")?.open ?? false;
    const summary = element("summary", { "data-focus": "latency-table" }, t("latency.table"));
    return element("details", { class: "more", open }, summary, scroll);
  }
}

/** Every stage begins where the one before it ended. */
function stagesOf(turn) {
  const whole = Math.max(turn.first_sound_s, 0.001);
  let start = 0;
  const rows = Object.entries(turn.stages).map(([stage, value]) => {
    const bar = element("span", { class: "bar", "data-stage": stage });
    bar.style.marginInlineStart = `${(100 * start) / whole}%`;
    bar.style.inlineSize = `${(100 * value) / whole}%`;
    start += value;
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, stageName(stage)),
      element("td", { class: "track", "aria-hidden": "true" }, bar),
      element("td", { class: "amount" }, seconds(value)),
    );
  });
  return element("table", { class: "stages" }, element("tbody", {}, ...rows));
}

function stageName(stage) {
  return named("stage", stage);
}

function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
