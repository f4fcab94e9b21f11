// Runs on the sound thread of the browser: hands on what the microphone delivers.

class Recorder extends AudioWorkletProcessor {
  process([input]) {
    if (input.length > 0) this.port.postMessage(input[0].slice());
    return true;
  }
}

registerProcessor("recorder", Recorder);
