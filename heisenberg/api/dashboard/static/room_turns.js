// What happens in the room, as turns of the transcript.

import { decimal, seconds } from "./numbers.js";
import { interrupted, Turn } from "./transcript.js";
import { t } from "./words.js";

const STOPPING = new Set(["cancel", "ptt_down"]);

/**
 * Takes the events of the room, one after the other.
 *
 * What is said appears while it is said; what turns out to be nothing, or an answer to half a
 * question, disappears. `onAnswer(text)` is called with every answer that is complete.
 */
export class RoomTurns {
  #turn = null;
  #state = "IDLE";
  #wake = null;
  #onAnswer;

  constructor(onAnswer) {
    this.#onAnswer = onAnswer;
  }

  /** The connection begins anew: what was going on may be over. */
  restart(state) {
    this.#state = state ?? "IDLE";
    this.#leave();
  }

  take(event) {
    switch (event.event) {
      case "wake":
        this.#wake = event.score;
        break;
      case "speech_start":
        if (!this.#turn?.isProvisional) this.#begin();
        break;
      case "transcript":
        this.#heard(event);
        break;
      case "draft":
        this.#current().preparing(true);
        break;
      case "llm_token":
        this.#turn?.append(event.text);
        break;
      case "skill":
      case "llm_complete":
        this.#answered(event);
        break;
      case "latency": {
        const value = event.first_sound_s;
        this.#turn?.mark(() => t("turn.first_sound", { seconds: seconds(value) }), "soft");
        break;
      }
      case "barge_in":
        if (event.confirmed) this.#interrupted(event);
        break;
      case "playback_end":
        if (event.interrupted) this.#turn?.cut(interrupted(event.heard_s));
        this.#turn = null;
        break;
      case "state":
        this.#moved(event);
        break;
    }
  }

  #heard({ text, final }) {
    if (!final) {
      this.#current().question(text, { provisional: true });
      this.#turn.preparing(false);
    } else if (text === "") {
      this.#turn?.drop();
      this.#turn = null;
    } else {
      this.#current().question(text);
      this.#turn.preparing(false);
    }
  }

  #answered({ text, model, local }) {
    this.#turn?.answer(text, { model: local === false ? model : null });
    if (text) this.#onAnswer(text);
  }

  /** Before there was any sound, the question was not over: what was answered is no answer to it. */
  #interrupted({ text }) {
    if (!this.#turn) return;
    if (this.#state === "THINKING" && text === "") {
      this.#turn.reopen();
    } else {
      this.#turn.cut(interrupted(0));
    }
  }

  #moved({ to, trigger }) {
    this.#state = to;
    const goesOn = to !== "IDLE" && (to !== "LISTENING" || this.#turn?.isProvisional);
    if (goesOn) return;
    // A reply that sounded has told of its end already; one that did not was stopped here.
    if (STOPPING.has(trigger) && !this.#turn?.isProvisional) {
      this.#turn?.cut(() => t("turn.stopped"));
    }
    this.#leave();
  }

  #leave() {
    if (this.#turn?.isProvisional) this.#turn.drop();
    else this.#turn?.finish();
    this.#turn = null;
  }

  #current() {
    return this.#turn ?? this.#begin();
  }

  #begin() {
    this.#turn?.finish();
    const turn = (this.#turn = new Turn("room"));
    turn.question("", { provisional: true });
    if (this.#wake !== null) {
      const score = this.#wake;
      turn.mark(() => t("turn.wake", { score: decimal(score, 2) }), "soft wake");
      this.#wake = null;
    }
    return turn;
  }
}
