import { fromBase64, toBase64 } from '../base64.ts';
import { BLOCK_BYTES, type EncryptBlock, Milenage, type SubscriberKeys, xor } from './milenage.ts';
import { accepted, bytesOfSqn, highestOf, type Sequence, sqnOf } from './sequence.ts';

export type AkaOutcome =
  /** The network is ours and the challenge fresh: answer with RES. */
  | { readonly kind: 'fresh'; readonly res: Uint8Array; readonly sequence: Sequence }
  /** The network is ours and its count behind: answer with AUTS, base64 (RFC 3310 §3.4). */
  | { readonly kind: 'resync'; readonly auts: string }
  /** Not of our network, or no AKA challenge at all (3GPP TS 33.102 §6.3.3). */
  | { readonly kind: 'forged' };

const AUTN_AT = BLOCK_BYTES;
const AMF_AT = AUTN_AT + 6;
const MAC_AT = AMF_AT + 2;
const CHALLENGE_BYTES = MAC_AT + 8;

/** A resynchronisation says zero (3GPP TS 33.102 §6.3.3). */
const RESYNC_AMF = new Uint8Array(2);

export interface Subscriber {
  readonly keys: SubscriberKeys;
  readonly sequence: Sequence;
}

/** Takes the nonce of a challenge, base64 of RAND and AUTN and perhaps more (RFC 3310 §3.2). */
export function takeAkaChallenge(
  nonce: string,
  { keys, sequence }: Subscriber,
  encrypt: EncryptBlock,
): AkaOutcome {
  const bytes = fromBase64(nonce);
  if (!bytes || bytes.length < CHALLENGE_BYTES) return { kind: 'forged' };
  const milenage = new Milenage(keys, bytes.slice(0, AUTN_AT), encrypt);
  const sqn = xor(bytes.slice(AUTN_AT, AMF_AT), milenage.anonymityKey);
  const mac = bytes.slice(MAC_AT, CHALLENGE_BYTES);
  if (!isSame(milenage.macA(sqn, bytes.slice(AMF_AT, MAC_AT)), mac)) return { kind: 'forged' };
  const after = accepted(sequence, sqnOf(sqn));
  if (after) return { kind: 'fresh', res: milenage.res, sequence: after };
  return { kind: 'resync', auts: toBase64(autsOf(milenage, bytesOfSqn(highestOf(sequence)))) };
}

const autsOf = (milenage: Milenage, sqn: Uint8Array): Uint8Array =>
  new Uint8Array([...xor(sqn, milenage.resyncAnonymityKey), ...milenage.macS(sqn, RESYNC_AMF)]);

/** Looks at all bytes, wherever they differ. */
const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && xor(a, b).reduce((differing, byte) => differing | byte, 0) === 0;
