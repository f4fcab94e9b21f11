// What Heisenberg is doing, at a glance, and the controls of its room.

import { asApiError, post } from "./api.js";
import { announce } from "./announce.js";
import { byId, element, show } from "./dom.js";
import { problem } from "./problem.js";
import { note } from "./transcript.js";
import { named, onLanguage, t } from "./words.js";

const WORKS = "back";

/** Shows state and troubles, and sends the room's commands. */
export class StateView {
  #status = null;
  #link = "connecting";
  #troubles = new Map();
  #shown = "";

  constructor() {
    byId("room-press").addEventListener("click", () => this.#command("press"));
    byId("room-stop").addEventListener("click", () => this.#command("stop"));
    byId("room-mute").addEventListener("click", () =>
      this.#command(this.#status.muted ? "unmute" : "mute"),
    );
    onLanguage(() => this.#draw());
  }

  /** The document of /api/status. */
  status(status) {
    this.#status = { ...status };
    this.#draw();
  }

  /** "connecting", "up", "down" or "locked" (a token is needed). */
  link(link) {
    if (link === this.#link) return;
    if (link === "up" && this.#link === "down") announce(t("link.back"));
    this.#link = link;
    this.#draw();
  }

  /** An event of the room. */
  take(event) {
    if (!this.#status) return;
    if (event.event === "state") this.#status.state = event.to;
    else if (event.event === "mute") this.#status.muted = event.muted;
    else if (event.event === "device") this.#device(event);
    else return;
    this.#draw();
  }

  #device({ kind, state, name, hint }) {
    const words = () => {
      const title = t(`device.${state}`, { kind: named("device", kind) });
      return name ? `${title}: ${name}` : title;
    };
    if (state === WORKS) this.#troubles.delete(kind);
    else this.#troubles.set(kind, { words, hint });
    note(words, hint, state === WORKS ? "good" : "bad");
    announce(words());
  }

  #draw() {
    const name = this.#name();
    const box = document.querySelector(".state");
    box.dataset.state = name;
    box.classList.toggle("muted", this.#status?.muted === true);
    const words = t(name === "connecting" ? LINK_WORDS[this.#link] : `state.${name}`);
    byId("state-name").textContent = words;
    byId("state-more").textContent = this.#more(name);
    document.title = `${words} · Heisenberg`;
    show(byId("try-now"), this.#link === "down");
    this.#drawRoom(name);
    this.#drawTroubles();
    if (words !== this.#shown && this.#link !== "connecting") announce(words);
    this.#shown = words;
  }

  #name() {
    if (this.#link !== "up" || !this.#status) return "connecting";
    if (!this.#status.audio) return "QUIET";
    const state = this.#status.state ?? "IDLE";
    return this.#status.muted && state === "IDLE" ? "MUTED" : state;
  }

  #more(name) {
    if (this.#link === "down") return t("link.down.more");
    if (this.#link === "locked") return t("link.locked.more");
    if (name === "connecting") return "";
    const said = [name === "IDLE" && this.#status.say ? this.#status.say : t(`state.${name}.more`)];
    if (this.#status.muted && name !== "MUTED") said.push(t("state.muted.too"));
    if (this.#status.drafting === "slow_machine") said.push(t("state.slow"));
    return said.join(" ");
  }

  #drawRoom(name) {
    const heard = this.#link === "up" && this.#status?.audio === true;
    show(byId("room"), heard);
    show(byId("room-note"), this.#link === "up" && this.#status?.audio === false);
    byId("room-note").textContent = t("room.none");
    if (!heard) return;
    byId("room-press").textContent = t(name === "LISTENING" ? "room.answer" : "room.listen");
    byId("room-mute").textContent = t(this.#status.muted ? "room.unmute" : "room.mute");
  }

  #drawTroubles() {
    const lines = [...this.#troubles.values()].map(({ words, hint }) =>
      element("li", {}, ...problem(words(), hint)),
    );
    byId("troubles").replaceChildren(...lines);
    show(byId("troubles"), lines.length > 0);
  }

  async #command(command) {
    try {
      this.status({ ...this.#status, ...(await post("/api/control", { command })) });
    } catch (error) {
      const { message, hint } = asApiError(error);
      note(() => message, hint, "bad");
      announce(message);
    }
  }
}

const LINK_WORDS = {
  connecting: "link.connecting",
  up: "link.connecting",
  down: "link.down",
  locked: "link.down",
};
