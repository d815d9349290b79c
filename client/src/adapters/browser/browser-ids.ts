import type { Ids } from '../../ports/ids.ts';

/** `randomUUID` exists in secure contexts only; a page on a LAN address has none. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const browserIds: Ids = { next: randomId, fraction: () => Math.random() };
