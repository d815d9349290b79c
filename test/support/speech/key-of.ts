const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477, 1633];
const KEYS = ['123A', '456B', '789C', '*0#D'];
/** Of all that sounds; speech and noise spread theirs over many more frequencies. */
const SHARE = 0.35;

/** The power at one frequency as a share of the whole (Goertzel). */
function shareAt(pcm: Int16Array, hz: number, rateHz: number): number {
  const turn = (2 * Math.PI * hz) / rateHz;
  let [re, im, whole] = [0, 0, 1];
  pcm.forEach((sample, at) => {
    re += sample * Math.cos(turn * at);
    im += sample * Math.sin(turn * at);
    whole += sample * sample;
  });
  return (2 * (re * re + im * im)) / (whole * pcm.length);
}

function strongest(pcm: Int16Array, tones: readonly number[], rateHz: number): number {
  const shares = tones.map((hz) => shareAt(pcm, hz, rateHz));
  const at = shares.indexOf(Math.max(...shares));
  return (shares[at] ?? 0) > SHARE ? at : -1;
}

/** The key whose tone (ITU-T Q.23) these 20 ms are; `undefined` for any other sound. */
export function keyOf(pcm: Int16Array, rateHz = 8000): string | undefined {
  return KEYS[strongest(pcm, ROWS, rateHz)]?.[strongest(pcm, COLUMNS, rateHz)];
}
