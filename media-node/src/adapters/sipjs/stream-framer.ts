import { type Frame, frameOfStream } from './frame.ts';

export interface FramerEvents {
  readonly onFrame: (frame: Frame) => void;
  /** Double CRLF: the peer wants a CRLF back (RFC 5626 §4.4.1). */
  readonly onPing: () => void;
  readonly onPong: () => void;
}

const CRLF = '\r\n';

/** Cuts a stream into messages and keep-alives. */
export class StreamFramer {
  readonly #events: FramerEvents;
  #rest: Buffer = Buffer.alloc(0);

  constructor(events: FramerEvents) {
    this.#events = events;
  }

  /** What has not been understood yet. */
  get rest(): Buffer {
    return this.#rest;
  }

  /** False: the stream makes no sense any more and the connection is to be closed. */
  push(chunk: Buffer): boolean {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      this.#takeKeepAlives();
      if (this.#rest.length === 0) return true;
      const frame = frameOfStream(this.#rest);
      if (typeof frame === 'string') return frame === 'incomplete';
      this.#rest = this.#rest.subarray(frame.sizeBytes);
      this.#events.onFrame(frame);
    }
  }

  #takeKeepAlives(): void {
    while (this.#starts(CRLF)) {
      const isPing = this.#starts(CRLF + CRLF);
      this.#rest = this.#rest.subarray(isPing ? 4 : 2);
      if (isPing) this.#events.onPing();
      else this.#events.onPong();
    }
  }

  #starts(text: string): boolean {
    return this.#rest.subarray(0, text.length).toString('latin1') === text;
  }
}
