// What was said and answered, newest at the end.

import { byId, element, show } from "./dom.js";
import { seconds, timeOfDay } from "./numbers.js";
import { problem } from "./problem.js";
import { onLanguage, t } from "./words.js";

const MOST_ENTRIES = 100;
const NEAR_END_PX = 80;

const entries = [];

/** One turn: a question, and the answer as it comes. */
export class Turn {
  #at = new Date();
  #origin;
  #model = null;
  #marks = [];
  #sources = [];
  #preparing = false;
  #provisional = true;
  #failed = false;
  #parts;

  /** `origin` is where it was asked: "room", "talk" or "ask". */
  constructor(origin) {
    this.#origin = origin;
    this.#parts = {
      meta: element("p", { class: "turn-meta" }),
      question: element("p", { class: "turn-question waiting", dir: "auto" }),
      answer: element("p", { class: "turn-answer", dir: "auto" }),
      marks: element("ul", { class: "turn-marks" }),
      sources: element("p", { class: "turn-sources" }),
      error: element("div", { class: "turn-error" }),
    };
    const { meta, question, answer, marks, sources, error } = this.#parts;
    this.entry = element("li", { class: "turn" }, meta, question, answer, error, sources, marks);
    add(this);
  }

  /** What is asked; while `provisional`, it is still being said. */
  question(text, { provisional = false } = {}) {
    this.#provisional = provisional;
    this.#parts.question.classList.toggle("provisional", provisional);
    this.#parts.question.classList.toggle("waiting", provisional && text === "");
    this.#change(this.#parts.question, text);
    this.draw();
  }

  /** Whether no word was asked, or none was understood. */
  get isBlank() {
    return this.#parts.question.textContent === "";
  }

  /** Whether what is asked is still being said, as far as is known. */
  get isProvisional() {
    return this.#provisional;
  }

  /** The question was not over: what was answered to its beginning disappears. */
  reopen() {
    this.#change(this.#parts.answer, "");
    this.question(this.#parts.question.textContent, { provisional: true });
  }

  /** Show that an answer is prepared in case the question is over. */
  preparing(yes) {
    if (this.#preparing === yes) return;
    this.#preparing = yes;
    this.draw();
  }

  /** Another piece of the answer. */
  append(text) {
    this.#preparing = false;
    stay(() => this.#parts.answer.append(text));
    this.#parts.answer.classList.add("growing");
  }

  /** The whole answer, whatever came of it before; `model` where it was not on this machine. */
  answer(text, { model = null } = {}) {
    this.#model = model;
    this.#change(this.#parts.answer, text);
    this.finish();
  }

  /** Where the answer was found: `[{file, heading, line}]`. */
  sources(found) {
    this.#sources = found;
    this.draw();
  }

  /** A word about it, `words()`; an earlier one of that `kind`, which is how it looks, goes. */
  mark(words, kind) {
    this.#marks = [...this.#marks.filter((one) => one.kind !== kind), { words, kind }];
    this.draw();
  }

  /** It was cut off; `words()` tell how. */
  cut(words) {
    this.mark(words, "warn");
    this.finish();
  }

  /** What went wrong with it. */
  fail({ message, hint }) {
    this.#failed = true;
    stay(() => {
      this.#parts.error.replaceChildren(...problem(message, hint));
    });
    this.finish();
  }

  /** Whether something went wrong with it. */
  get hasFailed() {
    return this.#failed;
  }

  /** Nothing more comes. */
  finish() {
    this.#preparing = false;
    this.#parts.answer.classList.remove("growing");
    this.#parts.question.classList.remove("waiting");
    this.draw();
  }

  /** It was none: it disappears. */
  drop() {
    remove(this);
  }

  /** Write its words, in the language of the page. */
  draw() {
    const { meta, marks, sources } = this.#parts;
    stay(() => {
      meta.replaceChildren(
        element("time", { datetime: this.#at.toISOString() }, timeOfDay(this.#at)),
        ` · ${t(`turn.${this.#origin}`)}`,
        this.#provisional ? ` · ${t("turn.hearing")}` : "",
      );
      const chips = this.#marks.map(({ words, kind }) => chip(words(), kind));
      if (this.#preparing) chips.push(chip(t("turn.preparing"), "soft"));
      if (this.#model) chips.push(chip(t("turn.away", { model: this.#model }), "warn"));
      marks.replaceChildren(...chips);
      sources.replaceChildren(...sourcesLine(this.#sources));
    });
  }

  #change(part, text) {
    stay(() => {
      part.textContent = text;
    });
  }
}

/** A line about something that happened: `words()` gives its title; `kind` is "bad" or "good". */
export function note(words, detail, kind) {
  const at = new Date();
  const meta = element("p", { class: "turn-meta" });
  const said = element("div", { class: "note-body" });
  const made = {
    entry: element("li", { class: `turn note-entry ${kind}` }, meta, said),
    draw() {
      meta.replaceChildren(element("time", { datetime: at.toISOString() }, timeOfDay(at)));
      said.replaceChildren(...problem(words(), detail));
    },
  };
  add(made);
}

/** The words for a reply that was cut off after so many seconds of sound. */
export function interrupted(heardS) {
  return () =>
    heardS > 0
      ? t("turn.interrupted.after", { seconds: seconds(heardS, 1) })
      : t("turn.interrupted");
}

onLanguage(() => entries.forEach((one) => one.draw()));

function chip(words, kind) {
  return element("li", { class: `chip ${kind}` }, words);
}

function sourcesLine(found) {
  if (found.length === 0) return [];
  return [`${t("turn.sources")} `, found.map(place).join(" · ")];
}

/** `{file, heading, line}` as one line of text. */
function place({ file, heading, line }) {
  const where = [file, heading].filter(Boolean).join(" › ");
  return line ? `${where}, ${t("turn.line", { line })}` : where;
}

function add(made) {
  entries.push(made);
  made.draw();
  stay(() => {
    byId("turns").append(made.entry);
    while (entries.length > MOST_ENTRIES) entries.shift().entry.remove();
    show(byId("transcript-empty"), false);
  });
}

function remove(made) {
  const index = entries.indexOf(made);
  if (index >= 0) entries.splice(index, 1);
  stay(() => made.entry.remove());
  show(byId("transcript-empty"), entries.length === 0);
}

/** Make a change, and stay at the end where the end was in view. */
function stay(change) {
  const box = byId("transcript");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
  change();
  if (atEnd) box.scrollTop = box.scrollHeight;
}
