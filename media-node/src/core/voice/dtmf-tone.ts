/** Rows and columns of ITU-T Q.23 in Hz, by event 0 to 15 (RFC 4733 §3.2). */
const ROWS = [941, 697, 697, 697, 770, 770, 770, 852, 852, 852, 941, 941, 697, 770, 852, 941];
const COLUMNS = [
  1336, 1209, 1336, 1477, 1209, 1336, 1477, 1209, 1336, 1477, 1209, 1477, 1633, 1633, 1633, 1633,
];
/** Each of the two, in samples: −12 dB under overload, between what a telephone sends and clipping. */
const AMPLITUDE = 8200;

/** The tone of a key, for a side that has no telephone-events. */
export class DtmfTone {
  readonly #rateHz: number;
  #at = 0;

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
  }

  /** False: an event that has no tone. Goes on where the last call stopped. */
  fill(pcm: Int16Array, event: number): boolean {
    const [row, column] = [ROWS[event], COLUMNS[event]];
    if (row === undefined || column === undefined) return false;
    const turn = (2 * Math.PI) / this.#rateHz;
    for (let index = 0; index < pcm.length; index += 1) {
      const at = (this.#at + index) * turn;
      pcm[index] = AMPLITUDE * (Math.sin(row * at) + Math.sin(column * at));
    }
    this.#at = (this.#at + pcm.length) % this.#rateHz;
    return true;
  }
}
