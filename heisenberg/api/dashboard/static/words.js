// The words of the page, in the language of the browser or the one that was chosen.

import { recall, keep } from "./kept.js";
import { ENGLISH } from "./words.en.js";
import { FRENCH } from "./words.fr.js";

const WORDS = { en: ENGLISH, fr: FRENCH };
const listeners = [];
let language = chosen();

/** "en" or "fr". */
export function currentLanguage() {
  return language;
}

/** Change to a language, and remember it. */
export function speak(tongue) {
  language = tongue;
  keep("language", tongue);
  apply();
}

/** Call `listener` now and whenever the language changes: it writes its words anew. */
export function onLanguage(listener) {
  listeners.push(listener);
  listener();
}

/** Put the words into every element that names them with `data-words…`, and tell the listeners. */
export function apply() {
  document.documentElement.lang = language;
  for (const one of document.querySelectorAll("[data-words]"))
    one.textContent = t(one.dataset.words);
  for (const one of document.querySelectorAll("[data-words-label]")) {
    one.setAttribute("aria-label", t(one.dataset.wordsLabel));
  }
  for (const one of document.querySelectorAll("[data-words-placeholder]")) {
    one.placeholder = t(one.dataset.wordsPlaceholder);
  }
  for (const listener of listeners) listener();
}

/**
 * The words for `key`, with `{name}` replaced by the value of that name.
 *
 * Words that depend on a number have forms by plural category; it is the value `count`.
 */
export function t(key, values = {}) {
  let words = WORDS[language][key];
  if (typeof words === "object") {
    words = words[new Intl.PluralRules(language).select(values.count)] ?? words.other;
  }
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** The words for something that Heisenberg calls `name`; itself where there are none. */
export function named(kind, name) {
  const key = `${kind}.${name}`;
  return Object.hasOwn(WORDS[language], key) ? t(key) : name;
}

function chosen() {
  const kept = recall("language");
  if (kept !== null && Object.hasOwn(WORDS, kept)) return kept;
  const wanted = navigator.languages
    .map((one) => one.slice(0, 2))
    .find((one) => Object.hasOwn(WORDS, one));
  return wanted ?? "en";
}
