// WAV files: one channel, 16 bits a sample.

const HEADER_BYTES = 44;

/** A WAV file of samples from -1 to 1. */
export function wav(samples, rateHz) {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + samples.length * 2));
  const dataBytes = samples.length * 2;
  text(view, 0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  text(view, 8, "WAVEfmt ");
  view.setUint32(16, 16, true); // bytes of the format that follows
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * 2, true); // bytes a second
  view.setUint16(32, 2, true); // bytes a sample of all channels
  view.setUint16(34, 16, true); // bits a sample
  text(view, 36, "data");
  view.setUint32(40, dataBytes, true);
  samples.forEach((sample, index) => {
    const value = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
    view.setInt16(HEADER_BYTES + index * 2, value, true);
  });
  return new Blob([view], { type: "audio/wav" });
}

function text(view, at, letters) {
  [...letters].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
}
