import type { Fingerprints } from '../../core/sdp/fingerprint.ts';
import type { ConnectedRemote } from './worker-protocol.ts';

/* What is JSON in an order, as the addon wants it, and the other way round. */

const NO_PAYLOAD_TYPE = 255;

export const bytes = (base64: string): Uint8Array => Buffer.from(base64, 'base64');

export const base64 = (packet: Uint8Array): string => Buffer.from(packet).toString('base64');

export function table(pairs: readonly (readonly [number, number])[]): Uint8Array {
  const payloadTypes = new Uint8Array(128).fill(NO_PAYLOAD_TYPE);
  for (const [from, to] of pairs) payloadTypes[from & 0x7f] = to & 0x7f;
  return payloadTypes;
}

/** The names of certificates, as one text. */
export const namesOf = ({ algorithm, values }: Fingerprints) => ({
  algorithm,
  fingerprints: values.join(' '),
});

export const remoteOf = ({ rtp, rtcp, learnsSource, srtp, dtls }: ConnectedRemote) =>
  [
    ...([rtp, rtcp, learnsSource, srtp?.profile ?? 0] as const),
    bytes(srtp?.local ?? ''),
    bytes(srtp?.remote ?? ''),
    dtls,
  ] as const;
