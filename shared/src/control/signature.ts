/** Header names of the signed control channel (docs/adr: pinned certificate and HMAC). */
export const SIGNATURE_HEADERS = {
  time: 'x-isthmus-time',
  nonce: 'x-isthmus-nonce',
  signature: 'x-isthmus-signature',
} as const;

/** A request older or newer than this is refused; nonces are remembered as long. */
export const SIGNATURE_WINDOW_MS = 10_000;

export const COMMANDS_PATH = '/commands';

/** What the HMAC-SHA-256 of a request covers; `bodySha256` is lower-case hex. */
export const signedText = (parts: {
  readonly method: string;
  readonly path: string;
  readonly timeMs: number;
  readonly nonce: string;
  readonly bodySha256: string;
}): string =>
  [parts.method, parts.path, String(parts.timeMs), parts.nonce, parts.bodySha256].join('\n');
