const ORIGIN = /^o=(\S+) (\d+) (\d+) (.*)$/m;
const INCIDENTAL = /^(?:o=|a=(?:curr|des|conf):).*(?:\r?\n|$)/gm;

/**
 * Our descriptions in one dialog: whoever wrote them, they are one session with one version more
 * for each that says something new (RFC 3264 §8).
 */
export class OwnSdp {
  #origin: { readonly before: string; readonly after: string } | undefined;
  #version = 0n;
  #last: string | undefined;

  get last(): string | undefined {
    return this.#last;
  }

  write(sdp: string): string {
    const [line, user = '-', id = '0', version = '0', rest = ''] = ORIGIN.exec(sdp) ?? [];
    if (line === undefined) return this.#keep(sdp);
    if (!this.#origin) {
      this.#origin = { before: `o=${user} ${id}`, after: rest };
      this.#version = BigInt(version);
      return this.#keep(sdp);
    }
    if (this.#written(sdp) !== this.#last) this.#version += 1n;
    return this.#keep(this.#written(sdp));
  }

  #written(sdp: string): string {
    const { before, after } = this.#origin ?? { before: '', after: '' };
    return sdp.replace(ORIGIN, `${before} ${String(this.#version)} ${after}`);
  }

  #keep(sdp: string): string {
    this.#last = sdp;
    return sdp;
  }
}

/** Whether two descriptions differ in nothing that media would notice. */
export const isSameMedia = (one: string, other: string): boolean =>
  one.replace(INCIDENTAL, '') === other.replace(INCIDENTAL, '');
