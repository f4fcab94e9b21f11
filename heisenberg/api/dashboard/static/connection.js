// The live connection: a WebSocket that comes back by itself.

import { get } from "./api.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/**
 * Holds the WebSocket to /api/events, and opens it again whenever it is lost, more and more slowly.
 *
 * `onStatus(status)` is called with the document of /api/status whenever the connection begins,
 * `onEvent(event)` with everything that happens, `onLink(up)` when the connection comes and goes.
 */
export class Connection {
  #listeners;
  #socket = null;
  #waitMs = FIRST_WAIT_MS;
  #timer = 0;

  constructor(listeners) {
    this.#listeners = listeners;
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#hurry();
    });
  }

  /** Connect now, where it is not connected. */
  open() {
    clearTimeout(this.#timer);
    if (this.#socket) return;
    const address = new URL("/api/events", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.#socket = new WebSocket(address);
    this.#socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(data)));
    this.#socket.addEventListener("close", () => this.#lost());
  }

  /** Whether it is there. */
  get isUp() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  #take(message) {
    if (message.event !== "hello") {
      this.#listeners.onEvent(message);
      return;
    }
    this.#waitMs = FIRST_WAIT_MS;
    this.#listeners.onLink(true);
    this.#listeners.onStatus(message.status);
  }

  async #lost() {
    this.#socket = null;
    this.#listeners.onLink(false);
    // A socket does not tell why it was refused; a request does. Where a token is needed, the
    // log-in opens the connection again.
    const locked = await get("/api/status").then(
      () => false,
      (error) => error.status === 401,
    );
    if (locked || this.#socket) return;
    this.#timer = setTimeout(() => this.open(), this.#waitMs * (0.75 + Math.random() / 2));
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
  }

  #hurry() {
    if (this.#timer && !this.#socket) this.open();
  }
}
