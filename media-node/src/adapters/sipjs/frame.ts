export interface Frame {
  /** Start line and headers, without the empty line. */
  readonly head: string;
  readonly body: string;
  readonly sizeBytes: number;
}

/** Neither our SDP nor anyone's comes near it. */
const MAX_BYTES = 65_536;
const CONTENT_LENGTH = /\r\n(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*)/gi;

/** The first message in a stream (RFC 3261 §18.3): without Content-Length it has no body. */
export function frameOfStream(bytes: Buffer): Frame | 'incomplete' | 'malformed' {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return bytes.length > MAX_BYTES ? 'malformed' : 'incomplete';
  const lengths = declaredLengths(bytes.toString('latin1', 0, headEnd));
  const bodyBytes = lengths[0] ?? 0;
  if (lengths.length > 1 || !isBodyLength(bodyBytes)) return 'malformed';
  const sizeBytes = headEnd + 4 + bodyBytes;
  return bytes.length < sizeBytes ? 'incomplete' : cut(bytes, headEnd, sizeBytes);
}

/** A datagram: what follows the declared body is dropped, and a body cut short spoils it. */
export function frameOfDatagram(bytes: Buffer): Frame | 'malformed' {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return 'malformed';
  const lengths = declaredLengths(bytes.toString('latin1', 0, headEnd));
  const bodyBytes = lengths[0] ?? bytes.length - headEnd - 4;
  if (lengths.length > 1 || !isBodyLength(bodyBytes)) return 'malformed';
  const sizeBytes = headEnd + 4 + bodyBytes;
  return bytes.length < sizeBytes ? 'malformed' : cut(bytes, headEnd, sizeBytes);
}

/** Of bytes that make no message: enough to say so to whoever sent them. */
export function headOf(bytes: Buffer): string | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  return headEnd < 0 || headEnd > MAX_BYTES ? undefined : bytes.toString('utf8', 0, headEnd);
}

const declaredLengths = (head: string): readonly number[] =>
  [...head.matchAll(CONTENT_LENGTH)].map(([, digits = '']) =>
    /^\d{1,6}$/.test(digits.trim()) ? Number(digits) : Number.NaN,
  );

const isBodyLength = (bytes: number): boolean => bytes >= 0 && bytes <= MAX_BYTES;

const cut = (bytes: Buffer, headEnd: number, sizeBytes: number): Frame => ({
  head: bytes.toString('utf8', 0, headEnd),
  body: bytes.toString('utf8', headEnd + 4, sizeBytes),
  sizeBytes,
});
