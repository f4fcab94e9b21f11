// Asking from the browser: by voice, with the talk button, and in writing.

import { announce } from "./announce.js";
import { follow } from "./answer.js";
import { asApiError, stream } from "./api.js";
import { byId, show } from "./dom.js";
import { userId } from "./kept.js";
import { Recording, whyNone } from "./microphone.js";
import { Player } from "./player.js";
import { holdOrTap } from "./press.js";
import { Turn } from "./transcript.js";
import { onLanguage, t } from "./words.js";

const LONGEST_MS = 59_000;
const SHORTEST_S = 0.3;
const WAV_BYTES_A_SECOND = 32_000;

const HINTS = {
  rest: () => t(matchMedia("(hover: none)").matches ? "talk.hint.touch" : "talk.hint"),
  opening: () => t("talk.opening"),
  recording: (seconds = 0) => t("talk.recording", { seconds }),
  answering: () => t("talk.answering"),
};

/**
 * The row with the talk button and the written question. One question is asked at a time.
 * `onAnswered()` is called after each: it may have set a timer.
 */
export class Composer {
  #state = "rest"; // "opening" the microphone, "recording", "answering"
  #hint = HINTS.rest;
  #wanted = false;
  #recording = null;
  #limit = 0;
  #answer = null;
  #onAnswered;

  constructor(onAnswered) {
    this.#onAnswered = onAnswered;
    holdOrTap(byId("talk"), {
      isOn: () => this.#state === "opening" || this.#state === "recording",
      begin: () => this.#listen(),
      end: () => this.#letGo(),
    });
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask(byId("question").value.trim());
    });
    byId("stop").addEventListener("click", () => this.#stop());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#stop();
    });
    const reason = whyNone();
    byId("talk").disabled = reason !== null;
    if (reason) this.#hint = () => whyNone().message;
    onLanguage(() => this.#draw());
  }

  async #listen() {
    this.#stop();
    if (this.#state !== "rest") return;
    this.#wanted = true;
    this.#become("opening");
    let recording;
    try {
      recording = await Recording.open((level, seconds) => this.#hear(level, Math.floor(seconds)));
    } catch (error) {
      this.#complain(error);
      return;
    }
    if (!this.#wanted) {
      await recording.discard();
      this.#become("rest", () => t("talk.short"));
      return;
    }
    this.#recording = recording;
    this.#limit = setTimeout(() => this.#letGo(), LONGEST_MS);
    this.#become("recording");
  }

  #hear(level, seconds) {
    byId("talk").style.setProperty("--level", level);
    if (this.#state === "recording") byId("composer-hint").textContent = HINTS.recording(seconds);
  }

  #letGo() {
    this.#wanted = false;
    if (this.#state !== "recording") return;
    clearTimeout(this.#limit);
    this.#become("answering");
    this.#send();
  }

  async #send() {
    const player = new Player();
    let sound;
    try {
      sound = await this.#recording.finish();
    } catch (error) {
      await player.stop();
      this.#complain(error);
      return;
    }
    if (sound.size < SHORTEST_S * WAV_BYTES_A_SECOND) {
      await player.stop();
      this.#become("rest", () => t("talk.short"));
      return;
    }
    const turn = new Turn("talk");
    turn.question("", { provisional: true });
    const path = `/api/talk?user_id=${encodeURIComponent(userId())}`;
    const said = await this.#follow(path, sound, turn, player);
    if (said === "" && turn.isBlank) this.#nothing(turn);
  }

  #nothing(turn) {
    turn.drop();
    this.#become("rest", () => t("talk.nothing"));
    announce(t("talk.nothing"));
  }

  async #ask(text) {
    if (text === "") return;
    this.#stop();
    if (this.#state !== "rest") return;
    byId("question").value = "";
    this.#become("answering");
    const turn = new Turn("ask");
    turn.question(text);
    const body = { message: text, user_id: userId(), user_name: "Dashboard", stream: true };
    const said = await this.#follow("/api/chat/message", body, turn);
    if (turn.hasFailed && byId("question").value === "") byId("question").value = text;
    if (said) announce(said);
  }

  /** The answer's text; null when it failed or was stopped, which the turn then shows. */
  async #follow(path, body, turn, player = null) {
    const aborting = new AbortController();
    const answer = (this.#answer = {
      stop() {
        aborting.abort();
        player?.stop();
        turn.cut(() => t("turn.stopped"));
      },
    });
    try {
      const said = await follow(stream(path, body, { signal: aborting.signal }), turn, player);
      await player?.drained();
      return said;
    } catch (error) {
      if (error.name === "AbortError") return null;
      const shown = asApiError(error);
      turn.fail(shown);
      announce(shown.message);
      player?.stop();
      return null;
    } finally {
      if (this.#answer === answer) {
        this.#answer = null;
        this.#become("rest");
      }
      this.#onAnswered();
    }
  }

  #stop() {
    if (!this.#answer) return;
    this.#answer.stop();
    this.#answer = null;
    this.#become("rest");
  }

  #complain(error) {
    const { message, hint } = asApiError(error);
    this.#become("rest", () => `${message} ${hint}`);
    announce(message);
  }

  #become(state, hint = HINTS[state]) {
    this.#state = state;
    this.#hint = byId("talk").disabled ? this.#hint : hint;
    this.#draw();
  }

  #draw() {
    const on = this.#state === "opening" || this.#state === "recording";
    const talk = byId("talk");
    talk.dataset.state = this.#state;
    talk.setAttribute("aria-pressed", String(on));
    if (!on) talk.style.removeProperty("--level");
    byId("composer-hint").textContent = this.#hint();
    const answering = this.#state === "answering";
    const [shown, hidden] = answering ? [byId("stop"), byId("send")] : [byId("send"), byId("stop")];
    const focused = document.activeElement === hidden;
    show(shown, true);
    show(hidden, false);
    if (focused) (answering ? shown : byId("question")).focus();
  }
}
