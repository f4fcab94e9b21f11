// How an error is shown: what is wrong, and what to do about it.

import { element } from "./dom.js";

/** Both as elements; the second one only where there is a hint. */
export function problem(message, hint) {
  return [
    element("p", { class: "problem" }, message),
    hint ? element("p", { class: "problem-hint" }, hint) : "",
  ];
}
