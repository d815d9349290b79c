const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const SIX_BITS = 6;
const EIGHT_BITS = 8;

/** RFC 4648 §4; undefined where the text is none. The core has no platform to ask. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!BASE64.test(text)) return undefined;
  const bits = text
    .replace(/=+$/, '')
    .replace(/./g, (it) => ALPHABET.indexOf(it).toString(2).padStart(SIX_BITS, '0'));
  return Uint8Array.from({ length: Math.floor(bits.length / EIGHT_BITS) }, (_, at) =>
    Number.parseInt(bits.slice(at * EIGHT_BITS, (at + 1) * EIGHT_BITS), 2),
  );
}

export function toBase64(bytes: Uint8Array): string {
  const bits = [...bytes].map((it) => it.toString(2).padStart(EIGHT_BITS, '0')).join('');
  const sextets = bits.match(/.{1,6}/g) ?? [];
  const text = sextets
    .map((it) => ALPHABET.charAt(Number.parseInt(it.padEnd(SIX_BITS, '0'), 2)))
    .join('');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}
