// Plays clause after clause without a gap, and stops at once.

const LEAD_S = 0.03;

/** One answer's sound. Make it while a key or button is pressed: browsers ask for that. */
export class Player {
  #context = new AudioContext();
  #ready = this.#context.resume();
  #endsAt = 0;
  #sources = new Set();
  #queue = Promise.resolve();
  #stopped = false;
  #tellStopped;
  #whenStopped = new Promise((resolve) => {
    this.#tellStopped = resolve;
  });

  /** Play a WAV file, given in base64, after what was given before. */
  play(base64) {
    this.#queue = this.#queue.then(() => this.#schedule(base64));
  }

  /** Resolves when everything that was given has sounded, or `stop` was called. */
  async drained() {
    const sounded = this.#queue.then(() =>
      Promise.all([...this.#sources].map(({ ended }) => ended)),
    );
    await Promise.race([sounded, this.#whenStopped]);
    await this.#close();
  }

  /** Silence now. */
  async stop() {
    this.#stopped = true;
    this.#tellStopped();
    for (const { node } of this.#sources) node.stop();
    await this.#close();
  }

  async #schedule(base64) {
    await this.#ready;
    const buffer = this.#stopped ? null : await this.#context.decodeAudioData(bytes(base64));
    if (this.#stopped) return;
    const node = new AudioBufferSourceNode(this.#context, { buffer });
    const source = {
      node,
      ended: new Promise((resolve) => node.addEventListener("ended", resolve)),
    };
    this.#sources.add(source);
    source.ended.then(() => this.#sources.delete(source));
    node.connect(this.#context.destination);
    const startsAt = Math.max(this.#endsAt, this.#context.currentTime + LEAD_S);
    node.start(startsAt);
    this.#endsAt = startsAt + buffer.duration;
  }

  async #close() {
    if (this.#context.state !== "closed") await this.#context.close();
  }
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
}
