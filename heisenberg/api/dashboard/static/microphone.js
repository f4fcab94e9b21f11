// The browser's microphone, recorded as a WAV file that Heisenberg understands.

import { ApiError } from "./api.js";
import { wav } from "./wav.js";
import { t } from "./words.js";

const RATE_HZ = 16_000;

/** Why the browser gives this page no microphone, as an error to show; null where it does. */
export function whyNone() {
  if (window.isSecureContext && navigator.mediaDevices) return null;
  const message = t("talk.insecure", { port: location.port || "80" });
  return new ApiError({ code: "insecure", message });
}

/** What the microphone hears, from `open` to `finish` or `discard`. */
export class Recording {
  #stream;
  #context;
  #blocks = [];

  /** `onSound(level, seconds)` is told how loud it is, 0 to 1, and how long. Throws `ApiError`. */
  static async open(onSound) {
    const recording = new Recording();
    try {
      recording.#stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true },
      });
      await recording.#record(onSound);
    } catch (error) {
      await recording.discard();
      throw explained(error);
    }
    return recording;
  }

  /** End it; a WAV file of one channel, 16 bits, 16 kHz. */
  async finish() {
    const rate = this.#context.sampleRate;
    await this.discard();
    return wav(await resampled(joined(this.#blocks), rate), RATE_HZ);
  }

  /** End it; the microphone is free again. */
  async discard() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    if (this.#context && this.#context.state !== "closed") await this.#context.close();
  }

  async #record(onSound) {
    this.#context = new AudioContext();
    await this.#context.audioWorklet.addModule(new URL("./recorder.js", import.meta.url));
    const recorder = new AudioWorkletNode(this.#context, "recorder");
    recorder.port.onmessage = ({ data }) => {
      this.#blocks.push(data);
      onSound(loudness(data), (this.#blocks.length * data.length) / this.#context.sampleRate);
    };
    // Nothing goes on to the speaker, but without a way there some browsers don't run the node.
    this.#context.createMediaStreamSource(this.#stream).connect(recorder);
    recorder.connect(this.#context.destination);
  }
}

function joined(blocks) {
  const whole = new Float32Array(blocks.reduce((length, block) => length + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.length;
  }
  return whole;
}

async function resampled(samples, rate) {
  if (samples.length === 0) return samples;
  const length = Math.ceil((samples.length * RATE_HZ) / rate);
  const context = new OfflineAudioContext(1, length, RATE_HZ);
  const buffer = context.createBuffer(1, samples.length, rate);
  buffer.copyToChannel(samples, 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  source.start();
  return (await context.startRendering()).getChannelData(0);
}

/** Quiet speech lies around -40 dB, loud speech around -10 dB. */
function loudness(block) {
  const power = block.reduce((sum, sample) => sum + sample * sample, 0) / block.length;
  return Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-9) + 55) / 45));
}

function explained(error) {
  if (error.name === "NotAllowedError") {
    return new ApiError({ code: "denied", message: t("talk.denied"), hint: t("talk.denied.hint") });
  }
  if (error.name === "NotFoundError") {
    return new ApiError({
      code: "missing",
      message: t("talk.missing"),
      hint: t("talk.missing.hint"),
    });
  }
  const message = t("talk.failed", { reason: error.message });
  return new ApiError({ code: "microphone", message, hint: t("talk.failed.hint") });
}
