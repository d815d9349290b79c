export type G711Law = 'PCMA' | 'PCMU';

const ULAW_BIAS = 0x84;

/** ITU-T G.711 from 16-bit linear samples. */
export function encodeG711(law: G711Law, samples: Int16Array): Uint8Array {
  const encode = law === 'PCMU' ? toUlaw : toAlaw;
  return Uint8Array.from(samples, encode);
}

export function decodeG711(law: G711Law, bytes: Uint8Array): Int16Array {
  const decode = law === 'PCMU' ? fromUlaw : fromAlaw;
  return Int16Array.from(bytes, decode);
}

function toUlaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), 32_635) + ULAW_BIAS;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

function fromUlaw(byte: number): number {
  const value = ~byte & 0xff;
  const magnitude = (((value & 0x0f) << 3) + ULAW_BIAS) << ((value >> 4) & 7);
  return (value & 0x80) === 0 ? magnitude - ULAW_BIAS : ULAW_BIAS - magnitude;
}

function toAlaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = (sample < 0 ? -sample - 1 : sample) >> 4;
  if (magnitude < 16) return (sign | magnitude) ^ 0x55;
  const exponent = Math.floor(Math.log2(magnitude)) - 3;
  return (sign | (exponent << 4) | ((magnitude >> (exponent - 1)) & 0x0f)) ^ 0x55;
}

function fromAlaw(byte: number): number {
  const value = byte ^ 0x55;
  const exponent = (value >> 4) & 7;
  const mantissa = value & 0x0f;
  const magnitude =
    exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
  return (value & 0x80) === 0 ? -magnitude : magnitude;
}
