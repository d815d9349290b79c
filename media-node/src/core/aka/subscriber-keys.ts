import type { SubscriberKeys } from './milenage.ts';

const KEYS = /^([0-9a-f]{32}):([0-9a-f]{32})$/i;

/** K and OPc in hex, a colon between them: how they are sealed. Undefined for anything else. */
export function parseSubscriberKeys(text: string): SubscriberKeys | undefined {
  const [, k, opc] = KEYS.exec(text) ?? [];
  return k === undefined || opc === undefined ? undefined : { k: bytesOf(k), opc: bytesOf(opc) };
}

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
