// What a screen reader is told of what happens by itself: seldom, and politely.

import { byId } from "./dom.js";

/** Have `text` read out when there is a pause. */
export function announce(text) {
  byId("announcer").textContent = text;
}
