export interface Frame {
  readonly head: string;
  readonly body: Uint8Array;
}

export type FramerOutcome =
  | { readonly kind: 'frames'; readonly frames: readonly Frame[]; readonly pings: number }
  /** The stream cannot be read any further; the connection is to be closed. */
  | { readonly kind: 'broken' };

const MAX_HEAD_BYTES = 65_536;
const MAX_BODY_BYTES = 262_144;

/** Cuts a stream into messages by Content-Length (RFC 3261 §18.3). */
export function createTcpFramer(): (chunk: Uint8Array) => FramerOutcome {
  let pending = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    const frames: Frame[] = [];
    let pings = 0;
    for (;;) {
      const skipped = leadingBlank(pending);
      // A double CRLF between messages is a keep-alive to be answered (RFC 5626 §4.4.1).
      if (skipped >= 4) pings += 1;
      pending = pending.subarray(skipped);
      const next = nextFrame(pending);
      if (next === 'broken') return { kind: 'broken' };
      if (next === undefined) return { kind: 'frames', frames, pings };
      frames.push(next.frame);
      pending = pending.subarray(next.length);
    }
  };
}

function leadingBlank(buffer: Buffer): number {
  let at = 0;
  while (buffer[at] === 13 || buffer[at] === 10) at += 1;
  return at;
}

function nextFrame(
  buffer: Buffer,
): { readonly frame: Frame; readonly length: number } | 'broken' | undefined {
  const headLength = buffer.indexOf('\r\n\r\n');
  if (headLength < 0) return buffer.length > MAX_HEAD_BYTES ? 'broken' : undefined;
  const head = buffer.toString('utf8', 0, headLength);
  const claimed = /^(?:content-length|l)[ \t]*:[ \t]*(\d{1,8})[ \t]*$/im.exec(head)?.[1];
  const bodyLength = Number(claimed ?? Number.NaN);
  if (headLength > MAX_HEAD_BYTES || !(bodyLength <= MAX_BODY_BYTES)) return 'broken';
  const length = headLength + 4 + bodyLength;
  if (buffer.length < length) return undefined;
  return { frame: { head, body: Buffer.from(buffer.subarray(headLength + 4, length)) }, length };
}
