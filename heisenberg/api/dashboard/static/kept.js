// What this browser keeps for the page: theme, language, who it is to Heisenberg.

const PREFIX = "heisenberg.";

/** What was kept under `key`, or null; also where the browser keeps nothing. */
export function recall(key) {
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

/** Keep `value` under `key`; null forgets it. */
export function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, value);
  } catch {
    // Then it holds until the page is left.
  }
}

/** The name under which Heisenberg keeps the conversation of this browser. */
export function userId() {
  let id = recall("user");
  if (id === null) {
    const random = crypto.getRandomValues(new Uint8Array(8));
    id = "dashboard-" + [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    keep("user", id);
  }
  return id;
}
